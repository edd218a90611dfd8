"""The example song, delivered once for all tests that look at packages."""

from __future__ import annotations

import atexit
import functools
import shutil
import tempfile
from pathlib import Path
from typing import Any

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


def _folder(name: str) -> Path:
    folder = Path(tempfile.mkdtemp(prefix=f"stemkit-test-{name}-"))
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    return folder


@functools.cache
def song() -> Path:
    """Write the example project with a brief and a reference."""
    folder = _folder("song")
    project = write_demo_project(folder)
    (folder / "brief.toml").write_text(BRIEF)
    noise = np.random.default_rng(1).standard_normal((96_000, 2)) * 0.1
    soundfile.write(folder / "Like this.flac", noise, 48_000)
    return project


@functools.cache
def delivered() -> DeliverResult:
    """Deliver the example project, with a zip."""
    output = _folder("package")
    return deliver_project(song(), output, archive=True)


def copy_of(target: Path) -> Path:
    """Copy the package, so that a test may damage it."""
    package = delivered().package
    assert package is not None
    return Path(shutil.copytree(package, target / package.name))


def stems_of(manifest: dict[str, Any]) -> dict[str, float]:
    return {entry["path"]: entry["trim_db"] for entry in manifest["files"] if entry["role"] == "stem"}
