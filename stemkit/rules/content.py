"""Content rules (SK5): what is heard inside a file, or not."""

# ruff: noqa: D401, ARG001  (a rule's first line says what holds; a rule takes two arguments, needed or not)

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from stemkit.model.report import Fix, Where
from stemkit.rules.registry import Problem, rule
from stemkit.rules.shared import RERENDER, amount, no_audio, places

if TYPE_CHECKING:
    from stemkit.model.audio import FileFacts
    from stemkit.model.session import Session
    from stemkit.rules.contexts import CheckContext
    from stemkit.rules.shared import Results

_HARD_PAN = 0.999
_CLICKS_A_SECOND = 0.5
_FEW_CLICKS = 2  # however short the sound, so few are no texture
_MONO_WINDOW_S = 0.5  # the stretch that AudioFacts.mono_loss_at_s points to


@rule("SK501", "silent", severity="error", scope="file", guide="G3", needs=("SK204",))
def silent(file: FileFacts, context: CheckContext) -> Results:
    """The file holds sound.

    Why: An empty stem means a muted track, a wrong output or a plug-in that did not load: something is missing.

    Fix in REAPER: Unmute the track, check its routing and that its plug-ins are online; render again.

    Fix in any DAW: Unmute the channel and export again; leave the file out if the part is not used.

    Source: guide G3 (unused regions are deleted). The line below which sound counts as noise is stemkit's.
    """
    if file.audio is None:
        yield no_audio(file)
        return
    peak, line = file.audio.sample_peak_dbfs, context.profile.content.silent_below_dbfs
    fix = Fix(kind="drop_or_rerender", summary=f"{RERENDER}, or leave the file out", safe=False)
    if peak is None or file.audio.image == "silent":
        empty = "has no samples" if file.audio.frames == 0 else "is silent from start to end"
        yield Problem(subject=file.path, message=f"The file {empty}.", expected="sound", fix=fix)
    elif line is not None and peak < line:
        yield Problem(
            subject=file.path,
            message=f"The loudest sample is {peak:.1f} dBFS: this is noise, or a part that was turned down.",
            measured=round(peak, 1),
            expected=f"above {line:g}",
            unit="dBFS",
            severity="warning",
            fix=fix,
        )


@rule("SK502", "one-sided", severity="note", scope="file", guide="G2", needs=("SK204", "SK501"))
def one_sided(file: FileFacts, context: CheckContext) -> Results:
    """A stereo file has sound on both sides.

    Why: One empty side is a hard pan that was printed, or a lost channel of a stereo source. The engineer has to
    find out which.

    Fix in REAPER: Check the item's channel mode and the track's pan; render mono sources as mono.

    Fix in any DAW: Centre the pan and export as mono; or leave it, and say in the brief that it is meant.

    Source: bpockets, chadwahlbrink (mono as mono).
    """
    if file.audio is None:
        yield no_audio(file)
    elif file.audio.image in ("left_only", "right_only"):
        side, other = ("left", "right") if file.audio.image == "left_only" else ("right", "left")
        yield Problem(
            subject=file.path,
            message=f"Only the {side} side sounds; the {other} side is silent throughout.",
            measured=file.audio.image,
            expected="sound on both sides, or a mono file",
            handled=_hard_pan(context.session, file.path, side),
            fix=Fix(kind="to_mono", summary=f"keep the {side} side as a mono file", safe=False),
        )


def _hard_pan(session: Session | None, path: str, side: str) -> str | None:
    """Return the explanation when the project has one track of this name, panned to that side."""
    if session is None:
        return None
    wanted = _letters(re.sub(r"^\d+[ _.-]+", "", path.rsplit("/", 1)[-1].rsplit(".", 1)[0]))
    tracks = [t for t in session.tracks if t.name and _letters(t.name) == wanted]
    if len(tracks) == 1 and tracks[0].pan * (-1 if side == "left" else 1) >= _HARD_PAN:
        return f'the track "{tracks[0].name}" is panned hard {side} in the project'
    return None


def _letters(name: str) -> str:
    return "".join(c for c in name.casefold() if c.isalnum())


@rule("SK503", "dual-mono", severity="note", scope="file", guide="G2", needs=("SK204", "SK501"))
def dual_mono(file: FileFacts, context: CheckContext) -> Results:
    """A stereo file carries two different channels.

    Why: Two equal channels are a mono part in twice the space; in some DAWs it cannot be panned as mono. Some
    receivers ask for stereo throughout, so this is only a note.

    Fix in REAPER: File > Render, "Mono" for this track; or tick "Only mono media" in the render options.

    Fix in any DAW: Export this channel as mono.

    Source: bpockets, chadwahlbrink, itrocksmixing (mono as mono); audionova asks for the opposite.
    """
    if file.audio is None:
        yield no_audio(file)
    elif file.audio.image == "dual_mono":
        yield Problem(
            subject=file.path,
            message="Both channels are the same throughout: a mono part in a stereo file.",
            measured="dual_mono",
            expected="mono or stereo",
            fix=Fix(kind="to_mono", summary="keep one channel as a mono file", safe=False),
        )


@rule("SK504", "inverted-channel", severity="warning", scope="file", guide="G2", needs=("SK204", "SK501"))
def inverted_channel(file: FileFacts, context: CheckContext) -> Results:
    """The right channel is not the left one upside down.

    Why: Played in mono (a phone, a club) the part disappears completely.

    Fix in REAPER: Switch off "Invert phase" on one side (item properties, or the JS phase plug-in), render again.

    Fix in any DAW: Flip the polarity of one channel and export as mono.

    Source: own measurement: left plus right is silence while each side sounds.
    """
    if file.audio is None:
        yield no_audio(file)
    elif file.audio.image == "inverted":
        yield Problem(
            subject=file.path,
            message="The right channel is the left one with its polarity turned; in mono nothing is left.",
            measured="inverted",
            expected="mono or stereo",
            fix=Fix(kind="invert_right", summary="flip the polarity of the right channel", safe=False),
        )


@rule("SK505", "noise-in-gaps", severity="note", scope="file", guide="G3", needs=("SK204", "SK501"))
def noise_in_gaps(file: FileFacts, context: CheckContext) -> Results:
    """Where nothing plays there is silence, not noise.

    Why: Hiss, hum and headphone spill of twenty open tracks add up, and compression lifts them into the quiet
    parts of the song.

    Fix in REAPER: Split at the gap and delete the rest, with a short fade; or "Dynamic split items".

    Fix in any DAW: Cut the regions to where something plays, with short fades; a gate can swallow endings.

    Source: guide G3. Which level counts as noise is stemkit's line.
    """
    if file.audio is None:
        yield no_audio(file)
        return
    limits, rate = context.profile.content, file.audio.sample_rate
    if limits.gap_noise_max_dbfs is None:
        return
    noisy = [
        (gap.noise_dbfs, gap)
        for gap in file.audio.gaps
        if gap.noise_dbfs is not None
        and not gap.digital
        and gap.noise_dbfs > limits.gap_noise_max_dbfs
        and (gap.end_frame - gap.start_frame) / rate >= limits.gap_min_s
    ]
    if noisy:
        loudest, worst = max(noisy, key=lambda pair: pair[0])
        kind = f"hum at {worst.hum_hz:g} Hz" if worst.hum_hz else "noise"
        yield Problem(
            subject=file.path,
            message=f"{amount(len(noisy), 'gap')} between the parts: {kind}, up to {loudest:.1f} dBFS RMS.",
            measured=round(loudest, 1),
            expected=f"at most {limits.gap_noise_max_dbfs:g}",
            unit="dBFS",
            where=places((gap for _, gap in noisy), file.audio),
            fix=Fix(kind="silence_gaps", summary="set the gaps to silence, with short fades", safe=False),
        )


@rule("SK506", "click-or-dropout", severity="warning", scope="file", guide="G3", needs=("SK204", "SK501"))
def click_or_dropout(file: FileFacts, context: CheckContext) -> Results:
    """The sound has no holes and no isolated jumps.

    Why: A buffer that ran dry while rendering leaves a hole or a click. In the mix it is found late, and only the
    sender can mend it.

    Fix in REAPER: Render offline rather than in real time; add fades to item edges; listen at the places named.

    Fix in any DAW: Export offline, with short fades on every edit; listen at the places named.

    Source: own measurement: runs of digital zeros inside sound, and single steps that the sound around them does
    not explain.
    """
    if file.audio is None:
        yield no_audio(file)
        return
    holes = max(file.audio.dropout_count, len(file.audio.dropouts))
    clicks = max(file.audio.click_count, len(file.audio.clicks))
    parts = [amount(holes, "hole")] if holes else []
    parts += [amount(clicks, "click")] if clicks else []
    if parts:
        # Vinyl, glitches and Geiger counters click all the time; what fails while rendering fails now and then.
        most = max(_FEW_CLICKS, _CLICKS_A_SECOND * file.audio.frames / file.audio.sample_rate)
        texture = not holes and clicks > most
        meant = " So many may be the sound itself (vinyl crackle, glitches)." if texture else ""
        in_order = sorted((*file.audio.dropouts, *file.audio.clicks), key=lambda run: run.start_frame)
        yield Problem(
            subject=file.path,
            message=f"Inside the sound there {'is' if holes + clicks == 1 else 'are'} {' and '.join(parts)}.{meant}",
            measured=holes + clicks,
            expected="0",
            severity="note" if texture else None,
            where=places(in_order, file.audio),
            fix=Fix(kind="rerender", summary=f"{RERENDER} offline", safe=False),
        )


@rule("SK507", "mono-compatibility", severity="note", scope="file", guide="G2", needs=("SK204", "SK501", "SK504"))
def mono_compatibility(file: FileFacts, context: CheckContext) -> Results:
    """Folded to mono, the part stays about as loud as it is.

    Why: A widened or phase-shifted part grows quiet or hollow on a phone and in a club. The engineer can choose
    another width only when the dry part is there as well.

    Fix in REAPER: Lower the widener or take it off; send a dry twin of the stem.

    Fix in any DAW: Take stereo wideners off, or send the part twice, with and without.

    Source: the loss of the worst loud stretch; two unrelated sides lose 3 dB. The line is stemkit's.
    """
    if file.audio is None:
        yield no_audio(file)
        return
    limit, found = context.profile.content.mono_loss_max_db, file.audio.mono_loss_db
    if limit is None or found is None or file.audio.image == "inverted":
        return
    loss = abs(found)
    if loss > limit:
        at_s = file.audio.mono_loss_at_s
        yield Problem(
            subject=file.path,
            message=f"Folded to mono, the worst loud stretch loses {loss:.1f} dB.",
            measured=round(loss, 1),
            expected=f"at most {limit:g}",
            unit="dB",
            where=() if at_s is None else (Where(start_s=at_s, end_s=at_s + _MONO_WINDOW_S),),
        )


@rule("SK508", "subsonic", severity="note", scope="file", guide="G3", needs=("SK204", "SK501", "SK209"))
def subsonic(file: FileFacts, context: CheckContext) -> Results:
    """There is little energy below what can be heard.

    Why: Rumble below 20 Hz takes headroom and moves compressors, and nobody hears it.

    Fix in REAPER: A high-pass at 20 to 30 Hz on the track (ReaEQ), render again.

    Fix in any DAW: A high-pass at 20 to 30 Hz on the channel; or leave it to the engineer.

    Source: own measurement: energy below 20 Hz against the whole. The line is stemkit's.
    """
    if file.audio is None:
        yield no_audio(file)
        return
    limit, found = context.profile.content.subsonic_max_db, file.audio.subsonic_db
    if limit is not None and found is not None and found > limit:
        yield Problem(
            subject=file.path,
            message=f"The energy below 20 Hz is {found:.1f} dB against the whole.",
            measured=round(found, 1),
            expected=f"at most {limit:g}",
            unit="dB",
            fix=Fix(kind="high_pass", summary="a high-pass at 20 to 30 Hz", safe=False),
        )
