"""Measure one file in one streaming pass: the only door to the samples.

Each figure's formula and source stand in its own module. `figures` puts them together in numpy, `fused` does the
same with the compiled kernel. Memory is bounded by seconds of audio, and no figure depends on the blocks in which the
audio arrives.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from stemkit.audio.figures import plain_figures
from stemkit.audio.fused import fused_figures
from stemkit.audio.hashing import FileHasher, hash_file
from stemkit.audio.kernel import kernel_in_use
from stemkit.audio.source import block_source, is_plain, open_source
from stemkit.audio.units import amplitude_db
from stemkit.errors import InputError
from stemkit.model.audio import AudioFacts

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from pathlib import Path

    from numpy.typing import NDArray

    from stemkit.audio.source import Source
    from stemkit.model.audio import ContainerFacts, Encoding

__all__ = ["measure", "measure_and_hash", "measure_blocks"]


def measure(path: Path, container: ContainerFacts | None = None) -> AudioFacts:
    """Measure a file.

    Parameters
    ----------
    path
        The file.
    container
        What `stemkit.audio.wav.walk` says of it; walked here when it is not given. The frames that are really
        there are measured, whatever the header promises.

    Returns
    -------
    AudioFacts
        All figures of the file.

    Raises
    ------
    InputError
        The samples cannot be decoded.
    """
    if container is None:
        from stemkit.audio.wav import walk  # noqa: PLC0415  (callers that have walked already need not load it)

        container = walk(path)
    return _measure_file(path, container)


def measure_and_hash(path: Path, container: ContainerFacts) -> tuple[AudioFacts, str, str | None]:
    """Measure a file and hash it in the same read.

    Returns
    -------
    tuple
        The figures, SHA-256 of the file, and SHA-256 of its audio alone, as `hash_file` gives them.

    Raises
    ------
    InputError
        The samples cannot be decoded.
    """
    if not is_plain(container):
        return _measure_file(path, container), *hash_file(path, container)
    hasher = FileHasher(path, container)
    facts = _measure_file(path, container, hasher.feed)
    return facts, *hasher.result()


def _measure_file(path: Path, container: ContainerFacts, tap: Callable[[memoryview], None] | None = None) -> AudioFacts:
    try:
        with open_source(path, container, tap) as source:
            return _measure(source)
    except OSError as error:
        raise InputError(f"{path.name} cannot be read ({error.strerror}); check the disk and try again.") from error


def measure_blocks(blocks: Iterable[NDArray[Any]], sample_rate: int, *, encoding: Encoding = "float32") -> AudioFacts:
    """Measure audio that is generated or already decoded.

    Parameters
    ----------
    blocks
        Arrays of floats ``(frames, channels)``, full scale 1.0, of any lengths; ``(frames,)`` is mono.
    sample_rate
        In Hz.
    encoding
        How the samples were stored: integer encodings clip at full scale, float does not.
    """
    source = block_source(iter(blocks), sample_rate, encoding=encoding)
    return AudioFacts(sample_rate=sample_rate, channels=0, frames=0) if source is None else _measure(source)


def _measure(source: Source) -> AudioFacts:
    figures = fused_figures(source) if kernel_in_use() else plain_figures(source)
    level, heard, stereo = figures.levels, figures.loudness, figures.stereo
    columns, column_frames = figures.envelope
    clipped_runs, clipped_run_count = figures.clips
    flat, defects = figures.flat_tops, figures.defects
    silences = figures.gaps
    end = figures.tail.result(silences, silent=stereo.image == "silent")
    lossy, upsampled_from_hz = figures.past
    return AudioFacts(
        sample_rate=source.sample_rate,
        channels=source.channels,
        frames=level.frames,
        sample_peak_dbfs=level.sample_peak_dbfs,
        sample_peak_frame=level.sample_peak_frame,
        sample_peak_channel=level.sample_peak_channel,
        channel_peaks_dbfs=level.channel_peaks_dbfs,
        true_peak_dbtp=amplitude_db(figures.true_peak),
        integrated_lufs=heard.integrated_lufs,
        max_momentary_lufs=heard.max_momentary_lufs,
        max_short_term_lufs=heard.max_short_term_lufs,
        loudness_range_lu=heard.loudness_range_lu,
        rms_dbfs=level.rms_dbfs,
        crest_db=level.crest_db,
        dc_offset=level.dc_offset,
        lead_silence_frames=level.lead_silence_frames,
        tail_silence_frames=level.tail_silence_frames,
        clipped_runs=clipped_runs,
        clipped_run_count=clipped_run_count,
        flat_tops=flat.runs,
        flat_top_count=flat.count,
        flat_top_level_dbfs=flat.level_dbfs,
        over_full_scale=level.over_full_scale,
        gaps=silences,
        dropouts=tuple(defects.dropouts),
        dropout_count=defects.dropout_count,
        clicks=tuple(defects.clicks),
        click_count=defects.click_count,
        tail_cut=end.cut,
        tail_level_dbfs=end.level_dbfs,
        image=stereo.image,
        correlation=stereo.correlation,
        mono_loss_db=stereo.mono_loss_db,
        mono_loss_at_s=stereo.mono_loss_at_s,
        effective_bits=figures.effective_bits,
        subsonic_db=figures.subsonic_db,
        lossy=lossy,
        upsampled_from_hz=upsampled_from_hz,
        non_finite=level.non_finite,
        non_finite_at_frame=level.non_finite_at_frame,
        envelope=columns,
        envelope_frames=column_frames,
    )
