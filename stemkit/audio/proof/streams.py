"""Reading many files at one rate from one zero, in any order, a block at a time."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from typing import TYPE_CHECKING, Any

import numpy as np

from stemkit.audio.c_path import c_path
from stemkit.errors import InputError

if TYPE_CHECKING:
    from pathlib import Path

    from numpy.typing import NDArray

    Audio = NDArray[np.float32]

__all__ = ["MixInput", "Source", "StemInput", "exact_bits"]

_MARGIN = 1024  # source frames around a block that is resampled: soxr's VHQ filter is shorter
_EXACT_BITS = {"PCM_U8": 8, "PCM_S8": 8, "PCM_16": 16, "PCM_24": 24}
_BITS = {**_EXACT_BITS, "PCM_32": 32}


@dataclass(frozen=True, slots=True, kw_only=True)
class StemInput:
    """A stem for the proof. `trim_db` is what the delivery did to its level; the proof undoes it."""

    path: Path
    label: str
    trim_db: float = 0.0


@dataclass(frozen=True, slots=True, kw_only=True)
class MixInput:
    """The mix that the stems should add up to."""

    path: Path
    label: str


def exact_bits(subtype: str) -> int | None:
    """Return the bits a sample of integer PCM, None where samples are not integers."""
    return _BITS.get(subtype)


class Source:
    """One audio file, read at `rate` from frame `start` on; silence before its start and after its end.

    Parameters
    ----------
    path
        Any file that libsndfile reads.
    label
        The file's name for people.
    gain
        Linear factor on every sample.

    Raises
    ------
    InputError
        The file cannot be read, or has more than two channels.
    """

    def __init__(self, path: Path, label: str, *, gain: float = 1.0) -> None:
        import soundfile  # noqa: PLC0415  (a quarter of a second that --help need not pay)

        try:
            self._file: Any = soundfile.SoundFile(c_path(path))
        except (soundfile.LibsndfileError, OSError) as error:
            raise InputError(f"{label} cannot be read ({error}); render it again.") from error
        self.path = path
        self.label = label
        self.gain = gain
        self.channels: int = self._file.channels
        self.file_rate: int = self._file.samplerate
        self.file_frames: int = self._file.frames
        self.subtype: str = self._file.subtype
        self._position = 0
        self.rate = self.file_rate
        self.fold = False
        if self.channels > 2:
            self._file.close()
            raise InputError(f"{label} has {self.channels} channels; the proof adds up mono and stereo files only.")

    @property
    def frames(self) -> int:
        """Length at the chosen rate."""
        frames: int = -(-self.file_frames * self.rate // self.file_rate)
        return frames

    @property
    def exact(self) -> bool:
        """True when samples are integers of at most 24 bits, untouched by gain or rate."""
        return self.subtype in _EXACT_BITS and self.gain == 1.0 and self.rate == self.file_rate

    @property
    def is_lossy(self) -> bool:
        """True when the file's codec throws sound away."""
        return self.subtype not in {"FLOAT", "DOUBLE"} and not self.subtype.startswith(("PCM", "ALAC"))

    def relabelled(self, file_rate: int) -> Source:
        """Open the same file again as if its header said `file_rate`; close it after use."""
        other = Source(self.path, self.label, gain=self.gain)
        other.file_rate, other.rate, other.fold = file_rate, self.rate, self.fold
        return other

    def close(self) -> None:
        """Close the file."""
        self._file.close()

    def _raw(self, start: int, frames: int, dtype: str) -> NDArray[Any]:
        first, last = max(start, 0), min(start + frames, self.file_frames)
        if last <= first:
            return np.zeros((frames, self.channels), dtype)
        if self._position != first:
            self._file.seek(first)
        block = self._file.read(last - first, dtype=dtype, always_2d=True)
        self._position = first + len(block)
        if len(block) == frames:
            return np.asarray(block)
        out = np.zeros((frames, self.channels), dtype)
        out[first - start : first - start + len(block)] = block
        return out

    def read_integers(self, start: int, frames: int) -> NDArray[np.int32]:
        """Return samples as integers of 24 bits, shape (frames, channels). Only where `exact`."""
        block = self._raw(start, frames, "int32")
        return np.asarray(block >> 8, np.int32)

    def read(self, start: int, frames: int) -> Audio:
        """Return samples with full scale at 1, shape (frames, channels); what is no number counts as silence.

        One channel, the mean of both, where `fold` is set.
        """
        block = self._raw(start, frames, "float32") if self.rate == self.file_rate else self._resampled(start, frames)
        if self.subtype in {"FLOAT", "DOUBLE"} and not np.isfinite(block).all():
            block = np.nan_to_num(block, nan=0.0, posinf=0.0, neginf=0.0)
        if self.fold and block.shape[1] > 1:
            block = block.mean(axis=1, keepdims=True)
        return block if self.gain == 1.0 else block * np.float32(self.gain)

    def _resampled(self, start: int, frames: int) -> Audio:
        import soxr  # noqa: PLC0415  (only files at another rate need it)

        # The block starts where a source frame and an output frame fall together, so that every block has one phase.
        ratio = Fraction(self.file_rate, self.rate)
        cells = start // ratio.denominator - -(-_MARGIN // ratio.numerator)
        source_start, output_start = cells * ratio.numerator, cells * ratio.denominator
        source_frames = int((start + frames - output_start) * ratio) + _MARGIN
        block = soxr.resample(self._raw(source_start, source_frames, "float32"), self.file_rate, self.rate, "VHQ")
        block = block[start - output_start : start - output_start + frames]
        return np.ascontiguousarray(block, np.float32)


def open_stem(stem: StemInput) -> Source:
    """Open a stem with its trim undone."""
    return Source(stem.path, stem.label, gain=1.0 if stem.trim_db == 0 else float(10 ** (-stem.trim_db / 20)))
