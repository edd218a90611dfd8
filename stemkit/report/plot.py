"""The small counterpart of the page: a peak bar and a one-line waveform a file, in Unicode blocks."""

from __future__ import annotations

import math
from itertools import pairwise
from typing import TYPE_CHECKING

from stemkit.report.layout import cells, fit, printable

if TYPE_CHECKING:
    from collections.abc import Sequence

    from stemkit.model.audio import AudioFacts
    from stemkit.model.report import Report

__all__ = ["plot_lines"]

_BLOCKS = " ▁▂▃▄▅▆▇█"
_EIGHTHS = " ▏▎▍▌▋▊▉█"
_BAR_CELLS = 12
_BAR_DB = 24.0  # the bar's left end lies this far below full scale
_FLOOR_DB = 48.0  # a waveform column shows levels down to here
_NAME_CELLS = 28


def _bar(peak_dbfs: float | None) -> str:
    """Draw a level from -24 to 0 dBFS, to an eighth of a cell."""
    if peak_dbfs is None:
        return " " * _BAR_CELLS
    eighths = round(max(0.0, min(1.0, 1 + peak_dbfs / _BAR_DB)) * _BAR_CELLS * 8)
    full, rest = divmod(eighths, 8)
    return ("█" * full + (_EIGHTHS[rest] if rest else "")).ljust(_BAR_CELLS)


def _block(level: float) -> str:
    if level <= 0:
        return _BLOCKS[0]
    share = max(0.0, 1 + 20 * math.log10(min(level, 1.0)) / _FLOOR_DB)
    return _BLOCKS[1 + round(share * (len(_BLOCKS) - 2))]


def _wave(envelope: Sequence[tuple[float, float]], count: int) -> str:
    """Draw the loudest level of each of `count` cells on a decibel scale, so that quiet parts are seen."""
    edges = [cell * len(envelope) // count for cell in range(count + 1)]
    return "".join(
        _block(max((max(-low, high) for low, high in envelope[start : max(end, start + 1)]), default=0.0))
        for start, end in pairwise(edges)
    )


def _line(path: str, audio: AudioFacts, longest_s: float, width: int) -> str:
    name = fit(printable(path.rsplit("/", 1)[-1]), _NAME_CELLS)
    name += " " * (_NAME_CELLS - cells(name))
    peak = "  silent" if audio.sample_peak_dbfs is None else f"{audio.sample_peak_dbfs:8.2f}"
    room = max(10, width - _NAME_CELLS - _BAR_CELLS - 8 - 4)
    wave = _wave(audio.envelope, max(1, round(room * audio.frames / audio.sample_rate / longest_s)))
    return f"{name} {peak} {_bar(audio.sample_peak_dbfs)} {wave}".rstrip()


def plot_lines(report: Report, width: int) -> list[str]:
    """Return one line a file: name, peak in dBFS, a bar from -24 to 0 dBFS, and the waveform on one time axis.

    Parameters
    ----------
    report
        With measured files.
    width
        Columns of the terminal.
    """
    heard = [(f.path, f.audio) for f in report.files if f.audio is not None and f.audio.frames]
    longest_s = max((audio.frames / audio.sample_rate for _, audio in heard), default=0.0)
    return [_line(path, audio, longest_s, width) for path, audio in heard]
