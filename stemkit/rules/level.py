"""Level rules (SK3): headroom, clipping, flattened tops, DC."""

# ruff: noqa: D401  (a rule's first line says what holds)

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from stemkit.model.report import Fix
from stemkit.rules.contexts import SET_SUBJECT, variant_of
from stemkit.rules.registry import Problem, Unknown, rule
from stemkit.rules.shared import LEVEL_TOLERANCE_DB, RERENDER, amount, at_frame, no_audio, places

if TYPE_CHECKING:
    from stemkit.model.audio import AudioFacts, FileFacts
    from stemkit.model.report import Where
    from stemkit.rules.contexts import CheckContext
    from stemkit.rules.profiles.schema import PeakLimits
    from stemkit.rules.shared import Results

# What is brought back into the window lands this far inside it, so that rounding cannot push it out again.
_INSIDE_DB = 0.1
# Drum samples and pulse waves often bring a little DC; this far above the line it costs headroom.
_MUCH_DC_DB = 10.0


@rule("SK301", "peak-above-window", severity="warning", scope="file", guide="G1", needs=("SK204",))
def peak_above_window(file: FileFacts, context: CheckContext) -> Results:
    """The peak does not lie above the profile's ceiling.

    Why: Without headroom the engineer's first move is to turn everything down, and any boost clips. What is too
    hot often went through a limiter that took its punch.

    Fix in REAPER: Lower the track's fader (or the item's volume where effects follow) and render again.

    Fix in any DAW: Lower the channel, not the master, and export again; or lower all stems by one amount, which
    keeps the balance.

    Source: guide G1 (-6 to -3 dBFS, sample peak). Others set a ceiling of -6, -3 or "no clipping".
    """
    ceiling = context.profile.peak.max_dbfs
    if file.audio is None:
        yield no_audio(file)
        return
    peak = file.audio.sample_peak_dbfs
    if ceiling is None or peak is None or peak <= ceiling + LEVEL_TOLERANCE_DB:
        return
    yield Problem(
        subject=file.path,
        message=f"The peak is {peak:.2f} dBFS, {peak - ceiling:.2f} dB above the ceiling.",
        measured=round(peak, 2),
        expected=_window(context.profile.peak),
        unit="dBFS",
        where=_peak_place(file.audio),
        fix=Fix(kind="gain", summary=f"lower by {peak - ceiling + _INSIDE_DB:.1f} dB", safe=False),
    )


@rule("SK302", "peak-below-window", severity="note", scope="file", guide="G1", needs=("SK204", "SK501"))
def peak_below_window(file: FileFacts, context: CheckContext) -> Results:
    """The peak does not lie below the profile's floor.

    Why: A quiet stem costs nothing at 24 bits or float, and a quiet shaker is normal. The floor only saves the
    engineer from raising faders; raising one stem alone changes the balance that the rough mix shows.

    Fix in REAPER: Raise all stems by one amount, or let `stemkit deliver` trim each and note the trims.

    Fix in any DAW: Leave it, or raise all stems together.

    Source: guide G1 (-6 to -3 dBFS). No other page that was read sets a floor for one stem.
    """
    floor = context.profile.peak.min_dbfs
    if file.audio is None:
        yield no_audio(file)
        return
    peak = file.audio.sample_peak_dbfs
    if floor is None:
        return
    if peak is None:
        yield Unknown(subject=file.path, reason="a silent file has no peak")
    elif peak < floor - LEVEL_TOLERANCE_DB:
        raise_db = min(floor - peak + _INSIDE_DB, context.profile.peak.max_raise_db)
        yield Problem(
            subject=file.path,
            message=f"The peak is {peak:.2f} dBFS, {floor - peak:.2f} dB below the window.",
            measured=round(peak, 2),
            expected=_window(context.profile.peak),
            unit="dBFS",
            where=_peak_place(file.audio),
            fix=Fix(kind="gain", summary=f"raise by {raise_db:.1f} dB, or all stems by one amount", safe=False),
        )


@rule("SK303", "clipping", severity="error", scope="file", guide="G1", needs=("SK204",))
def clipping(file: FileFacts, context: CheckContext) -> Results:
    """The sound is not cut off at full scale.

    Why: Cut-off tops are distortion that no later step can undo. Float above 0 dBFS is not cut off and is fine.

    Fix in REAPER: Lower the track (or the plug-in that overloads) and render again; or render as 32 bit FP.

    Fix in any DAW: Lower the channel before the clip, not the finished file, and export again.

    Source: guide G1 and "common mistakes". Consecutive samples at full scale, one step of the encoding allowed,
    on both sides: 24-bit clipping reads 0.9999999 above and -1.0 below.
    """
    if file.audio is None:
        yield no_audio(file)
        return
    least = context.profile.peak.clip_run_samples
    runs = [run for run in file.audio.clipped_runs if run.end_frame - run.start_frame >= least]
    if runs:
        longest = max(run.end_frame - run.start_frame for run in runs)
        # Not every run is listed; whether those beyond the list are long enough is known only where all are.
        count = max(len(runs), file.audio.clipped_run_count if len(runs) == len(file.audio.clipped_runs) else 0)
        yield Problem(
            subject=file.path,
            message=f"The sound clips {amount(count, 'time')}; the longest seen is {amount(longest, 'sample')}.",
            measured=count,
            expected="0",
            unit="clipped runs",
            where=places(runs, file.audio),
            fix=Fix(kind="rerender", summary=f"{RERENDER}, lower before the clip", safe=False),
        )


@rule("SK304", "flat-tops", severity="note", scope="file", guide="G1", needs=("SK204", "SK303"))
def flat_tops(file: FileFacts, context: CheckContext) -> Results:
    """The tops of the wave are not flattened below full scale.

    Why: Flat tops at one level are the print of a limiter, or of clipping that was turned down later. On a
    distorted sound they are often meant; on the rest they take the punch that the mix needs.

    Fix in REAPER: Look for a limiter or clipper on the track, its folder or its bus; bypass it and render again.

    Fix in any DAW: Take the limiter off the channel or group and export again.

    Source: guide G1 (no limiter left on stems).
    """
    if file.audio is None:
        yield no_audio(file)
        return
    least, found = context.profile.peak.flat_top_count, file.audio.flat_top_count
    if least is None or found < least:
        return
    level = file.audio.flat_top_level_dbfs
    at = f" at {level:.1f} dBFS" if level is not None else ""
    yield Problem(
        subject=file.path,
        message=f"{amount(found, 'top')} of the wave are flat{at}: a limiter, or clipping that was turned down.",
        measured=found,
        expected=f"fewer than {least}",
        unit="flat tops",
        where=places(file.audio.flat_tops, file.audio),
        fix=Fix(kind="rerender", summary=f"{RERENDER} without the limiter, unless it makes the sound", safe=False),
    )


@rule("SK305", "true-peak", severity="note", scope="file", guide="G1", needs=("SK204",))
def true_peak(file: FileFacts, context: CheckContext) -> Results:
    """The wave between the samples stays below the profile's line.

    Why: The wave that a converter or a resampler draws through the samples can rise up to 3 dB above them, and
    clips there although no sample does.

    Fix in REAPER: Lower the track by the excess and render again.

    Fix in any DAW: Lower the channel by the excess and export again.

    Source: ITU-R BS.1770-5 Annex 2 (how it is measured). As a limit for stems it is stemkit's.
    """
    if file.audio is None:
        yield no_audio(file)
        return
    limit, found = context.profile.peak.true_peak_max_dbtp, file.audio.true_peak_dbtp
    if limit is not None and found is not None and found > limit + LEVEL_TOLERANCE_DB:
        yield Problem(
            subject=file.path,
            message=f"The true peak is {found:.2f} dBTP, {found - limit:.2f} dB above the line.",
            measured=round(found, 2),
            expected=f"at most {limit:g}",
            unit="dBTP",
            fix=Fix(kind="gain", summary=f"lower by {found - limit + _INSIDE_DB:.1f} dB", safe=False),
        )


@rule("SK306", "dc-offset", severity="warning", scope="file", guide="G1", needs=("SK204", "SK209"))
def dc_offset(file: FileFacts, context: CheckContext) -> Results:
    """The wave swings around zero.

    Why: A constant offset takes headroom on one side and clicks at every cut and mute.

    Fix in REAPER: Insert a high-pass at 20 Hz or below (ReaEQ) on the track, render again.

    Fix in any DAW: Use the "remove DC offset" command, or a high-pass at 20 Hz or below.

    Source: the mean of all samples of a channel; the line is stemkit's.
    """
    if file.audio is None:
        yield no_audio(file)
        return
    limit = context.profile.content.dc_max_dbfs
    offsets = [(abs(value), channel) for channel, value in enumerate(file.audio.dc_offset)]
    if limit is None or not offsets:
        return
    worst, channel = max(offsets)
    level = 20 * math.log10(worst) if worst > 0 else -math.inf
    if level > limit:
        yield Problem(
            subject=file.path,
            message=f"Channel {channel + 1} has a DC offset of {100 * worst:.2f} % of full scale ({level:.1f} dBFS).",
            measured=round(level, 1),
            expected=f"at most {limit:g}",
            unit="dBFS",
            severity=None if level > limit + _MUCH_DC_DB else "note",
            fix=Fix(kind="remove_dc", summary="take the constant offset out", safe=False),
        )


@rule("SK307", "sum-headroom", severity="warning", scope="set", guide="G1")
def sum_headroom(files: tuple[FileFacts, ...], context: CheckContext) -> Results:
    """All stems together stay below the profile's ceiling for the mix bus.

    Why: The engineer first hears all stems with the faders at zero. If that sum clips, every fader must move
    before the work begins.

    Fix in REAPER: Select all tracks, lower the faders together, render again.

    Fix in any DAW: Lower all stems by one amount; that keeps the balance.

    Source: bchillmix.com, baikonur, redroof (the sum at -6 to -3 dBFS).
    """
    limit = context.profile.sum.peak_max_dbfs
    if limit is None:
        return
    stems = [f for f in files if f.role == "stem" and variant_of(f) == "stem" and f.audio is not None]
    if not stems:
        yield Unknown(subject=SET_SUBJECT, reason="there is no stem that could be read")
        return
    peaks = [f.audio.sample_peak_dbfs for f in stems if f.audio is not None and f.audio.sample_peak_dbfs is not None]
    at_most = 20 * math.log10(sum(10 ** (peak / 20) for peak in peaks)) if peaks else -math.inf
    found = context.sum.sum_peak_dbfs if context.sum is not None else None
    if at_most <= limit + LEVEL_TOLERANCE_DB:
        return  # even if every stem peaked at the same instant, the sum would fit
    if found is None:
        yield Unknown(subject=SET_SUBJECT, reason=f"the stems were not added up: {context.sum_unknown}")
    elif found > limit + LEVEL_TOLERANCE_DB:
        yield Problem(
            subject=SET_SUBJECT,
            message=f"All stems together peak at {found:.2f} dBFS, {found - limit:.2f} dB above the ceiling.",
            measured=round(found, 2),
            expected=f"at most {limit:g}",
            unit="dBFS",
            fix=Fix(kind="common_gain", summary=f"lower all stems by {found - limit + _INSIDE_DB:.1f} dB", safe=False),
        )


def _window(limits: PeakLimits) -> str:
    if limits.min_dbfs is None:
        return f"at most {limits.max_dbfs:g}"
    if limits.max_dbfs is None:
        return f"at least {limits.min_dbfs:g}"
    return f"{limits.min_dbfs:g} to {limits.max_dbfs:g}"


def _peak_place(audio: AudioFacts) -> tuple[Where, ...]:
    return at_frame(audio.sample_peak_frame, audio, audio.sample_peak_channel)
