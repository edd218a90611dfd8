"""The proof as text: the verdict, what it rests on, and the table of stems."""

from __future__ import annotations

from typing import TYPE_CHECKING

from stemkit.report.layout import Column, clock, paragraph, printable, table

if TYPE_CHECKING:
    from stemkit.model.audio import Accusation, StemShare, SumFacts

__all__ = ["proof_lines"]

_COLUMNS = (
    Column(title="stem", stretch=True),
    Column(title="gain", right=True),
    Column(title="lag", right=True),
    Column(title="share", right=True),
    Column(title="sure", right=True, from_width=60),
    Column(title="fault"),
)
_LEGEND = (
    "How each stem fits the mix: the gain it needs, how many samples late it lies (lag), its share of the energy, and "
    "how sure this is."
)
_FAULTS = {
    "gain": "level",
    "other_take": "another take",
    "tail_cut": "tail cut",
    "channel_missing": "one side missing",
    "channels_swapped": "sides swapped",
    "processed": "processed",
    "extra": "not in the mix",
}


def proof_lines(facts: SumFacts, width: int) -> list[str]:
    """Return the proof as lines of text.

    Parameters
    ----------
    facts
        What the proof found.
    width
        Columns of the page.

    Returns
    -------
    list of str
        The verdict, the conditions it was found under, and a table: what gain each stem needs, how late it lies,
        its share of the mix's energy, and how sure these figures are.
    """
    lines = [paragraph(printable(f"Sum of the stems: {facts.verdict or facts.cannot_tell or 'unknown'}."), width)]
    lines += [paragraph(printable(text), width, indent="  ") for text in _conditions(facts)]
    if facts.shares and not facts.adds_up:
        rows = [_row(share, _fault(share, facts.accusations)) for share in facts.shares]
        lines += ["", *paragraph(_LEGEND, width, indent="  ").splitlines()]
        lines += ["  " + line for line in table(_COLUMNS, rows, width - 2)]
    return lines


def _conditions(facts: SumFacts) -> list[str]:
    texts = []
    if facts.null_db is not None:
        floor = facts.bit_depth_floor_db
        explained = f"; bit depth alone explains {_decibels(floor)}" if floor is not None else ""
        texts.append(f"Null against {facts.reference}: {_decibels(facts.null_db)}{explained}.")
    moved = [f"{facts.offset_samples:+.10g} samples"] if facts.offset_samples else []
    moved += [f"{facts.gain_db:+.2f} dB"] if facts.gain_db and abs(facts.gain_db) >= 0.005 else []
    moved += ["polarity inverted"] if facts.inverted else []
    if moved:
        texts.append(f"The mix lies against the sum by {', '.join(moved)}; the figures are without that.")
    texts += [f"{a.detail}." for a in facts.accusations[1:]]
    texts += [
        f"Missing from {clock(m.start_s)} to {clock(m.end_s)}: {m.low_hz:.0f} to {m.high_hz:.0f} Hz, "
        f"{_decibels(m.level_db)} against the mix there."
        for m in facts.missing[:5]
    ]
    if facts.bus and facts.accusations:
        texts.append(f"Beside that, the mix bus does something: {', '.join(facts.bus)}.")
    if facts.unrepeatable:
        texts.append(f"Differs by something that does not repeat: {', '.join(facts.unrepeatable)}.")
    return [*texts, *(f"{note}." for note in facts.notes)]


def _decibels(value: float) -> str:
    return f"{value:.1f} dB".replace("-", "−")


def _fault(share: StemShare, accusations: tuple[Accusation, ...]) -> str:
    for accusation in accusations:
        if share.path == accusation.path:
            return _FAULTS.get(accusation.fault, accusation.fault)
        if share.path == accusation.twin and accusation.fault != "doubled":
            return f"or this one ({_FAULTS.get(accusation.fault, accusation.fault)})"
    return f"like {share.twin}" if share.twin else ""


def _row(share: StemShare, fault: str) -> list[str]:
    gain = "–" if share.gain_db is None else f"{round(share.gain_db, 1) + 0.0:+.1f} dB".replace("-", "−")
    if share.inverted:
        gain = f"inverted {gain}"
    lag = "–" if share.lag_samples is None else f"{share.lag_samples:.10g}" if share.lag_samples else "0"
    part = "–" if share.energy_share is None else f"{100 * share.energy_share:.1f} %"
    sure = "–" if share.confidence is None else f"{100 * share.confidence:.0f} %"
    return [printable(share.path), gain, lag.replace("-", "−"), part, sure, printable(fault)]
