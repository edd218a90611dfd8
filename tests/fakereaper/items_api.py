"""The pretend REAPER's functions for items, their takes and media."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from tests.fakereaper.binding import Answer

if TYPE_CHECKING:
    from tests.fakereaper.model import Envelope, Item, Source, Take, Track

__all__ = ["ItemFunctions"]


class ItemFunctions:
    """What `FakeApi` answers about items."""

    def DeleteTrackMediaItem(self, track: Track, item: Item) -> bool:
        track.items.remove(item)
        return True

    def CountTrackMediaItems(self, track: Track) -> int:
        return len(track.items)

    def GetTrackMediaItem(self, track: Track, index: int) -> Item:
        return track.items[index]

    def GetSetMediaItemInfo_String(self, item: Item, key: str, text: str, is_set: int) -> Answer:
        return Answer(True, stringNeedBig=item.guid if key == "GUID" else item.notes)

    def GetMediaItemInfo_Value(self, item: Item, key: str) -> float:
        return item.values[key]

    def CountTakes(self, item: Item) -> int:
        return len(item.takes)

    def GetMediaItemTake(self, item: Item, index: int) -> Take | None:
        return item.takes[index]

    def GetSetMediaItemTakeInfo_String(self, take: Take, key: str, text: str, is_set: int) -> Answer:
        return Answer(True, stringNeedBig=take.guid if key == "GUID" else take.name)

    def GetMediaItemTakeInfo_Value(self, take: Take, key: str) -> float:
        return take.values[key]

    def GetTakeNumStretchMarkers(self, take: Take) -> int:
        return take.stretch_markers

    def CountTakeEnvelopes(self, take: Take) -> int:
        return len(take.envelopes)

    def GetTakeEnvelope(self, take: Take, index: int) -> Envelope:
        return take.envelopes[index]

    def GetMediaItemTake_Source(self, take: Take) -> Source | None:
        return take.source

    def GetMediaSourceType(self, source: Source, text: str, size: int) -> Answer:
        return Answer(typebufOut=source.kind)

    def GetMediaSourceFileName(self, source: Source, text: str, size: int) -> Answer:
        return Answer(filenamebufOut=source.file)

    def GetMediaSourceParent(self, source: Source) -> Source | None:
        return source.child

    def PCM_Source_GetSectionInfo(self, source: Source, *_: Any) -> Answer:
        offset, length, reverse = source.section or (0.0, 0.0, 0)
        return Answer(source.section is not None, offsOut=offset, lenOut=length, revOut=reverse)
