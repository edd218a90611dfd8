from __future__ import annotations

import pytest

from stemkit.rules.targets import target_rate_of


@pytest.mark.parametrize(
    ("target", "rate_hz"),
    [
        ("Spotify", 44100),
        ("Spotify, SoundCloud", 44100),
        ("a CD and vinyl", 44100),
        ("YouTube", 48000),
        ("TikTok / Instagram reels", 48000),
        ("short film", 48000),
        ("Music video for YouTube and Spotify", None),  # both: nobody can tell
        ("my friends", None),
        ("", None),
    ],
)
def test_the_rate_of_a_target(target: str, rate_hz: int | None) -> None:
    found = target_rate_of(target)
    assert (found.rate_hz if found else None) == rate_hz
