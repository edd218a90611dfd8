"""Small WAV files walked, and the damage that was found in them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from stemkit.audio.wav import walk

if TYPE_CHECKING:
    from pathlib import Path

    from stemkit.model.audio import ContainerFacts


def walked(tmp_path: Path, content: bytes, name: str = "01_Kick.wav") -> ContainerFacts:
    path = tmp_path / name
    path.write_bytes(content)
    return walk(path)


def codes(facts: ContainerFacts) -> dict[str, bool]:
    """Map damage code to fatal."""
    return {damage.code: damage.fatal for damage in facts.damage}
