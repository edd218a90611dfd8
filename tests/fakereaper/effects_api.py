"""The pretend REAPER's functions for effects of tracks and takes."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from tests.fakereaper.binding import Answer

if TYPE_CHECKING:
    from tests.fakereaper.model import Effect, Take, Track

__all__ = ["EffectFunctions"]

_IN_CONTAINER = 0x2000000
_WET = 1000


class EffectFunctions:
    """What `FakeApi` answers about effects."""

    def _effect(self, owner: Track | Take, index: int) -> Effect:
        """Find an effect; those in containers have addresses above a bit (the scheme itself is REAPER's own affair)."""
        if index < _IN_CONTAINER:
            return owner.effects[index]
        outer, place = divmod(index - _IN_CONTAINER, 1000)
        return self._effect(owner, outer).children[place]

    def _name(self, owner: Any, index: int, *_: Any) -> Answer:
        effect = self._effect(owner, index)
        return Answer(True, bufOut=effect.alias or effect.label)

    def _parameter(self, owner: Any, index: int, key: str, *_: Any) -> Answer:
        effect = self._effect(owner, index)
        facts = {
            "fx_type": effect.kind,
            "fx_ident": effect.identifier,
            "original_name": effect.label,
            "renamed_name": effect.alias,
            "container_count": str(len(effect.children)) if effect.children else "",
        }
        for place in range(len(effect.children)):
            facts[f"container_item.{place}"] = str(_IN_CONTAINER + index * 1000 + place)
        return Answer(bool(facts.get(key)), bufOutNeedBig=facts.get(key) or "")

    def guidToString(self, guid: Any, text: str) -> Answer:
        return Answer(destNeed64=guid.guid)

    def TrackFX_GetCount(self, owner: Track) -> int:
        return len(owner.effects)

    def TrackFX_GetFXName(self, owner: Track, index: int, *rest: Any) -> Answer:
        return self._name(owner, index, *rest)

    def TrackFX_GetFXGUID(self, owner: Track, index: int) -> Any:
        return self._effect(owner, index)

    def TrackFX_GetEnabled(self, owner: Track, index: int) -> int:
        return self._effect(owner, index).enabled

    def TrackFX_SetEnabled(self, owner: Track, index: int, enabled: int) -> None:
        self._effect(owner, index).enabled = int(bool(enabled))

    def TrackFX_GetOffline(self, owner: Track, index: int) -> int:
        return self._effect(owner, index).offline

    def TrackFX_GetNamedConfigParm(self, owner: Track, index: int, key: str, *rest: Any) -> Answer:
        return self._parameter(owner, index, key, *rest)

    def TrackFX_GetPreset(self, owner: Track, index: int, *_: Any) -> Answer:
        return Answer(True, presetnameOut=self._effect(owner, index).preset)

    def TrackFX_GetParamFromIdent(self, owner: Track, index: int, ident: str) -> int:
        return _WET if ident == ":wet" else -1

    def TrackFX_GetParamNormalized(self, owner: Track, index: int, parameter: int) -> float:
        assert parameter == _WET
        return self._effect(owner, index).wet

    def TakeFX_GetCount(self, owner: Take) -> int:
        return len(owner.effects)

    def TakeFX_GetFXName(self, owner: Take, index: int, *rest: Any) -> Answer:
        return self._name(owner, index, *rest)

    def TakeFX_GetFXGUID(self, owner: Take, index: int) -> Any:
        return self._effect(owner, index)

    def TakeFX_GetEnabled(self, owner: Take, index: int) -> int:
        return self._effect(owner, index).enabled

    def TakeFX_GetOffline(self, owner: Take, index: int) -> int:
        return self._effect(owner, index).offline

    def TakeFX_GetNamedConfigParm(self, owner: Take, index: int, key: str, *rest: Any) -> Answer:
        return self._parameter(owner, index, key, *rest)

    def TakeFX_GetPreset(self, owner: Take, index: int, *_: Any) -> Answer:
        return Answer(True, presetnameOut=self._effect(owner, index).preset)

    def TakeFX_GetParamFromIdent(self, owner: Take, index: int, ident: str) -> int:
        return _WET if ident == ":wet" else -1

    def TakeFX_GetParamNormalized(self, owner: Take, index: int, parameter: int) -> float:
        return self._effect(owner, index).wet
