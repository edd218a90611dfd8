"""The pretend REAPER's own picture of a project: what its functions answer, under REAPER's names."""

from __future__ import annotations

import uuid
from dataclasses import dataclass, field

__all__ = [
    "Effect",
    "Envelope",
    "Item",
    "Project",
    "Receive",
    "Source",
    "Take",
    "Track",
    "default_track_values",
    "new_guid",
]

_PREFERENCES = {"renderclosewhendone": "0"}


def new_guid() -> str:
    return "{" + str(uuid.uuid4()).upper() + "}"


@dataclass(eq=False)
class Envelope:
    text: str
    fx: int = -1

    @property
    def active(self) -> str:
        return "0" if any(line.startswith("ACT 0") for line in self.text.split("\n")) else "1"

    @active.setter
    def active(self, value: str) -> None:
        lines = self.text.split("\n")
        place = next((number for number, line in enumerate(lines) if line.startswith("ACT ")), None)
        if place is None:
            lines.insert(1, f"ACT {value} -1")
        else:
            lines[place] = " ".join(["ACT", value, *lines[place].split()[2:]])
        self.text = "\n".join(lines)

    @property
    def tag(self) -> str:
        return self.text[1:].split()[0]


@dataclass(eq=False)
class Effect:
    label: str
    identifier: str = ""
    alias: str = ""
    kind: str = ""
    guid: str = ""
    enabled: int = 1
    offline: int = 0
    preset: str = ""
    wet: float = 1.0
    sliders: list[str] = field(default_factory=list)
    children: list[Effect] = field(default_factory=list)
    envelopes: list[Envelope] = field(default_factory=list)


@dataclass(eq=False)
class Source:
    kind: str
    file: str = ""
    section: tuple[float, float, int] | None = None
    child: Source | None = None


@dataclass(eq=False)
class Take:
    name: str = ""
    guid: str = ""
    values: dict[str, float] = field(default_factory=dict)
    stretch_markers: int = 0
    effects: list[Effect] = field(default_factory=list)
    envelopes: list[Envelope] = field(default_factory=list)
    source: Source | None = None


@dataclass(eq=False)
class Item:
    guid: str = ""
    notes: str = ""
    values: dict[str, float] = field(default_factory=dict)
    takes: list[Take | None] = field(default_factory=list)


@dataclass(eq=False)
class Receive:
    source: Track
    values: dict[str, float]
    envelopes: dict[str, Envelope] = field(default_factory=dict)


@dataclass(eq=False)
class Track:
    guid: str
    name: str | bytes = ""
    values: dict[str, float] = field(default_factory=dict)
    effects: list[Effect] = field(default_factory=list)
    envelopes: list[Envelope] = field(default_factory=list)
    receives: list[Receive] = field(default_factory=list)
    hardware: list[dict[str, float]] = field(default_factory=list)
    items: list[Item] = field(default_factory=list)
    lanes: int = 0  # bit mask of playing lanes


@dataclass(eq=False)
class Project:
    path: str = ""
    tracks: list[Track] = field(default_factory=list)
    master: Track = field(default_factory=lambda: Track("{master}", "", default_track_values()))
    numbers: dict[str, float] = field(default_factory=dict)
    texts: dict[str, str] = field(default_factory=dict)
    config: dict[str, str] = field(default_factory=lambda: dict(_PREFERENCES))
    notes: str = ""
    markers: list[tuple[int, float, float, str, int, int]] = field(default_factory=list)
    tempo: tuple[float, int, int] = (120.0, 4, 4)
    tempo_points: list[tuple[float, float, int, int, int]] = field(default_factory=list)
    selection: tuple[float, float] = (0.0, 0.0)
    offset_s: float = 0.0
    play_rate: float = 1.0
    automation_override: int = -1
    flags: int = 0


def default_track_values() -> dict[str, float]:
    zeros = (
        "D_PAN I_SOLO B_SOLO_DEFEAT B_PHASE B_MUTE I_AUTOMODE I_SELECTED I_FOLDERDEPTH C_MAINSEND_OFFS C_MAINSEND_NCH"
    )
    zeros += " I_FREEMODE I_FREEZECOUNT D_PLAY_OFFSET I_RECARM I_CUSTOMCOLOR I_NUMFIXEDLANES"
    ones = "D_VOL D_WIDTH D_DUALPANR I_FXEN B_MAINSEND I_PLAY_OFFSET_FLAG B_SHOWINTCP B_SHOWINMIXER"
    values = dict.fromkeys(zeros.split(), 0.0) | dict.fromkeys(ones.split(), 1.0)
    return values | {"D_DUALPANL": -1.0, "D_PANLAW": -1.0, "I_PANMODE": -1.0, "I_PANLAW_FLAGS": -1.0, "I_NCHAN": 2.0}
