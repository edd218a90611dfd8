"""Plug-ins and the chains they stand in."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from stemkit.model.envelope import Envelope

__all__ = ["NO_EFFECTS", "Effect", "EffectKind", "FxChain"]

EffectKind = Literal["vst2", "vst3", "js", "au", "clap", "lv2", "dx", "video", "container", "other"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Effect:
    """One plug-in instance. `enabled` is its own bypass switch, apart from the chain's and the track's."""

    name: str  # as the maker names it, without the "VST3:" prefix
    alias: str = ""  # the user's own name for the instance
    kind: EffectKind = "other"
    identifier: str = ""  # file name, JS path or CLAP id
    enabled: bool = True
    offline: bool = False
    is_instrument: bool | None = None
    guid: str = ""
    preset: str = ""
    wet: float | None = None  # 0…1; None where the source does not tell
    envelopes: tuple[Envelope, ...] = ()
    children: tuple[Effect, ...] = ()  # of a container


@dataclass(frozen=True, slots=True, kw_only=True)
class FxChain:
    """Effects in order, with the chain's own switch (`FX 0` or `MASTER_FX 0` silently bypasses all)."""

    effects: tuple[Effect, ...] = ()
    enabled: bool = True


NO_EFFECTS = FxChain()
