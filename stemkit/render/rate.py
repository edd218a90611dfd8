"""At which sample rate a project is rendered, and why."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

from stemkit.errors import UsageError
from stemkit.session.sound import playing_takes, sounding_items

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from stemkit.model.audio import MediaInfo
    from stemkit.model.session import Session, Track

__all__ = ["choose_rate"]

_LAST_RESORT_HZ = 48_000
_LOWEST_DELIVERED_HZ = 44_100
_LOWEST_HZ, _HIGHEST_HZ = 1_000, 1_000_000


def choose_rate(
    session: Session, tracks: Iterable[Track], media: Mapping[str, MediaInfo | None] | None, wish: int | None
) -> tuple[int, str]:
    """Choose the rate: what was asked for, what the project forces, what most sounding items have, else 48 kHz.

    Items of old samples at 11 or 22 kHz do not make a song of that rate: no device would play it so.

    Parameters
    ----------
    session
        The project.
    tracks
        Those that are heard.
    media
        Headers by resolved path; None: nobody looked.
    wish
        What the user asked for.

    Returns
    -------
    tuple[int, str]
        The rate in hertz, and the reason.

    Raises
    ------
    UsageError
        The wish is no rate of any recording.
    """
    if wish is not None:
        if not _LOWEST_HZ <= wish <= _HIGHEST_HZ:
            raise UsageError(f"{wish} is no sample rate; give --rate in hertz, such as 44100 or 48000.")
        return wish, "asked for"
    if session.sample_rate_forced and session.sample_rate:
        return session.sample_rate, "the project's own rate"
    rates = Counter(info.sample_rate for info in _sounding_media(tracks, media or {}))
    if rates:
        common = max(rates, key=lambda hz: (rates[hz], hz))
        told = f"the project forces no rate, and {rates[common]} of {rates.total()} sounding items have"
        if common >= _LOWEST_DELIVERED_HZ:
            return common, f"{told} this one"
        rate = _LOWEST_DELIVERED_HZ if _LOWEST_DELIVERED_HZ % common == 0 else _LAST_RESORT_HZ
        return rate, f"{told} {common} Hz, which is too low for a delivery"
    if media is None:
        return _LAST_RESORT_HZ, "the project forces no rate, and the media was not looked at"
    return _LAST_RESORT_HZ, "the project forces no rate, and no media that sounds tells one"


def _sounding_media(tracks: Iterable[Track], media: Mapping[str, MediaInfo | None]) -> Iterable[MediaInfo]:
    for track in tracks:
        for item in sounding_items(track):
            for take in playing_takes(item):
                path = take.source.media.resolved_path if take.source is not None else None
                info = media.get(path) if path is not None else None
                if info is not None:
                    yield info
