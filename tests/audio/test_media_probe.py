from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import soundfile

from stemkit.audio.media import probe_media
from stemkit.model.audio import MediaInfo

if TYPE_CHECKING:
    from pathlib import Path


def test_headers_are_read_and_what_is_no_audio_is_none(tmp_path: Path) -> None:
    soundfile.write(tmp_path / "mono.wav", np.zeros(10), 44100)
    soundfile.write(tmp_path / "wide.flac", np.zeros((20, 4)), 96000)
    (tmp_path / "clip.mov").write_bytes(b"\0\0\0\x14ftypqt  ")
    (tmp_path / "empty.wav").write_bytes(b"")
    paths = [
        str(tmp_path / name) for name in ("mono.wav", "wide.flac", "mono.wav", "clip.mov", "empty.wav", "gone.wav")
    ]
    assert list(probe_media(paths).values()) == [
        MediaInfo(sample_rate=44100, channels=1, frames=10),
        MediaInfo(sample_rate=96000, channels=4, frames=20),
        None,
        None,
        None,
    ]
