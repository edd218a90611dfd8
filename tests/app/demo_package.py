"""The example song, delivered once for all tests that look at packages."""

from __future__ import annotations

import functools
import shutil
import tempfile
from pathlib import Path

import numpy as np
import soundfile

from stemkit.app.deliver import DeliverResult, deliver_project
from stemkit.app.demo_song import write_demo_project

__all__ = ["copy_of", "delivered", "song"]

BRIEF = """
title = "Night *Bus*"
artist = "The Makers"
genre = "synth pop"
platform = "Spotify"
mood = "late and warm"
goal = "the voice up front"
contact = "maker@example.org"
deadline = 2026-12-01
[notes]
Kick = "leave the click"
"Vox Lead" = "the breath at the start is meant"
[[references]]
file = "Like this.flac"
note = "the low end"
[[references]]
link = "https://example.org/song"
"""


@functools.cache
def song() -> Path:
    """Write the example project with a brief and a reference."""
    folder = Path(tempfile.mkdtemp(prefix="stemkit-test-song-"))
    project = write_demo_project(folder)
    (folder / "brief.toml").write_text(BRIEF)
    noise = np.random.default_rng(1).standard_normal((96_000, 2)) * 0.1
    soundfile.write(folder / "Like this.flac", noise, 48_000)
    return project


@functools.cache
def delivered() -> DeliverResult:
    """Deliver the example project, with a zip."""
    output = Path(tempfile.mkdtemp(prefix="stemkit-test-package-"))
    return deliver_project(song(), output, archive=True)


def copy_of(target: Path) -> Path:
    """Copy the package, so that a test may damage it."""
    package = delivered().package
    assert package is not None
    return Path(shutil.copytree(package, target / package.name))
