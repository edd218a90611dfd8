"""What the headers of media files say, for plans and rules that need rates and channels but no samples."""

from __future__ import annotations

from typing import TYPE_CHECKING

from stemkit.audio.c_path import c_path
from stemkit.model.audio import MediaInfo

if TYPE_CHECKING:
    from collections.abc import Iterable

__all__ = ["probe_media"]


def probe_media(paths: Iterable[str]) -> dict[str, MediaInfo | None]:
    """Read the headers of media files.

    Parameters
    ----------
    paths
        Existing files; each is opened once.

    Returns
    -------
    dict[str, MediaInfo | None]
        By path; None where libsndfile knows no such format (video, for one) or the file is broken.
    """
    return {path: _probe(path) for path in dict.fromkeys(paths)}


def _probe(path: str) -> MediaInfo | None:
    import soundfile  # noqa: PLC0415  (loads a library that `--help` need not wait for)

    try:
        info = soundfile.info(c_path(path))
    except (soundfile.LibsndfileError, OSError):
        return None
    return MediaInfo(sample_rate=info.samplerate, channels=info.channels, frames=info.frames)
