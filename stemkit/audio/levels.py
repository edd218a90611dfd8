"""Peak, RMS, crest, DC and the silence at both ends, to the sample."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from stemkit.audio.units import amplitude_db, power_db

if TYPE_CHECKING:
    from stemkit.audio.chunks import Chunk

__all__ = ["LevelMeter", "Levels"]


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


class LevelMeter:
    """Collects the figures that need no filter.

    RMS is the plain root of the mean square of all channels together: a full-scale sine reads -3.01 dBFS (the
    AES17 convention would add 3.01). DC is the mean of each channel.
    """

    def __init__(self, channels: int) -> None:
        self._frames = 0
        self.peaks = np.zeros(channels)
        self._peak_frames = [0] * channels
        self._energy = 0.0
        self._sums = np.zeros(channels)
        self._first_sound: int | None = None
        self._last_sound = 0
        self._over = 0
        self._non_finite = 0
        self._non_finite_at: int | None = None

    def feed(self, chunk: Chunk) -> None:
        """Take the next chunk."""
        self._frames += chunk.frames
        self._energy += float(chunk.energy.sum())
        self._sums += chunk.total.sum(axis=1, dtype=np.float64)
        if chunk.non_finite_at is not None and self._non_finite_at is None:
            self._non_finite_at = chunk.non_finite_at
        self._non_finite += chunk.non_finite
        magnitude = chunk.magnitude
        loudest = magnitude.max(axis=1)
        if loudest.any():
            self._note_peaks(chunk, magnitude, loudest)
            self._note_sound(chunk, magnitude)
        if loudest.max() > 1:
            self._over += int(np.count_nonzero(np.abs(chunk.samples) > 1))

    def _note_peaks(self, chunk: Chunk, magnitude: np.ndarray, loudest: np.ndarray) -> None:
        for channel in np.flatnonzero(loudest > self.peaks):
            cell = int(magnitude[channel].argmax())
            begin = cell * chunk.cell_frames
            within = np.abs(chunk.samples[channel, begin : begin + chunk.cell_frames]).argmax()
            self.peaks[channel] = loudest[channel]
            self._peak_frames[channel] = chunk.start + begin + int(within)

    def _note_sound(self, chunk: Chunk, magnitude: np.ndarray) -> None:
        cells = np.flatnonzero(magnitude.any(axis=0))
        if self._first_sound is None:
            begin = int(cells[0]) * chunk.cell_frames
            sounding = chunk.samples[:, begin : begin + chunk.cell_frames].any(axis=0)
            self._first_sound = chunk.start + begin + int(sounding.argmax())
        begin = int(cells[-1]) * chunk.cell_frames
        sounding = chunk.samples[:, begin : begin + chunk.cell_frames].any(axis=0)
        self._last_sound = chunk.start + begin + int(np.flatnonzero(sounding)[-1])

    def result(self) -> Levels:
        """Return the figures; a file of nothing but zeros is silent from both ends, over its whole length."""
        channels = len(self.peaks)
        peak_channel = int(self.peaks.argmax())
        peak_dbfs = amplitude_db(float(self.peaks[peak_channel]))
        samples = self._frames * channels
        rms_dbfs = power_db(self._energy / samples) if samples else None
        silent = self._first_sound is None
        return Levels(
            frames=self._frames,
            sample_peak_dbfs=peak_dbfs,
            sample_peak_frame=None if peak_dbfs is None else self._peak_frames[peak_channel],
            sample_peak_channel=None if peak_dbfs is None else peak_channel,
            channel_peaks_dbfs=tuple(amplitude_db(float(peak)) for peak in self.peaks),
            rms_dbfs=rms_dbfs,
            crest_db=None if peak_dbfs is None or rms_dbfs is None else peak_dbfs - rms_dbfs,
            dc_offset=tuple((self._sums / max(1, self._frames)).tolist()),
            lead_silence_frames=self._frames if self._first_sound is None else self._first_sound,
            tail_silence_frames=self._frames if silent else self._frames - 1 - self._last_sound,
            over_full_scale=self._over,
            non_finite=self._non_finite,
            non_finite_at_frame=self._non_finite_at,
        )
