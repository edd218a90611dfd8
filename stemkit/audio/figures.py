"""All figures of one stream, computed in numpy: the definition that the compiled kernel is held against."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from stemkit.audio.bit_depth import BitDepthMeter
from stemkit.audio.chunks import read_chunks
from stemkit.audio.clipping import ClipMeter
from stemkit.audio.defects import DefectMeter
from stemkit.audio.envelope import Envelope
from stemkit.audio.flat_tops import FlatTopMeter
from stemkit.audio.gaps import GapMeter
from stemkit.audio.image import ImageMeter
from stemkit.audio.levels import LevelMeter
from stemkit.audio.loudness import LoudnessMeter
from stemkit.audio.spectrum import SpectrumProbe
from stemkit.audio.subsonic import SubsonicMeter
from stemkit.audio.tail import TailMeter
from stemkit.audio.true_peak import TruePeakMeter

if TYPE_CHECKING:
    from collections.abc import Sequence

    from stemkit.audio.flat_tops import FlatTops
    from stemkit.audio.image import Stereo
    from stemkit.audio.levels import Levels
    from stemkit.audio.loudness import Loudness
    from stemkit.audio.source import Source
    from stemkit.model.audio import Gap, LossyEvidence, Run

__all__ = ["Figures", "plain_figures"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Figures:
    """What the meters found, each in its own form."""

    levels: Levels
    loudness: Loudness
    true_peak: float  # linear
    stereo: Stereo
    effective_bits: int | None
    clips: tuple[tuple[Run, ...], int]
    flat_tops: FlatTops
    defects: DefectMeter
    gaps: tuple[Gap, ...]
    tail: TailMeter
    subsonic_db: float | None
    envelope: tuple[Sequence[tuple[float, float]], int]
    past: tuple[LossyEvidence | None, int | None]


def plain_figures(source: Source) -> Figures:
    """Measure a stream to its end.

    Parameters
    ----------
    source
        The stream, at its beginning.
    """
    rate, channels, encoding = source.sample_rate, source.channels, source.encoding
    levels, loudness, true_peak = LevelMeter(channels), LoudnessMeter(channels, rate), TruePeakMeter(channels, rate)
    image, depth, clips = ImageMeter(channels, rate, encoding), BitDepthMeter(encoding), ClipMeter(channels, encoding)
    flat_tops, defects, gaps = FlatTopMeter(rate, encoding), DefectMeter(), GapMeter(rate, source.look_back)
    tail, subsonic, envelope = TailMeter(rate), SubsonicMeter(channels), Envelope()
    meters = (levels, loudness, true_peak, image, depth, clips, flat_tops, defects, gaps, tail, subsonic, envelope)
    spectrum = SpectrumProbe(rate, source.frames)
    with np.errstate(over="ignore", invalid="ignore"):  # absurd float values end as None, not as a warning
        for chunk in read_chunks(source):
            for meter in meters:
                meter.feed(chunk)
            spectrum.feed(chunk.samples[:, : chunk.frames].T)
    return Figures(
        levels=levels.result(),
        loudness=loudness.result(),
        true_peak=true_peak.result(),
        stereo=image.result(),
        effective_bits=depth.result(),
        clips=clips.result(),
        flat_tops=flat_tops.result(),
        defects=defects,
        gaps=gaps.result(),
        tail=tail,
        subsonic_db=subsonic.result(),
        envelope=envelope.result(),
        past=spectrum.result(),
    )
