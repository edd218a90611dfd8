"""Peak, RMS, crest, DC and the silence at both ends, to the sample."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from stemkit.audio.units import amplitude_db, power_db

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from stemkit.audio.chunks import Chunk

__all__ = ["LevelMeter", "LevelSums", "Levels", "levels_of"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Levels:
    """What `LevelMeter` found; levels of silence are None."""

    frames: int
    sample_peak_dbfs: float | None
    sample_peak_frame: int | None
    sample_peak_channel: int | None
    channel_peaks_dbfs: tuple[float | None, ...]
    rms_dbfs: float | None
    crest_db: float | None
    dc_offset: tuple[float, ...]
    lead_silence_frames: int
    tail_silence_frames: int
    over_full_scale: int
    non_finite: int
    non_finite_at_frame: int | None


@dataclass(slots=True, kw_only=True)
class LevelSums:
    """What is counted while the samples pass."""

    peaks: NDArray[np.floating]  # (channels,), linear
    peak_frames: list[int]
    sums: NDArray[np.float64]  # of the samples of each channel
    frames: int = 0
    energy: float = 0.0
    first_sound: int | None = None
    last_sound: int = 0
    over_full_scale: int = 0
    non_finite: int = 0
    non_finite_at: int | None = None


def levels_of(sums: LevelSums) -> Levels:
    """Return the figures; a file of nothing but zeros is silent from both ends, over its whole length.

    RMS is the plain root of the mean square of all channels together: a full-scale sine reads -3.01 dBFS (the
    AES17 convention would add 3.01). DC is the mean of each channel.
    """
    channels = len(sums.peaks)
    peak_channel = int(sums.peaks.argmax())
    peak_dbfs = amplitude_db(float(sums.peaks[peak_channel]))
    samples = sums.frames * channels
    rms_dbfs = power_db(sums.energy / samples) if samples else None
    silent = sums.first_sound is None
    return Levels(
        frames=sums.frames,
        sample_peak_dbfs=peak_dbfs,
        sample_peak_frame=None if peak_dbfs is None else sums.peak_frames[peak_channel],
        sample_peak_channel=None if peak_dbfs is None else peak_channel,
        channel_peaks_dbfs=tuple(amplitude_db(float(peak)) for peak in sums.peaks),
        rms_dbfs=rms_dbfs,
        crest_db=None if peak_dbfs is None or rms_dbfs is None else peak_dbfs - rms_dbfs,
        dc_offset=tuple((sums.sums / max(1, sums.frames)).tolist()),
        lead_silence_frames=sums.frames if sums.first_sound is None else sums.first_sound,
        tail_silence_frames=sums.frames if silent else sums.frames - 1 - sums.last_sound,
        over_full_scale=sums.over_full_scale,
        non_finite=sums.non_finite,
        non_finite_at_frame=sums.non_finite_at,
    )


class LevelMeter:
    """Collects the figures that need no filter."""

    def __init__(self, channels: int) -> None:
        self._sums = LevelSums(peaks=np.zeros(channels), peak_frames=[0] * channels, sums=np.zeros(channels))

    def feed(self, chunk: Chunk) -> None:
        """Take the next chunk."""
        sums = self._sums
        sums.frames += chunk.frames
        sums.energy += float(chunk.energy.sum())
        sums.sums += chunk.total.sum(axis=1, dtype=np.float64)
        if chunk.non_finite_at is not None and sums.non_finite_at is None:
            sums.non_finite_at = chunk.non_finite_at
        sums.non_finite += chunk.non_finite
        magnitude = chunk.magnitude
        loudest = magnitude.max(axis=1)
        if loudest.any():
            self._note_peaks(chunk, magnitude, loudest)
            self._note_sound(chunk, magnitude)
        if loudest.max() > 1:
            sums.over_full_scale += int(np.count_nonzero(np.abs(chunk.samples) > 1))

    def _note_peaks(self, chunk: Chunk, magnitude: np.ndarray, loudest: np.ndarray) -> None:
        for channel in np.flatnonzero(loudest > self._sums.peaks):
            cell = int(magnitude[channel].argmax())
            begin = cell * chunk.cell_frames
            within = np.abs(chunk.samples[channel, begin : begin + chunk.cell_frames]).argmax()
            self._sums.peaks[channel] = loudest[channel]
            self._sums.peak_frames[channel] = chunk.start + begin + int(within)

    def _note_sound(self, chunk: Chunk, magnitude: np.ndarray) -> None:
        cells = np.flatnonzero(magnitude.any(axis=0))
        if self._sums.first_sound is None:
            begin = int(cells[0]) * chunk.cell_frames
            sounding = chunk.samples[:, begin : begin + chunk.cell_frames].any(axis=0)
            self._sums.first_sound = chunk.start + begin + int(sounding.argmax())
        begin = int(cells[-1]) * chunk.cell_frames
        sounding = chunk.samples[:, begin : begin + chunk.cell_frames].any(axis=0)
        self._sums.last_sound = chunk.start + begin + int(np.flatnonzero(sounding)[-1])

    def result(self) -> Levels:
        """Return the figures."""
        return levels_of(self._sums)
