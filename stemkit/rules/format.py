"""Format rules (SK201 to SK205, SK209): is it the right kind of file, and is it whole."""

# ruff: noqa: D401, ARG001  (a rule's first line says what holds; a rule takes two arguments, needed or not)

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING

from stemkit.model.report import Fix, Where
from stemkit.rules.contexts import SET_SUBJECT, judges
from stemkit.rules.registry import Problem, Unknown, rule
from stemkit.rules.shared import RERENDER, amount, at_frame, kilohertz, listed, no_audio

if TYPE_CHECKING:
    from stemkit.model.audio import Damage, FileFacts
    from stemkit.rules.contexts import CheckContext
    from stemkit.rules.shared import Results

_RESEND = Fix(kind="resend", summary="export or send this file again", safe=False)
_NEW_HEADER = Fix(kind="repair_header", summary="write the header anew; the samples stay", safe=True)
LOSSLESS_CONTAINERS = frozenset({"wav", "rf64", "bw64", "w64", "rifx", "aiff", "flac", "caf"})
_MOST_DECLARED_BYTES = 1 << 40  # a header that promises more is nonsense and gives no time
MORE_THAN_NEEDED = frozenset({"pcm32", "float64"})  # nothing is lost by them but space


@rule("SK201", "not-wav", severity="error", scope="file", guide="G2")
def not_wav(file: FileFacts, context: CheckContext) -> Results:
    """The file is a WAV by its content, whatever its name says.

    Why: A lossy file has lost what the mix would bring out first: air, transients and stereo width. Other
    lossless containers lose nothing, but not every DAW imports them at the right place.

    Fix in REAPER: File > Render, Output format "WAV", bit depth "24 bit PCM", and render again.

    Fix in any DAW: Export again as WAV. Converting an MP3 to WAV brings nothing back.

    Source: guide G2; every one of 26 pages of mixing engineers that were read asks for WAV or AIFF.
    """
    container, allowed = file.container.container, context.profile.format.container
    if allowed is None or container in allowed or container == "empty":
        return
    lossless = container in LOSSLESS_CONTAINERS
    named = file.path.rsplit(".", 1)[-1].lower() if "." in file.path.rsplit("/", 1)[-1] else ""
    disguised = " although it is named .wav" if named in ("wav", "wave", "bwf") else ""
    content = "of a kind that stemkit does not know" if container == "other" else f"{container.upper()} by its content"
    yield Problem(
        subject=file.path,
        message=f"This is {content}{disguised}" + (", lossless but no WAV." if lossless else ", not a WAV."),
        measured=container,
        expected=" or ".join(allowed),
        severity="warning" if lossless else None,
        fix=Fix(kind="rerender", summary=f"{RERENDER} as WAV", safe=False),
    )


@rule("SK202", "encoding", severity="warning", scope="file", guide="G2", needs=("SK201", "SK204"))
def encoding(file: FileFacts, context: CheckContext) -> Results:
    """The samples are stored in an encoding that the profile asks for.

    Why: Sixteen bits put the noise floor where a compressor lifts it into the music. Twenty-four bits or float
    leave room for every later step.

    Fix in REAPER: File > Render, WAV bit depth "24 bit PCM" or "32 bit FP".

    Fix in any DAW: Export at 24 bits, or 32-bit float. A 16-bit file turned into 24 bits gains nothing.

    Source: guide G2; freshlybakedstudios, bpockets, flightcore (24 bits or float, never 16).
    """
    found, allowed = file.container.encoding, context.profile.format.encoding
    if found is None:
        yield Unknown(subject=file.path, reason="the header does not say how samples are stored")
    elif allowed is not None and found not in allowed:
        extra = file.container.codec if found == "other" else ""
        yield Problem(
            subject=file.path,
            message=f"The samples are {extra or found}, not {' or '.join(allowed)}.",
            measured=found,
            expected=" or ".join(allowed),
            severity="note" if found in MORE_THAN_NEEDED else None,
            fix=Fix(kind="rerender", summary=f"{RERENDER} in {allowed[0]}", safe=False),
        )


@rule("SK203", "sample-rate", severity="error", scope="set", guide="G2")
def sample_rate(files: tuple[FileFacts, ...], context: CheckContext) -> Results:
    """Every file has the sample rate that the project, the mix or the profile asks for.

    Why: A file at another rate is resampled on import, or plays too fast or too slow and no longer lines up.

    Fix in REAPER: Project settings, tick "Project sample rate"; File > Render, sample rate as the project's.

    Fix in any DAW: Export every file at the rate of the session. Do not convert twice.

    Source: guide G2 (44.1 kHz for music, 48 kHz for video). Which rate is right is said by the profile, the
    project or the mix; what most files have is no evidence against the others.
    """
    judged = [f for f in files if judges(context.profile, "SK203", f.role) and f.container.sample_rate]
    if context.profile.format.sample_rate is None:
        return
    if not judged:
        yield Unknown(subject=SET_SUBJECT, reason="no file says its sample rate")
    if context.expected_rate is not None:
        right, reason = context.expected_rate.rates_hz, context.expected_rate.reason
        for file in judged:
            rate = file.container.sample_rate or 0
            if rate not in right:
                wanted = " or ".join(kilohertz(r) for r in right)
                yield Problem(
                    subject=file.path,
                    message=f"The sample rate is {kilohertz(rate)}; {reason} has {wanted}.",
                    measured=rate,
                    expected=wanted,
                    unit="Hz",
                    fix=Fix(kind="rerender", summary=f"{RERENDER} at {wanted}", safe=False),
                )
        return
    yield from _rates_disagree(judged)


def _rates_disagree(judged: list[FileFacts]) -> Results:
    by_rate: dict[int, list[str]] = defaultdict(list)
    for file in judged:
        by_rate[file.container.sample_rate or 0].append(file.path)
    if len(by_rate) > 1:
        parts = "; ".join(f"{kilohertz(rate)}: {listed(paths)}" for rate, paths in sorted(by_rate.items()))
        yield Problem(
            subject=SET_SUBJECT,
            message=f"The files do not have one sample rate ({parts}). No project or mix says which is right.",
            measured=", ".join(kilohertz(rate) for rate in sorted(by_rate)),
            expected="one rate",
            severity="warning",
            fix=Fix(kind="rerender", summary=f"{RERENDER} at one rate", safe=False),
        )


@rule("SK204", "damaged-file", severity="error", scope="file", guide="G2")
def damaged_file(file: FileFacts, context: CheckContext) -> Results:
    """The file is whole: its header and its size agree, and its samples can be read.

    Why: A cut-off upload or copy opens in some programs without complaint and simply ends too early.

    Fix in REAPER: Render again, then copy again and compare the sizes.

    Fix in any DAW: Export again. If the file is whole on the sender's disk, send it again as a zip.

    Source: RIFF/WAVE (Microsoft/IBM 1991), EBU Tech 3306 for RF64; the sizes in the file against its length.
    """
    fatal = [d for d in file.container.damage if d.fatal]
    if fatal:
        yield Problem(
            subject=file.path,
            message=_sentence("; ".join(d.message for d in fatal)),
            measured=", ".join(dict.fromkeys(d.code for d in fatal)),
            expected="a whole file",
            where=_damaged_from(fatal[0], file),
            fix=_RESEND,
        )
        return
    if file.audio is None and file.unreadable is not None:
        if file.container.container in LOSSLESS_CONTAINERS - {"caf"}:
            yield Problem(subject=file.path, message=f"The samples cannot be read: {file.unreadable}")
        else:
            yield Unknown(subject=file.path, reason=file.unreadable)
        return
    for oddity in file.container.damage:
        unfinished = oddity.code == "zero_tail"
        yield Problem(
            subject=file.path,
            message=_sentence(oddity.message),
            measured=oddity.code,
            where=_damaged_from(oddity, file) if unfinished else (),
            severity="warning" if unfinished else "note",
            fix=_RESEND if unfinished else _NEW_HEADER,
        )


def _damaged_from(damage: Damage, file: FileFacts) -> tuple[Where, ...]:
    """Return the time from which on a file has no more sound, where damage begins inside its audio."""
    header = file.container
    begin, frame_bytes, rate = header.data_offset, header.block_align, header.sample_rate
    if damage.offset is None or begin is None or not frame_bytes or not rate or damage.offset <= begin:
        return ()
    end_bytes = max(damage.offset, begin + (header.declared_data_bytes or 0))
    if end_bytes - begin > _MOST_DECLARED_BYTES:
        return ()
    return (
        Where(start_s=(damage.offset - begin) / frame_bytes / rate, end_s=(end_bytes - begin) / frame_bytes / rate),
    )


def _sentence(text: str) -> str:
    """Write what the walker says as a sentence."""
    return text[:1].upper() + text[1:].rstrip(".") + "."


@rule("SK205", "channel-layout", severity="warning", scope="file", guide="G2", needs=("SK204",))
def channel_layout(file: FileFacts, context: CheckContext) -> Results:
    """The file has a number of channels that the profile asks for.

    Why: A stereo mix session takes mono and stereo. Of a wider file an importer may keep the first two channels
    only, and nobody notices what is gone.

    Fix in REAPER: File > Render, channels "Mono" or "Stereo"; set the track's channel count to 2.

    Fix in any DAW: Export as mono or stereo; each further pair as a file of its own.

    Source: guide G2; Netflix article 1500000261101 for discrete mono files.
    """
    allowed, found = context.profile.format.channels, file.container.channels
    if found is None:
        yield Unknown(subject=file.path, reason="the header does not say how many channels there are")
    elif allowed is not None and found not in allowed:
        yield Problem(
            subject=file.path,
            message=f"The file has {amount(found, 'channel')}.",
            measured=found,
            expected=" or ".join(str(n) for n in allowed),
            unit="channels",
            fix=Fix(kind="rerender", summary=f"{RERENDER} with {allowed[-1]} or fewer channels", safe=False),
        )


@rule("SK209", "non-finite", severity="error", scope="file", guide="G2", needs=("SK204",))
def non_finite(file: FileFacts, context: CheckContext) -> Results:
    """Every sample is a number.

    Why: "Not a number" or infinity in a float file can silence a whole mix bus or blow a monitor at full level.

    Fix in REAPER: Bypass the track's plug-ins one by one to find the broken one; render again, at 24 bits.

    Fix in any DAW: Export again without the faulty plug-in; 24-bit PCM cannot hold such values.

    Source: IEEE 754; a NaN that enters a filter never leaves it.
    """
    if file.audio is None:
        yield no_audio(file)
    elif file.audio.non_finite:
        yield Problem(
            subject=file.path,
            message=f"The file holds {amount(file.audio.non_finite, 'sample')} that are not a number or infinite.",
            measured=file.audio.non_finite,
            expected="0",
            unit="samples",
            where=at_frame(file.audio.non_finite_at_frame, file.audio),
            fix=Fix(kind="rerender", summary=f"{RERENDER} without the faulty plug-in", safe=False),
        )
