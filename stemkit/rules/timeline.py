"""Timeline rules (SK401, SK404, SK405, SK407): same length, same place, whole tails.

SK402, SK403 and SK406 need the mix and live with the proof.
"""

# ruff: noqa: D401  (a rule's first line says what holds)

from __future__ import annotations

from typing import TYPE_CHECKING

from stemkit.model.report import Fix, Where
from stemkit.rules.contexts import SET_SUBJECT, of_role
from stemkit.rules.registry import Problem, Unknown, rule
from stemkit.rules.shared import RERENDER, amount, clock, kilohertz, listed, no_audio

if TYPE_CHECKING:
    from collections.abc import Iterable

    from stemkit.model.audio import FileFacts
    from stemkit.rules.contexts import CheckContext
    from stemkit.rules.shared import Results

_TAIL_S = 0.01  # the stretch that AudioFacts.tail_level_dbfs speaks of


@rule("SK401", "length-mismatch", severity="error", scope="set", guide="G2")
def length_mismatch(files: tuple[FileFacts, ...], context: CheckContext) -> Results:
    """All stems have the same number of samples.

    Why: Stems of one length line up when they are dropped in at bar 1. Different lengths mean different export
    ranges, and nobody knows whether the start or the end differs.

    Fix in REAPER: File > Render, bounds "Entire project" or one time selection for all stems.

    Fix in any DAW: Set one export range from bar 1 to behind the last tail and export all stems with it.

    Source: guide G2; notion "How to print stems" (same file size), bchillmix, lefthandpath.
    """
    if not context.profile.timeline.equal_length:
        return
    # A file that was cut off has SK204; its length says nothing about how it was rendered.
    stems = [f for f in of_role(files, "stem") if f.container.readable and f.container.frames]
    stems = [f for f in stems if f.container.sample_rate]
    if len(stems) < 2:
        if of_role(files, "stem") and not stems:
            yield Unknown(subject=SET_SUBJECT, reason="no stem says how long it is")
        return
    groups = _by_length(stems, context.profile.timeline.length_tolerance_frames)
    if len(groups) == 1:
        return
    mix = context.main_mix
    lengths = "; ".join(f"{_length(group[0])} ({listed(f.path for f in group)})" for group in groups)
    yield Problem(
        subject=SET_SUBJECT,
        message=f"The stems have {len(groups)} different lengths: {lengths}.{_what_the_mix_says(groups, mix)}",
        measured=round(_seconds(groups[-1][-1]) - _seconds(groups[0][0]), 6),
        expected="0",
        unit="s",
        fix=Fix(kind="pad", summary=f"{RERENDER} with one range for all; an end can be padded", safe=False),
    )


def _seconds(file: FileFacts) -> float:
    return (file.container.frames or 0) / (file.container.sample_rate or 1)


def _length(file: FileFacts) -> str:
    return f"{clock(_seconds(file))} = {file.container.frames} samples at {kilohertz(file.container.sample_rate or 0)}"


def _by_length(stems: Iterable[FileFacts], tolerance_frames: int) -> list[list[FileFacts]]:
    """Group stems of one length, the shortest first.

    At different rates a length in seconds cannot agree to the sample; one sample is then allowed.
    """
    ordered = sorted(stems, key=lambda f: (_seconds(f), f.path))
    groups: list[list[FileFacts]] = [[ordered[0]]]
    for file in ordered[1:]:
        first = groups[-1][0]
        rates = {first.container.sample_rate, file.container.sample_rate}
        allowed = tolerance_frames + (1 if len(rates) > 1 else 0)
        lowest_hz = min(rate for rate in rates if rate)
        if (_seconds(file) - _seconds(first)) * lowest_hz <= allowed + 1e-6:
            groups[-1].append(file)
        else:
            groups.append([file])
    return groups


def _what_the_mix_says(groups: list[list[FileFacts]], mix: FileFacts | None) -> str:
    """Name the odd ones only where a mix has the length of one group; what most stems have proves nothing."""
    if mix is None or not mix.container.frames or not mix.container.sample_rate:
        return " Nothing says which is right."
    same = [group for group in groups if abs(_seconds(group[0]) - _seconds(mix)) * mix.container.sample_rate < 1]
    if not same:
        return f" The mix has yet another length, {_length(mix)}, so nothing says which is right."
    odd = [file.path for group in groups if group is not same[0] for file in group]
    return f" The mix {mix.path} is {clock(_seconds(mix))} long, so these differ: {listed(odd)}."


@rule("SK404", "time-reference", severity="warning", scope="set", guide="G2")
def time_reference(files: tuple[FileFacts, ...], context: CheckContext) -> Results:
    """The time references that stems carry are all the same.

    Why: An importer that places files by their time stamp scatters stems whose stamps differ, although they
    would line up at bar 1.

    Fix in REAPER: Render all stems in one go; or clear "BWF start offset" in the render window's options.

    Fix in any DAW: Export all stems in one go. Editors of BWF metadata can set one stamp for all.

    Source: EBU Tech 3285 (TimeReference, samples since midnight). Equality is asked, not zero: a session that
    starts at 01:00:00:00 stamps every file with that.
    """
    if context.profile.timeline.time_reference is None:
        return
    stamped = [f for f in of_role(files, "stem") if f.container.bext is not None and f.container.sample_rate]
    places: dict[float, list[str]] = {}
    for file in stamped:
        reference = file.container.bext.time_reference_samples if file.container.bext else 0
        places.setdefault(round(reference / (file.container.sample_rate or 1), 6), []).append(file.path)
    if len(places) > 1:
        parts = "; ".join(f"{clock(at_s)} ({listed(paths)})" for at_s, paths in sorted(places.items()))
        yield Problem(
            subject=SET_SUBJECT,
            message=f"The stems carry {len(places)} different time stamps: {parts}.",
            measured=round(max(places) - min(places), 6),
            expected="0",
            unit="s",
            fix=Fix(kind="time_reference", summary="write one time reference, once the starts are proven", safe=True),
        )


@rule("SK405", "cut-tail", severity="warning", scope="file", guide="G2", needs=("SK204", "SK501"))
def cut_tail(file: FileFacts, context: CheckContext) -> Results:
    """The sound has ended before the file does.

    Why: A reverb or a last chord that stops at the file's edge clicks and cannot be completed in the mix.

    Fix in REAPER: File > Render, tick "Tail" and give it seconds, or lengthen the time selection.

    Fix in any DAW: Move the end of the export range behind the last tail, for all stems.

    Source: secure-audio, notion (tails complete).
    """
    if not context.profile.timeline.tail_cut:
        return
    if file.audio is None:
        yield no_audio(file)
    elif file.audio.tail_cut is None:
        yield Unknown(subject=file.path, reason="a cut tail cannot be told from an ending here")
    elif file.audio.tail_cut:
        level, end_s = file.audio.tail_level_dbfs, file.audio.frames / file.audio.sample_rate
        how_loud = f" at {level:.1f} dBFS (RMS of the last 10 ms)" if level is not None else ""
        yield Problem(
            subject=file.path,
            message=f"The file ends while it still sounds{how_loud}.",
            measured=round(level, 1) if level is not None else None,
            unit="dBFS" if level is not None else None,
            expected="an ended sound",
            where=(Where(start_s=max(0.0, end_s - _TAIL_S), end_s=end_s),),
            fix=Fix(kind="rerender", summary=f"{RERENDER} with a longer tail", safe=False),
        )


@rule("SK407", "leading-silence", severity="warning", scope="file", guide="G2", needs=("SK204", "SK501"))
def leading_silence(file: FileFacts, context: CheckContext) -> Results:
    """The sound begins at once, where the profile asks for files without silence at the head.

    Why: Libraries cut their tracks close, so that an editor hears sound at once. A mix asks for the opposite:
    there, silence before a late entry must stay, and no profile for mixing sets this limit.

    Fix in REAPER: Set the start of the time selection to the first sound of the whole piece, render all again.

    Fix in any DAW: Start the export range at the first sound of the whole piece, for all files alike.

    Source: thermalmusic.tv ("top and tailed"); the number of seconds is stemkit's.
    """
    limit_s = context.profile.content.leading_silence_max_s
    if limit_s is None:
        return
    if file.audio is None:
        yield no_audio(file)
        return
    silence_s = file.audio.lead_silence_frames / file.audio.sample_rate
    if silence_s > limit_s:
        yield Problem(
            subject=file.path,
            message=f"The file begins with {amount(round(silence_s * 1000), 'millisecond')} of silence.",
            measured=round(silence_s, 3),
            expected=f"at most {limit_s:g}",
            unit="s",
            where=(Where(start_s=0.0, end_s=silence_s),),
            fix=Fix(kind="trim", summary="trim all files by the silence that they share", safe=False),
        )
