"""Rules that rest on the proof (SK801 to SK805, SK807): the stems add up to the mix, or one is named."""

# ruff: noqa: D401  (a rule's first line says what holds)

from __future__ import annotations

from typing import TYPE_CHECKING

from stemkit.model.report import Fix, Where
from stemkit.rules.contexts import SET_SUBJECT, of_role, variant_of
from stemkit.rules.registry import Problem, Unknown, rule
from stemkit.rules.shared import RERENDER, clock, listed

if TYPE_CHECKING:
    from collections.abc import Iterable

    from stemkit.model.audio import Accusation, FileFacts, SumFacts
    from stemkit.rules.contexts import CheckContext
    from stemkit.rules.shared import Results

MOVED = ("late", "early")
_GLANCE = ("sample_rate", "frames", "sample_peak_frame", "rms_dbfs", "integrated_lufs", "true_peak_dbtp")
_AGAIN = Fix(kind="render", summary=f"{RERENDER}, this stem alone, with the same range and settings", safe=False)


def proof_unknown(context: CheckContext) -> Unknown | None:
    """Say why the proof knows nothing, or None where it does."""
    if context.sum is None:
        return Unknown(subject=SET_SUBJECT, reason=context.sum_unknown)
    if context.sum.cannot_tell is not None:
        return Unknown(subject=SET_SUBJECT, reason=context.sum.cannot_tell)
    return None


def same_figures(files: Iterable[FileFacts]) -> tuple[tuple[str, ...], ...]:
    """Group the stems that sound and of which all that was measured is the same: copies, however they are named.

    A track without effects is the same in its dry and its wet version, so only stems of one variant are held together.
    """
    alike: dict[tuple[object, ...], list[FileFacts]] = {}
    for file in of_role(files, "stem"):
        if file.audio is None or file.audio.sample_peak_dbfs is None:
            continue
        glance = (variant_of(file), file.audio_sha256, *(getattr(file.audio, name) for name in _GLANCE))
        others = alike.setdefault(glance, [])
        if not others or others[0].audio == file.audio:
            others.append(file)
    return tuple(tuple(f.path for f in group) for group in alike.values() if len(group) > 1)


def accused(context: CheckContext, faults: Iterable[str]) -> list[Accusation]:
    """Return the accusations of these faults."""
    assert context.sum is not None
    wanted = set(faults)
    return [a for a in context.sum.accusations if a.fault in wanted]


def sentence(text: str) -> str:
    """Return a text with a full stop at its end."""
    return text if text.endswith(".") else f"{text}."


def _places(accusation: Accusation) -> tuple[Where, ...]:
    return tuple(Where(start_s=start, end_s=end) for start, end in accusation.where)


@rule("SK801", "sum-against-mix", severity="warning", scope="set")
def sum_against_mix(files: tuple[FileFacts, ...], context: CheckContext) -> Results:  # noqa: ARG001  (a set rule's shape)
    """The stems add up to the mix.

    Why: When the faders stand at zero, the engineer wants to hear the artist's mix. Whatever is missing, doubled or
    moved shows in the difference, and only there.

    Fix in REAPER: Render a mix with the master effects off and all stems in one go, with the same bounds and tail.

    Fix in any DAW: Export a mix without mix-bus processing beside the stems and check again.

    Source: measured: the sum taken from the mix (null test). Below -60 dB nothing is heard of the rest.
    """
    unknown = proof_unknown(context)
    if unknown is not None:
        yield unknown
        return
    facts = context.sum
    assert facts is not None
    limit_db = context.profile.sum.null_max_db
    good = facts.adds_up or facts.exact or (facts.null_db is not None and facts.null_db <= limit_db)
    if good and not facts.accusations and not facts.missing:
        return
    explained = bool(facts.accusations or facts.bus or facts.missing or facts.shared_dips)
    yield Problem(
        subject=SET_SUBJECT,
        message=_difference(facts),
        measured=facts.null_db,
        expected=f"at most {limit_db:g}",
        unit="dB",
        where=_worst(facts),
        severity="note" if explained else None,
    )


def _difference(facts: SumFacts) -> str:
    depth = f" ({facts.null_db:.1f} dB)" if facts.null_db is not None else ""
    text = f"The stems do not add up to {facts.reference}{depth}"
    if facts.accusations:
        return f"{text}: see {listed(dict.fromkeys(a.path for a in facts.accusations))}."
    if facts.missing:
        return f"{text}: it holds sound that no stem has."
    if facts.shared_dips:
        return f"{text}: {listed(facts.shared_dips)} dip in level at the same moments."
    if facts.bus:
        return f"{text}, which its mix bus explains."
    if facts.unrepeatable:
        return f"{text}: {listed(facts.unrepeatable)} differ by something that does not repeat."
    return f"{text}, and no single stem explains the difference."


def _worst(facts: SumFacts) -> tuple[Where, ...]:
    """Return the five seconds in which the residual is largest against the mix."""
    seconds = [(value, index) for index, value in enumerate(facts.per_second_db) if value is not None]
    worst = sorted(sorted(seconds, reverse=True)[:5], key=lambda pair: pair[1])
    return tuple(Where(start_s=float(index), end_s=index + 1.0) for _, index in worst)


@rule("SK802", "guilty-stem", severity="error", scope="set")
def guilty_stem(files: tuple[FileFacts, ...], context: CheckContext) -> Results:  # noqa: ARG001  (a set rule's shape)
    """No stem differs from what plays in the mix.

    Why: One stem that is inverted, too loud, one-sided, doubled or another take than the one in the mix spoils the
    sum, and in a session of fifty tracks it takes an afternoon to find.

    Fix in REAPER: Open the named track: phase button, item polarity, fader and trim, take, channel mode; render it
    again.

    Fix in any DAW: Look at the named track for what is said to be wrong and export it again.

    Source: measured: each fault is tried on each stem, and accepted where the residual falls and no other stem
    explains it as well.
    """
    unknown = proof_unknown(context)
    if unknown is not None:
        yield unknown
        return
    assert context.sum is not None
    elsewhere = {*MOVED, "drift"}
    for found in (a for a in context.sum.accusations if a.fault not in elsewhere):
        yield Problem(
            subject=found.path,
            message=sentence(found.detail),
            measured=found.gain_db if found.fault in {"gain", "inverted"} else found.fault,
            expected="0" if found.fault == "gain" else None,
            unit="dB" if found.fault in {"gain", "inverted"} else None,
            where=_places(found),
            fix=_AGAIN,
        )


@rule("SK803", "missing-content", severity="error", scope="set")
def missing_content(files: tuple[FileFacts, ...], context: CheckContext) -> Results:  # noqa: ARG001  (a set rule's shape)
    """Everything that plays in the mix plays in a stem.

    Why: A track that was forgotten, muted or routed past the export is noticed when the artist asks where it went.

    Fix in REAPER: Look for tracks without a stem that sound in the named places: returns, busses, hardware inputs,
    media items on the master.

    Fix in any DAW: Solo nothing, unmute everything that plays in the mix, and export the track that is missing.

    Source: measured: what is left of the mix when every stem is taken away, where no stem explains it.
    """
    unknown = proof_unknown(context)
    if unknown is not None:
        yield unknown
        return
    facts = context.sum
    assert facts is not None
    if not facts.missing:
        return
    low, high = min(m.low_hz for m in facts.missing), max(m.high_hz for m in facts.missing)
    first, last = facts.missing[0], facts.missing[-1]
    yield Problem(
        subject=SET_SUBJECT,
        message=f"The mix holds sound that no stem has, between {clock(first.start_s)} and {clock(last.end_s)}, "
        f"from {low:.0f} to {high:.0f} Hz.",
        measured=round(max(m.level_db for m in facts.missing), 1),
        unit="dB",
        where=tuple(Where(start_s=m.start_s, end_s=m.end_s) for m in facts.missing),
        severity="warning" if facts.bus else None,
    )


@rule("SK804", "duplicate-stems", severity="warning", scope="set")
def duplicate_stems(files: tuple[FileFacts, ...], context: CheckContext) -> Results:
    """No two stems hold the same audio.

    Why: The same sound under two names is usually an export by mistake; played together it is 6 dB too loud.

    Fix in REAPER: Compare the two tracks; render only one of them, or say in the brief why both are there.

    Fix in any DAW: Delete the copy, or say in the brief that it is meant (parallel processing).

    Source: measured: correlation of the samples, at any gain and polarity. Where no mix was there to compare with, only
    stems of which every figure is the same are told.
    """
    unknown = proof_unknown(context)
    alike = context.sum.duplicates if unknown is None and context.sum is not None else same_figures(files)
    if unknown is not None and not alike:
        yield unknown
    for paths in alike:
        message = f"These hold the same audio: {listed(paths)}."
        yield Problem(subject=paths[-1], message=message, expected="different audio")


@rule("SK805", "mix-bus-processing", severity="note", scope="set", guide="G1")
def mix_bus_processing(files: tuple[FileFacts, ...], context: CheckContext) -> Results:  # noqa: ARG001  (a set rule's shape)
    """The mix is the plain sum of the stems, without processing on the mix bus.

    Why: A rough mix with a limiter on it is welcome, as the artist's intention. It only cannot prove that the
    stems are whole as exactly as a mix without one.

    Fix in REAPER: Beside the rough mix, render one with the master's effects bypassed.

    Fix in any DAW: Beside the rough mix, export one with the mix bus empty.

    Source: guide G1 (master-bus processing off for stems); measured: one filter, moving gain or curve for all stems
    explains the difference.
    """
    unknown = proof_unknown(context)
    if unknown is not None:
        yield unknown
        return
    assert context.sum is not None
    if context.sum.bus:
        yield Problem(
            subject=SET_SUBJECT,
            message=f"The mix {context.sum.reference} differs from the sum as a whole: {listed(context.sum.bus)}.",
            measured=context.sum.null_db,
            unit="dB",
        )


@rule("SK807", "shared-gain-dips", severity="warning", scope="set", guide="G1")
def shared_gain_dips(files: tuple[FileFacts, ...], context: CheckContext) -> Results:  # noqa: ARG001  (a set rule's shape)
    """No two stems are turned down at the same moments by a processor that they share.

    Why: A bus compressor that was left on while the stems were rendered is baked into each of them. It pumps for a
    mix that no longer exists and cannot be taken out.

    Fix in REAPER: Bypass the compressor on the bus or master, and render the stems again.

    Fix in any DAW: Turn off what listens to the mix (bus compressor, sidechain from the mix), and export again.

    Source: guide G1 (no master-bus compression on stems); measured: the gain that each stem needs, moment by
    moment, moves together in several of them.
    """
    unknown = proof_unknown(context)
    if unknown is not None:
        yield unknown
        return
    assert context.sum is not None
    if context.sum.shared_dips is None:
        yield Unknown(
            subject=SET_SUBJECT,
            reason="beside another fault, the gain of each stem from moment to moment cannot be told",
        )
    elif context.sum.shared_dips:
        yield Problem(
            subject=SET_SUBJECT,
            message=f"{listed(context.sum.shared_dips)} dip in level at the same moments.",
            measured=float(len(context.sum.shared_dips)),
            expected="0",
            unit="stems",
            fix=Fix(kind="render", summary="render the stems again without the shared compressor", safe=False),
        )
