from __future__ import annotations

from dataclasses import replace

import pytest

from stemkit.model.audio import AudioFacts, ContainerFacts, FileFacts
from stemkit.model.report import Report
from stemkit.report.plot import plot_lines

AUDIO = AudioFacts(sample_rate=10, channels=1, frames=100, sample_peak_dbfs=-12.0, envelope=((-0.5, 0.5),) * 50)


def report(**audios: AudioFacts) -> Report:
    files = tuple(
        FileFacts(
            path=f"Stems/{name}.wav", role="stem", container=ContainerFacts(container="wav", size_bytes=1), audio=a
        )
        for name, a in audios.items()
    )
    return Report(kind="check", subject="x", profile_id="p", profile_title="P", files=files)


@pytest.mark.parametrize("width", [70, 80, 120])
def test_lines_fit_and_share_one_time_axis(width: int) -> None:
    half = replace(AUDIO, frames=50)
    whole, short = plot_lines(report(whole=AUDIO, short=half), width)
    assert len(whole) <= width
    start = whole.rindex(" ") + 1
    assert len(short) - start == pytest.approx((len(whole) - start) / 2, abs=1)


def test_the_bar_shows_minus_12_dbfs_at_its_middle() -> None:
    (line,) = plot_lines(report(a=AUDIO), 80)
    assert "-12.00 ██████      " in line


def test_silence_draws_nothing_and_says_so() -> None:
    silent = replace(AUDIO, sample_peak_dbfs=None, envelope=((0.0, 0.0),) * 10)
    (line,) = plot_lines(report(a=silent), 80)
    assert line.endswith("silent")


def test_control_characters_do_not_reach_the_terminal() -> None:
    (line,) = plot_lines(report(**{"a\x1b[2Jb": AUDIO}), 80)
    assert "\x1b" not in line
