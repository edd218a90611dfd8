"""All figures of one stream with the compiled kernel; what it finds suspicious is judged here, as numpy defines it."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple, TypeVar

import numpy as np

from stemkit.audio.bit_depth import effective_bits
from stemkit.audio.chunks import Cells, Chunk
from stemkit.audio.defects import DefectMeter
from stemkit.audio.envelope import Envelope
from stemkit.audio.figures import Figures
from stemkit.audio.flat_tops import FlatTops
from stemkit.audio.gaps import GapMeter
from stemkit.audio.image import ImageMeter
from stemkit.audio.kernel import Kernel, listed_runs
from stemkit.audio.levels import LevelSums, levels_of
from stemkit.audio.loudness import LoudnessMeter
from stemkit.audio.runs import first_runs
from stemkit.audio.spectrum import SpectrumProbe
from stemkit.audio.subsonic import SubsonicMeter
from stemkit.audio.tail import TailMeter
from stemkit.audio.units import amplitude_db

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from stemkit.audio.source import Source

__all__ = ["fused_figures"]

_Float = TypeVar("_Float", np.float32, np.float64)


class _Meters(NamedTuple):
    """What goes on in Python: everything that needs cells only, or looks at few samples."""

    loudness: LoudnessMeter
    image: ImageMeter
    gaps: GapMeter
    subsonic: SubsonicMeter
    envelope: Envelope
    defects: DefectMeter
    tail: TailMeter
    spectrum: SpectrumProbe
    sums: LevelSums


def fused_figures(source: Source) -> Figures:
    """Measure a stream to its end; as `plain_figures`, within the rounding of single precision."""
    rate, channels = source.sample_rate, source.channels
    kernel = Kernel(source)
    meters = _Meters(
        loudness=LoudnessMeter(channels, rate),
        image=ImageMeter(channels, rate, source.encoding),
        gaps=GapMeter(rate, source.look_back),
        subsonic=SubsonicMeter(channels),
        envelope=Envelope(),
        defects=DefectMeter(),
        tail=TailMeter(rate),
        spectrum=SpectrumProbe(rate, source.frames),
        sums=LevelSums(peaks=kernel.peaks, peak_frames=[], sums=np.zeros(channels)),
    )
    frames = 0
    with np.errstate(over="ignore", invalid="ignore"):  # absurd float values end as None, not as a warning
        for frames in kernel.read_from(source):
            if kernel.meter.dropout_count or kernel.meter.click_count:
                _judge(kernel, meters.defects, _chunk(kernel, frames))
            if source.look_back is None:
                meters.gaps.listen(_chunk(kernel, frames))
            meters.spectrum.feed(kernel.samples[:, :frames].T)
            if kernel.meter.slot == kernel.slots:
                _take(kernel, meters)
        if frames:
            meters.tail.feed(_chunk(kernel, frames))
        if kernel.meter.slot:
            _take(kernel, meters)
    kernel.finish()
    return _figures(kernel, meters, source)


def _chunk(kernel: Kernel, frames: int) -> Chunk:
    """Return the last chunk in the form that the meters in numpy take."""
    slot = kernel.meter.slot - 1
    return Chunk(
        buffer=kernel.buffer,
        exact=kernel.samples,
        start=kernel.meter.frames - frames,
        frames=frames,
        cell_frames=kernel.cell_frames,
        lowest=kernel.lowest[slot],
        highest=kernel.highest[slot],
        total=kernel.total[slot],
        energy=kernel.energy[slot],
        non_finite=0,
        non_finite_at=None,
    )


def _judge(kernel: Kernel, defects: DefectMeter, chunk: Chunk) -> None:
    meter = kernel.meter
    for run in meter.dropouts[0 : meter.dropout_count]:
        defects.judge_zeros(chunk, run.channel, run.start_frame, run.end_frame)
    for run in meter.clicks[0 : meter.click_count]:
        defects.judge_step(chunk, run.channel, run.start_frame)


def _take(kernel: Kernel, meters: _Meters) -> None:
    """Hand the figures of the chunks in the slots to the meters, and begin with the first slot again."""
    count = kernel.meter.slot

    def row(slots: NDArray[_Float]) -> NDArray[_Float]:
        return slots[:count].transpose(1, 0, 2).reshape(slots.shape[1], -1)

    cells = Cells(
        frames=kernel.meter.frames - meters.sums.frames,
        cell_frames=kernel.cell_frames,
        lowest=row(kernel.lowest),
        highest=row(kernel.highest),
        total=row(kernel.total),
        energy=row(kernel.energy),
    )
    sums = meters.sums
    sums.frames = kernel.meter.frames
    sums.energy += float(cells.energy.sum())
    sums.sums += cells.total.sum(axis=1, dtype=np.float64)
    if kernel.meter.k_weighted:
        meters.loudness.take(row(kernel.k_energy), cells)
    meters.image.take(cells, kernel.cross[:count].ravel())
    meters.gaps.take(cells)
    meters.subsonic.take(row(kernel.means), cells)
    meters.envelope.feed(cells)
    kernel.meter.slot = 0


def _figures(kernel: Kernel, meters: _Meters, source: Source) -> Figures:
    meter = kernel.meter
    sums = meters.sums
    sums.peak_frames = kernel.peak_frames.tolist()
    sums.first_sound = meter.first_sound if meter.first_sound >= 0 else None
    sums.last_sound, sums.over_full_scale = meter.last_sound, meter.over_full_scale
    sums.non_finite = meter.non_finite
    sums.non_finite_at = meter.non_finite_at if meter.non_finite_at >= 0 else None
    meters.image.note_worst(meter.worst_difference, meter.worst_sum)
    return Figures(
        levels=levels_of(sums),
        loudness=meters.loudness.result(),
        true_peak=meter.true_peak,
        stereo=meters.image.result(),
        effective_bits=effective_bits(source.encoding, meter.bits, off_grid=bool(meter.off_grid)),
        clips=kernel.clipped_runs(),
        flat_tops=FlatTops(
            runs=first_runs(listed_runs(meter.flat_runs, meter.flat_count)),
            count=meter.flat_count,
            level_dbfs=amplitude_db(meter.flat_level) if meter.flat_count else None,
        ),
        defects=meters.defects,
        gaps=meters.gaps.result(),
        tail=meters.tail,
        subsonic_db=meters.subsonic.result(),
        envelope=meters.envelope.result(),
        past=meters.spectrum.result(),
    )
