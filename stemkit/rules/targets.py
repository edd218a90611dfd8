"""Which sample rate a brief's target platform asks for."""

from __future__ import annotations

from typing import TYPE_CHECKING

from stemkit.rules.session_context import TargetRate
from stemkit.rules.words import words

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["target_rate_of"]

# 44.1 kHz for music releases, 48 kHz for video: guide G2. A platform for both decides nothing by itself.
_RATES_HZ: Mapping[int, frozenset[str]] = {
    44100: frozenset(
        {"spotify", "soundcloud", "bandcamp", "tidal", "deezer", "cd", "vinyl", "album", "single", "ep", "streaming"}
        | {"music", "qobuz", "itunes", "beatport"}
    ),
    48000: frozenset(
        {"youtube", "tiktok", "instagram", "reels", "shorts", "video", "film", "movie", "tv", "television", "broadcast"}
        | {"netflix", "cinema", "trailer", "advert", "commercial", "vimeo", "twitch", "game", "games"}
    ),
}


def target_rate_of(target: str) -> TargetRate | None:
    """Find the rate for a target as a brief names it.

    Parameters
    ----------
    target
        Free text: ``Spotify``, ``YouTube video``, ``Spotify and SoundCloud``.

    Returns
    -------
    TargetRate or None
        None where the text names no known platform, or some for music and some for video.
    """
    told = frozenset(words(target.casefold()))  # in one case, so that YouTube stays one word
    rates = [rate for rate, platforms in _RATES_HZ.items() if told & platforms]
    return TargetRate(rate_hz=rates[0], target=target.strip()) if len(rates) == 1 else None
