"""One way of measuring files, as a process that `check.py` can time.

    python bench/one_tool.py core|figures|pyebur128|pyloudnorm FILE…
    python bench/one_tool.py kernel

``figures`` is everything that is measured of the samples, by as many threads as `stemkit check` takes: no rules and no
report. ``core`` is the pass over the samples alone, without the closer look at 64 short stretches of each file, for
traces of codecs and of a lower rate. ``kernel`` says which pass that is.
"""

from __future__ import annotations

import os
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")  # as the command does


class _NoCloserLook:
    """Stands in for the probe that keeps stretches and looks at them when the pass is over."""

    def __init__(self, *_: object) -> None: ...
    def feed(self, _block: object) -> None: ...
    def result(self) -> tuple[None, None]:
        return None, None


def core(files: list[str]) -> None:
    from stemkit.audio import figures as plain
    from stemkit.audio import fused

    fused.SpectrumProbe = plain.SpectrumProbe = _NoCloserLook
    figures(files)


def figures(files: list[str]) -> None:
    from stemkit.app.executor import default_jobs
    from stemkit.audio.measure import measure

    with ThreadPoolExecutor(default_jobs()) as pool:
        for facts in pool.map(measure, map(Path, files)):
            print(facts.true_peak_dbtp)


def pyebur128(files: list[str]) -> None:
    """Integrated loudness and true peak by libebur128, in blocks."""
    import soundfile
    from pyebur128 import MeasurementMode, R128State, get_loudness_global, get_true_peak

    for path in files:
        with soundfile.SoundFile(path) as file:
            mode = MeasurementMode.MODE_I | MeasurementMode.MODE_TRUE_PEAK
            state = R128State(file.channels, file.samplerate, mode)
            for block in file.blocks(65536, dtype="float64", always_2d=True):
                state.add_frames(block.ravel(), len(block))
            print(get_loudness_global(state), [get_true_peak(state, channel) for channel in range(file.channels)])


def pyloudnorm(files: list[str]) -> None:
    """Integrated loudness alone; the library wants the whole file."""
    import soundfile
    from pyloudnorm import Meter

    for path in files:
        samples, rate = soundfile.read(path)
        print(Meter(rate).integrated_loudness(samples))


def kernel(_files: list[str]) -> None:
    from stemkit.audio.kernel import kernel_state

    print(kernel_state())


if __name__ == "__main__":
    {f.__name__: f for f in (core, figures, pyebur128, pyloudnorm, kernel)}[sys.argv[1]](sys.argv[2:])
