"""Rules about the project's own render settings and its sample rate."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, NamedTuple

from stemkit.rules.registry import Problem, Unknown, rule
from stemkit.rules.session_context import PROJECT, RENDER, counted, listed
from stemkit.rules.session_master import prints_master
from stemkit.session.own_render import sink_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from stemkit.model.session import RenderSettings, Session
    from stemkit.rules.session_context import SessionContext

__all__ = ["rates_of_media"]

# RENDER_NORMALIZE bits (reaper-facts.md 1.2). Bit 262144 switches all post-processing off.
_NORMALISE, _BRICKWALL, _FADES, _TRIMS, _PADS, _POST_OFF = 1, 64, 512 | 1024, 16384 | 32768, 65536 | 131072, 262144
_SKIP_SILENT = 2  # RENDER_ADDTOPROJ
_DITHER_STEMS, _DITHER_OFF = 4 | 8, 16
_SELECTED_PARTS = {
    3: "all regions",
    4: "selected items",
    5: "selected regions",
    6: "all markers",
    7: "selected markers",
}


class _Hazard(NamedTuple):
    message: str
    applies: Callable[[RenderSettings], bool]


def _post(settings: RenderSettings, bits: int) -> bool:
    return bool(settings.normalize & bits) and not settings.normalize & _POST_OFF


_HAZARDS = (
    _Hazard("Normalisation is on: every file gets a gain of its own.", lambda s: _post(s, _NORMALISE)),
    _Hazard("The render limiter (brickwall) is on.", lambda s: _post(s, _BRICKWALL)),
    _Hazard("Fades are rendered into the start or end of every file.", lambda s: _post(s, _FADES)),
    _Hazard("Silence is trimmed away, so the files no longer start together.", lambda s: _post(s, _TRIMS)),
    _Hazard("Silence is padded on, so bar 1 no longer lies where the project has it.", lambda s: _post(s, _PADS)),
    _Hazard("Files that are likely silent are skipped.", lambda s: bool(s.add_to_project & _SKIP_SILENT)),
    _Hazard(
        "Stems are dithered, which only 16 bits need.",
        lambda s: bool(s.dither & _DITHER_STEMS) and not s.dither & _DITHER_OFF and _wav_depth(s.format) != 16,
    ),
    _Hazard("A second format is written beside the first.", lambda s: bool(s.format_secondary)),
)


def _wav_depth(text: str) -> int | None:
    sink = sink_of(text)
    return None if sink is None else sink.wav_depth


def _format_problem(text: str) -> str | None:
    """Say what is wrong with a render format; None where nothing is, or where it is not known."""
    sink = sink_of(text)
    if sink is None:
        return None
    if sink.lossy:
        return f"The render format is {sink.lossy}, which loses quality."
    if sink.wav_depth in (8, 16):
        return f"The render format is WAV with {sink.wav_depth} bits."
    return None if sink.name == "WAV" else f"The render format is {sink.name} and not WAV."


def _bounds_problem(session: Session) -> str | None:
    flag = session.render.bounds_flag
    if flag == 2:
        chosen = session.time_selection
        span = (
            f" ({chosen[0]:.2f} s to {chosen[1]:.2f} s)" if chosen and chosen[1] > chosen[0] else ", and there is none"
        )
        return f"Only the time selection is rendered{span}."
    if flag in _SELECTED_PARTS:
        return f"The bounds are {_SELECTED_PARTS[flag]}, not the whole song."
    if flag == 0:
        return f"The bounds are set by hand: {session.render.start_s:.2f} s to {session.render.end_s:.2f} s."
    return None


@rule("SK103", "render-settings-hazard", severity="warning", scope="session", guide="G2")
def render_settings_hazard(session: Session, context: SessionContext) -> Iterator[Problem]:
    """Nothing in the project's own render settings would spoil a delivery.

    Why: REAPER remembers the last render. Normalising, trimming, fading or skipping silent files, a lossy format
    or the bounds of yesterday's loop ruin stems without any sign of it on screen.

    Fix in REAPER: File > Render: Source "Stems (selected tracks)", Bounds "Entire project", Format WAV 24 bit;
    untick "Normalize/Limit/Fade", trim and pad; untick "Do not render files that are likely silent".

    Fix in any DAW: Export the whole song from bar 1 as 24-bit WAV, with normalise, dither and trim off.

    Source: Guide G2; RENDER_* values after reaper-facts.md 1.1, 1.2 and 2.3.
    """
    settings = session.render
    messages = [hazard.message for hazard in _HAZARDS if hazard.applies(settings)]
    messages += [text for text in (_bounds_problem(session), _format_problem(settings.format)) if text]
    if settings.settings & (64 | 128):
        messages.append("The render source runs through the master.")
    elif context.as_is and prints_master(session):
        messages.append("The render source is the master mix: one file, and no stems.")
    handled = None if context.planned is None else "stemkit sets every render setting itself and puts yours back"
    for message in messages:
        yield Problem(subject=RENDER, message=message, handled=handled)


def rates_of_media(session: Session, context: SessionContext) -> Counter[int]:
    """Count the media files of the project by sample rate; files that could not be read do not count."""
    paths = {
        take.source.media.resolved_path
        for track in session.tracks
        for item in track.items
        for take in item.takes
        if take.source is not None and take.source.media.resolved_path
    }
    known = (context.media.get(path) for path in paths)
    return Counter(info.sample_rate for info in known if info is not None)


@rule("SK104", "project-rate", severity="warning", scope="session", guide="G2")
def project_rate(session: Session, context: SessionContext) -> Iterator[Problem | Unknown]:
    """One sample rate is set in the project, and it is the one that is asked for.

    Why: Without one, REAPER renders at whatever rate the audio device happens to have. Media at other rates is
    resampled, which is harmless once but worth knowing; the wrong rate for the target is resampled once more.

    Fix in REAPER: File > Project Settings > Project sample rate: tick it and choose the rate of your recordings.

    Fix in any DAW: Set the project's rate to that of the recordings before exporting: 44.1 kHz for music, 48 kHz
    for video.

    Source: Guide G2; SAMPLERATE after reaper-facts.md 5.1 and rpp-findings.md (449 of 654 projects force none).
    """
    plan = context.planned
    rate = plan.sample_rate if plan is not None else session.sample_rate
    if not session.sample_rate_forced:
        yield Problem(
            subject=PROJECT,
            message="The project forces no sample rate: REAPER takes the audio device's.",
            expected="a rate in the project settings",
            severity="note",
            handled=None if plan is None else f"rendered at {plan.sample_rate} Hz: {plan.sample_rate_reason}",
        )
    if rate is None:
        yield Unknown(subject=PROJECT, reason="the project names no sample rate")
        return
    yield from _wrong_rates(rate, context)
    others = {other: count for other, count in rates_of_media(session, context).items() if other != rate}
    if others:
        told = listed(f"{count} at {other} Hz" for other, count in sorted(others.items()))
        yield Problem(
            subject=PROJECT,
            message=f"{counted(sum(others.values()), 'media file')} not at {rate} Hz, so resampled: {told}.",
            measured=sum(others.values()),
            severity="note",
        )


def _wrong_rates(rate: int, context: SessionContext) -> Iterator[Problem]:
    wanted = context.profile.format.sample_rate
    if isinstance(wanted, tuple) and rate not in wanted:
        rates = " or ".join(map(str, wanted))
        yield Problem(
            subject=PROJECT,
            message=f"The sample rate is {rate} Hz, but the profile {context.profile.id} asks for {rates} Hz.",
            measured=rate,
            expected=rates,
            unit="Hz",
        )
    target = context.target_rate
    if target is not None and target.rate_hz != rate:
        yield Problem(
            subject=PROJECT,
            message=f"The sample rate is {rate} Hz, but {target.target} asks for {target.rate_hz} Hz.",
            measured=rate,
            expected=str(target.rate_hz),
            unit="Hz",
        )
