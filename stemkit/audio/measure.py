"""Measure one file in one streaming pass: the only door to the samples.

This module wires; each figure's formula and source stand in its own module. Memory is bounded by a second of
audio, and no figure depends on the blocks in which the audio arrives.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from stemkit.audio.bit_depth import BitDepthMeter
from stemkit.audio.chunks import read_chunks
from stemkit.audio.clipping import ClipMeter
from stemkit.audio.defects import DefectMeter
from stemkit.audio.envelope import Envelope
from stemkit.audio.flat_tops import FlatTopMeter
from stemkit.audio.gaps import GapMeter
from stemkit.audio.hashing import FileHasher, hash_file
from stemkit.audio.image import ImageMeter
from stemkit.audio.levels import LevelMeter
from stemkit.audio.loudness import LoudnessMeter
from stemkit.audio.source import block_source, is_plain, open_source
from stemkit.audio.spectrum import SpectrumProbe
from stemkit.audio.subsonic import SubsonicMeter
from stemkit.audio.tail import TailMeter
from stemkit.audio.true_peak import TruePeakMeter
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
    rate, channels, encoding = source.sample_rate, source.channels, source.encoding
    levels = LevelMeter(channels)
    loudness = LoudnessMeter(channels, rate)
    true_peak = TruePeakMeter(channels, rate)
    image = ImageMeter(channels, rate, encoding)
    depth = BitDepthMeter(encoding)
    clips = ClipMeter(channels, encoding)
    flat_tops = FlatTopMeter(rate, encoding)
    defects = DefectMeter()
    gaps = GapMeter(rate)
    tail = TailMeter(rate)
    subsonic = SubsonicMeter(channels)
    envelope = Envelope()
    spectrum = SpectrumProbe(rate)
    meters = (levels, loudness, true_peak, image, depth, clips, flat_tops, defects, gaps, tail, subsonic, envelope)
    with np.errstate(over="ignore", invalid="ignore"):  # absurd float values end as None, not as a warning
        for chunk in read_chunks(source):
            for meter in meters:
                meter.feed(chunk)
            spectrum.feed(chunk.samples[:, : chunk.frames].copy().T)  # the probe keeps what it is fed
    level, heard, stereo = levels.result(), loudness.result(), image.result()
    columns, column_frames = envelope.result()
    clipped_runs, clipped_run_count = clips.result()
    flat = flat_tops.result()
    silences = gaps.result()
    end = tail.result(silences, silent=stereo.image == "silent")
    lossy, upsampled_from_hz = spectrum.result()
    return AudioFacts(
        sample_rate=rate,
        channels=channels,
        frames=level.frames,
        sample_peak_dbfs=level.sample_peak_dbfs,
        sample_peak_frame=level.sample_peak_frame,
        sample_peak_channel=level.sample_peak_channel,
        channel_peaks_dbfs=level.channel_peaks_dbfs,
        true_peak_dbtp=amplitude_db(true_peak.result()),
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
        effective_bits=depth.result(),
        subsonic_db=subsonic.result(),
        lossy=lossy,
        upsampled_from_hz=upsampled_from_hz,
        non_finite=level.non_finite,
        non_finite_at_frame=level.non_finite_at_frame,
        envelope=columns,
        envelope_frames=column_frames,
    )
