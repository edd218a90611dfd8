"""Sessions in a few words: tracks by name, sends as pairs of names."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from stemkit.model.session import (
    ChannelRange,
    Effect,
    FxChain,
    Item,
    MainSend,
    MidiEvent,
    MidiSource,
    Send,
    Session,
    Source,
    Take,
    Track,
)

if TYPE_CHECKING:
    from collections.abc import Iterable

OFF = MainSend(enabled=False)
SIDECHAIN = {"destination_channels": ChannelRange(first=2, count=2)}


def item(
    position_s: float = 0.0, length_s: float = 1.0, *, file: str = "a.wav", kind: str = "wave", **facts: Any
) -> Item:
    source = Source(kind=kind, file=file, resolved_path=f"/media/{file}" if file else None)
    return Item(position_s=position_s, length_s=length_s, takes=(Take(active=True, source=source),), **facts)


def notes(position_s: float = 0.0, length_s: float = 1.0, **facts: Any) -> Item:
    return item(position_s, length_s, file="", kind="midi", **facts)


def midi(*data: bytes) -> Item:
    """An item whose events are known: note on is 9x, and with a velocity of 0 it ends a note."""
    source = MidiSource(ticks_per_quarter=960, length_ticks=960, events=tuple(MidiEvent(tick=0, data=d) for d in data))
    return Item(position_s=0, length_s=1, takes=(Take(active=True, source=Source(kind="midi", midi=source)),))


def effect(name: str, **facts: Any) -> Effect:
    return Effect(**{"name": name, "guid": f"{{fx {name}}}"} | facts)


def synth(name: str = "ReaSynth") -> Effect:
    return effect(name, is_instrument=True)


def chain(*effects: Effect | str, enabled: bool = True) -> FxChain:
    return FxChain(effects=tuple(effect(e) if isinstance(e, str) else e for e in effects), enabled=enabled)


def track(name: str, *items: Item, fx: Iterable[Effect | str] = (), **facts: Any) -> Track:
    return Track(guid=f"{{{name}}}", index=0, name=name, items=items, fx=chain(*fx), **facts)


def folder(parent: Track, *children: Track) -> list[Track]:
    """Put tracks into a folder; children may come from `folder` themselves, unpacked."""
    last = replace(children[-1], depth_change=children[-1].depth_change - 1)
    return [replace(parent, depth_change=1), *children[:-1], last]


def send(source: str, destination: str, **facts: Any) -> Send:
    return Send(source_guid=f"{{{source}}}", destination_guid=f"{{{destination}}}", **facts)


def made(*tracks: Track, sends: Iterable[Send] = (), **facts: Any) -> Session:
    """Number the tracks and hang each send on its destination."""
    sends = tuple(sends)
    placed = tuple(
        replace(t, index=index, receives=tuple(s for s in sends if s.destination_guid == t.guid))
        for index, t in enumerate(tracks)
    )
    return Session(source="made", tracks=placed, **facts)
