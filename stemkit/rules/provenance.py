"""Format rules (SK206 to SK208, SK210): is the sound really what the file claims to be."""

# ruff: noqa: D401, ARG001  (a rule's first line says what holds; a rule takes two arguments, needed or not)

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from stemkit.model.report import Fix
from stemkit.rules.registry import Problem, Unknown, rule
from stemkit.rules.shared import RERENDER, kilohertz, no_audio

if TYPE_CHECKING:
    from collections.abc import Iterable

    from stemkit.model.audio import FileFacts
    from stemkit.rules.contexts import CheckContext
    from stemkit.rules.shared import Results

_LOWEST_SESSION_HZ = 44_100  # nobody renders a song at less; instruments are sampled and filters set at less
_SURE = 0.8  # above this confidence a lossy past is an error, below it a question


@rule("SK206", "lossy-origin", severity="error", scope="file", guide="G2", needs=("SK201", "SK204"))
def lossy_origin(file: FileFacts, context: CheckContext) -> Results:
    """The sound was never stored with loss.

    Why: An MP3 that was saved as a WAV still lacks what the codec threw away, and a mix makes that audible.

    Fix in REAPER: Find the lossless source of the item (Item properties, "Source file") and render again.

    Fix in any DAW: Go back to the recording or the instrument and export again. A sample that exists only as
    MP3: say so in the brief.

    Source: guide G2. The evidence is that the sound is rounded in the frames of a codec, never the mere lack of
    treble, which filters and dull instruments have as well; measured on decoded MP3, AAC and Vorbis files.
    """
    if file.container.encoding == "other":
        codec = file.container.codec or "a compressed format"
        yield Problem(subject=file.path, message=f"Inside this WAV the samples are stored as {codec}.", measured=codec)
        return
    if file.audio is None:
        yield no_audio(file)
        return
    lossy = file.audio.lossy
    if lossy is None:
        yield Unknown(subject=file.path, reason="too little sound, or none above the bass, to tell")
    elif lossy.suspected and lossy.confidence >= context.profile.content.lossy_confidence_min:
        why = f": {lossy.explanation}" if lossy.explanation else ""
        yield Problem(
            subject=file.path,
            message=f"This looks like a lossy file that was saved as WAV{why}.",
            measured=lossy.cutoff_hz,
            unit="Hz" if lossy.cutoff_hz else None,
            expected="never stored with loss",
            severity=None if lossy.confidence >= _SURE else "warning",
            fix=Fix(kind="rerender", summary=f"{RERENDER} with the lossless source", safe=False),
        )


@rule("SK207", "padded-bit-depth", severity="note", scope="file", guide="G2", needs=("SK204",))
def padded_bit_depth(file: FileFacts, context: CheckContext) -> Results:
    """The samples use the bits that the file has.

    Why: Sixteen-bit sound in a 24-bit file means that somewhere on the way the depth was lost; that cannot be
    undone, but the engineer should know. Untouched 16-bit samples in a sampler look the same and are fine.

    Fix in REAPER: Look for a 16-bit render, glue or freeze in the track's history; File > Render at 24 bits.

    Fix in any DAW: Export from the session again, not from a 16-bit bounce.

    Source: the lowest bits of every sample are zero, or every float lies on the 16-bit grid.
    """
    if file.audio is None:
        yield no_audio(file)
        return
    bits = file.audio.effective_bits
    if bits is None:
        yield Unknown(subject=file.path, reason="a silent file uses no bits")
    elif bits <= 16 and file.container.encoding in ("pcm24", "pcm32", "float32", "float64"):
        yield Problem(
            subject=file.path,
            message=f"The file is {file.container.encoding}, but its samples use {bits} bits.",
            measured=bits,
            expected="more than 16",
            unit="bits",
        )


@rule("SK208", "upsampled", severity="warning", scope="file", guide="G2", needs=("SK204",))
def upsampled(file: FileFacts, context: CheckContext) -> Results:
    """The sound was made at the sample rate that the file has.

    Why: A file that was converted upwards has the size of the higher rate and the sound of the lower one, and
    went through one conversion that nobody needed.

    Fix in REAPER: Render at the rate the recording was made at (Project settings, "Project sample rate").

    Fix in any DAW: Export at the session's own rate.

    Source: an edge at half of a lower standard rate with nothing above it. A filter as steep, at that frequency,
    leaves the same; only where most stems end alike is it more than a note.
    """
    if file.audio is None:
        yield no_audio(file)
    elif file.audio.upsampled_from_hz is not None:
        origin = file.audio.upsampled_from_hz
        alone = origin < _LOWEST_SESSION_HZ or not _most_were_converted(context.stems)
        meant = " Samples and loops made at that rate, and a steep filter, look the same." if alone else ""
        yield Problem(
            subject=file.path,
            message=f"The sound looks converted up from {kilohertz(origin)} to {kilohertz(file.audio.sample_rate)}."
            + meant,
            measured=origin,
            expected=kilohertz(file.audio.sample_rate),
            unit="Hz",
            severity="note" if alone else None,
            fix=Fix(kind="rerender", summary=f"{RERENDER} at its own rate", safe=False),
        )


def _most_were_converted(stems: Iterable[FileFacts]) -> bool:
    """Tell whether a whole delivery was converted, not only a sample library or a filter of one stem."""
    heard = [stem.audio for stem in stems if stem.audio is not None and stem.audio.sample_peak_dbfs is not None]
    converted = sum(audio.upsampled_from_hz is not None for audio in heard)
    return converted > 1 and 2 * converted >= len(heard)


@rule("SK210", "metadata-disagrees", severity="warning", scope="file", guide="G2", needs=("SK204",))
def metadata_disagrees(file: FileFacts, context: CheckContext) -> Results:
    """What the embedded metadata says agrees with the header.

    Why: Some importers place and resample by the iXML or bext chunk. Where it was copied from another file, the
    stem lands at the wrong place or plays at the wrong speed.

    Fix in REAPER: File > Render, "Metadata…": clear what was taken over from the source, render again.

    Fix in any DAW: Export again rather than editing a file's chunks by hand.

    Source: iXML 3.01 (FILE_SAMPLE_RATE, AUDIO_BIT_DEPTH, TIMESTAMP_SAMPLES_SINCE_MIDNIGHT), EBU Tech 3285.
    """
    claims = _disagreements(file)
    if claims:
        rate_is_wrong = any("sample rate" in claim for claim in claims)
        yield Problem(
            subject=file.path,
            message=f"The metadata disagrees with the file: {'; '.join(claims)}.",
            expected="the header's values",
            severity=None if rate_is_wrong else "note",
            fix=Fix(kind="repair_metadata", summary="write the metadata anew from the header", safe=True),
        )


def _disagreements(file: FileFacts) -> list[str]:
    header, ixml, bext = file.container, file.container.ixml, file.container.bext
    claims: list[tuple[str, int | None, int | None]] = []
    if ixml is not None:
        claims += [
            ("the iXML sample rate", ixml.file_sample_rate, header.sample_rate),
            ("the iXML bit depth", ixml.bit_depth, header.valid_bits or header.bits),
            ("the iXML number of tracks", ixml.track_count, header.channels),
        ]
        if bext is not None:
            claims.append(("the iXML time stamp", ixml.timestamp_samples, bext.time_reference_samples))
    if bext is not None:
        claims.append(("the bext sample rate", _coding_history_rate(bext.coding_history), header.sample_rate))
    wrong = [f"{what} is {said}, not {real}" for what, said, real in claims if said and real and said != real]
    if ixml is not None and not ixml.well_formed:
        wrong.append("the iXML chunk is no well-formed XML")
    return wrong


def _coding_history_rate(history: str) -> int | None:
    """Return the rate in the last line of a coding history: the newest step, which made this file."""
    lines = [line for line in history.splitlines() if line.strip("\x00 ")]
    found = re.search(r"(?:^|,)\s*F=(\d+)", lines[-1]) if lines else None
    return int(found.group(1)) if found else None
