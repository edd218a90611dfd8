"""Where each rendered file goes, and in which sample format. Pure."""

from __future__ import annotations

from pathlib import PurePosixPath
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from stemkit.model.plan import Encoding, PlannedStem, RenderPlan, Variant

__all__ = ["MIX_KEYS", "encoding_for", "target_paths"]

_FOLDERS: dict[Variant, str] = {"stem": "Stems", "dry": "Stems_Dry", "wet": "Stems_Wet"}
MIX_KEYS = {"rough_mix": "Mix/Rough_Mix.wav", "proof_mix": "Mix/Proof_Mix.wav"}


def _stem_path(stem: PlannedStem) -> PurePosixPath:
    return PurePosixPath(_FOLDERS[stem.variant], f"{stem.file_name}.wav")


def target_paths(plan: RenderPlan) -> dict[str, PurePosixPath]:
    """Return the path inside the delivery for each key of the plan: stems in their order, then the mixes."""
    wanted = {"rough_mix": plan.rough_mix, "proof_mix": plan.proof_mix}
    return {stem.file_name: _stem_path(stem) for stem in plan.stems} | {
        key: PurePosixPath(path) for key, path in MIX_KEYS.items() if wanted[key]
    }


def encoding_for(peak: float, gain_db: float, wish: Encoding) -> Encoding:
    """Choose the sample format: what was wished, unless integers would clip; then float, which loses nothing."""
    return "float32" if peak * 10 ** (gain_db / 20) > 1.0 else wish
