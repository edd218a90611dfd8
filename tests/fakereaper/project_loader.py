"""From the lines of a project to the pretend REAPER's picture of it."""

from __future__ import annotations

from pathlib import Path

from tests.fakereaper.model import (
    Effect,
    Envelope,
    Item,
    Project,
    Receive,
    Source,
    Take,
    Track,
    default_track_values,
    new_guid,
)
from tests.fakereaper.project_settings import load_settings
from tests.fakereaper.project_tree import Node, read_tree, words

__all__ = ["load"]

_FX_TAGS = {"VST", "AU", "CLAP", "LV2", "DX", "JS", "VIDEO_EFFECT", "CONTAINER", "REWIRE"}
_TRACK_ENVELOPES = {
    "VOLENV", "VOLENV2", "VOLENV3", "PANENV", "PANENV2", "WIDTHENV", "WIDTHENV2", "MUTEENV",
    "DUALPANENV", "DUALPANENVL", "DUALPANENV2", "DUALPANENVL2",
}  # fmt: skip
_PROJECT_ENVELOPES = {"TEMPOENVEX", "MASTERPLAYSPEEDENV"}
_TAKE_ENVELOPES = {"VOLENV", "PANENV", "MUTEENV", "PITCHENV"}
_RECEIVE_KEYS = (
    "I_SENDMODE", "D_VOL", "D_PAN", "B_MUTE", "B_MONO", "B_PHASE", "I_SRCCHAN", "I_DSTCHAN", "D_PANLAW",
    "I_MIDIFLAGS", "I_AUTOMODE",
)  # fmt: skip
_FADE_NUMBER = {"1.1": 7, "5.1": 6}


def _envelope(node: Node, fx: int = -1) -> Envelope:
    return Envelope("\n".join(node.raw) + "\n", fx)


def _effects(node: Node | None) -> list[Effect]:
    found: list[Effect] = []
    bypass: list[str] = []
    for entry in node.body if node is not None else ():
        if isinstance(entry, str):
            tokens = words(entry)
            if tokens[0] == "BYPASS":
                bypass = tokens
            elif found:
                _after(found[-1], tokens)
        elif entry.tag in _FX_TAGS:
            found.append(_effect(entry, bypass))
            bypass = []
        elif entry.tag == "PARMENV" and found:
            found[-1].envelopes.append(_envelope(entry, len(found) - 1))
    return found


def _after(effect: Effect, tokens: list[str]) -> None:
    if tokens[0] == "FXID":
        effect.guid = tokens[1]
    elif tokens[0] == "PRESETNAME":
        effect.preset = tokens[1]
    elif tokens[0] == "WET":
        effect.wet = float(tokens[1])


def _effect(node: Node, bypass: list[str]) -> Effect:
    args = [*node.head[1:], "", "", "", ""]
    effect = Effect(label=args[0], kind=args[0].split(":")[0])
    if node.tag == "VST":
        effect.identifier, effect.alias = f"/plug-ins/{args[1]}<1919247213", args[3]
    elif node.tag == "JS":
        effect.label, effect.identifier, effect.alias, effect.kind = f"JS: {args[0]}", args[0], args[1], "JS"
        effect.sliders = words(next((entry for entry in node.body if isinstance(entry, str)), ""))
    elif node.tag == "CONTAINER":
        effect.kind, effect.alias, effect.children = "Container", args[1], _effects(node)
    else:
        effect.identifier = args[1] if node.tag != "VIDEO_EFFECT" else ""
        effect.alias = args[1] if node.tag == "VIDEO_EFFECT" else args[2]
        effect.kind = "Video processor" if node.tag == "VIDEO_EFFECT" else effect.kind
    effect.enabled = 0 if bypass[1:2] == ["1"] else 1
    effect.offline = 1 if bypass[2:3] == ["1"] else 0
    return effect


def _source(node: Node, folder: Path) -> Source:
    kind = node.head[1] if len(node.head) > 1 else "EMPTY"
    file = node.text("FILE")
    child = node.node("SOURCE")
    section = None
    if kind == "SECTION":
        section = (node.number("STARTPOS"), node.number("LENGTH"), int(node.number("MODE")) >> 1 & 1)
    absolute = file if not file or Path(file).is_absolute() else str(folder / file)
    return Source(
        "MIDI" if kind == "MIDIPOOL" else kind, absolute, section, None if child is None else _source(child, folder)
    )


def _take(lines: Node, volume: float, pan: float, law: float, folder: Path) -> Take:
    source = lines.node("SOURCE")
    values = {
        "D_STARTOFFS": lines.number("SOFFS"),
        "D_VOL": volume,
        "D_PAN": pan,
        "D_PANLAW": law,
        "D_PLAYRATE": lines.number("PLAYRATE", 0, 1.0),
        "B_PPITCH": lines.number("PLAYRATE", 1, 1.0),
        "D_PITCH": lines.number("PLAYRATE", 2),
        "I_CHANMODE": lines.number("CHANMODE"),
    }
    effects = _effects(lines.node("TAKEFX"))
    markers = sum(" ".join(line).count(" + ") + 1 for line in lines.lines("SM"))
    envelopes = [_envelope(n) for n in lines.nodes() if n.tag in _TAKE_ENVELOPES]
    found = None if source is None else _source(source, folder)
    return Take(lines.text("NAME"), lines.text("GUID"), values, markers, effects, envelopes, found)


def _item(node: Node, folder: Path) -> Item:
    sections: list[Node] = [Node(["ITEM"])]
    for entry in node.body:
        if isinstance(entry, str) and words(entry)[0] == "TAKE":
            sections.append(Node(["TAKE", *words(entry)[1:]]))
        else:
            sections[-1].body.append(entry)
    first = sections[0]
    takes: list[Take | None] = []
    if len(sections) > 1 or first.node("SOURCE") is not None:
        volume, pan, law = first.number("VOLPAN", 2, 1.0), first.number("VOLPAN", 1), first.number("VOLPAN", 3, -1.0)
        takes.append(_take(first, volume, pan, law, folder) if first.node("SOURCE") is not None else None)
    for section in sections[1:]:
        volume, pan = section.number("TAKEVOLPAN", 1, 1.0), section.number("TAKEVOLPAN")
        empty = "NULL" in section.head or section.node("SOURCE") is None
        takes.append(None if empty else _take(section, volume, pan, section.number("TAKEVOLPAN", 2, -1.0), folder))
    current = next((place for place, section in enumerate(sections) if "SEL" in section.head), 0)
    values = {
        "D_POSITION": node.number("POSITION"), "D_LENGTH": node.number("LENGTH"), "B_LOOPSRC": node.number("LOOP"),
        "B_MUTE_ACTUAL": first.number("MUTE"), "C_MUTE_SOLO": first.number("MUTE", 1),
        "D_VOL": first.number("VOLPAN", 0, 1.0), "B_ALLTAKESPLAY": first.number("ALLTAKES"),
        "F_FREEMODE_Y": first.number("YPOS"), "F_FREEMODE_H": first.number("YPOS", 1, 1.0),
        "C_LOCK": first.number("LOCK"), "I_CUSTOMCOLOR": first.number("COLOR"), "I_CURTAKE": float(current),
    }  # fmt: skip
    for side in ("IN", "OUT"):
        tokens = first.line("FADE" + side) or ["1"]
        number = _FADE_NUMBER.get(tokens[0], int(float(tokens[0])))
        automatic = first.number("FADE" + side, 2)
        values[f"C_FADE{side}SHAPE"] = float(number)
        values[f"D_FADE{side}LEN"] = first.number("FADE" + side, 1)
        values[f"D_FADE{side}LEN_AUTO"] = automatic if automatic > 0 else -1.0
        values[f"D_FADE{side}DIR"] = first.number("FADE" + side, 5)
    notes = first.node("NOTES")
    return Item(first.text("IGUID"), notes.notes() if notes is not None else "", values, takes)


def _strip_values(node: Node, key: str) -> dict[str, float]:
    mode = int(node.number("PANMODE", 0, -1))
    return {
        "D_VOL": node.number(key, 0, 1.0), "D_PAN": node.number(key, 1), "D_PANLAW": node.number(key, 2, -1.0),
        "D_DUALPANL": node.number(key, 3, -1.0), "D_DUALPANR": node.number(key, 4, 1.0),
        "D_WIDTH": node.number(key, 4, 1.0), "I_PANMODE": float(mode),
        "I_PANLAW_FLAGS": node.number("PANLAWFLAGS", 0, -1.0),
    }  # fmt: skip


def _track(node: Node, folder: Path) -> Track:
    depth = node.line("ISBUS") or ["0", "0"]
    flags = node.line("MAINSEND") or ["1"]
    lane_words = node.line("LANESOLO")
    heights = [item.number("YPOS", 1, 1.0) for item in node.nodes("ITEM")]
    values = default_track_values() | _strip_values(node, "VOLPAN")
    values |= {
        "B_MUTE": node.number("MUTESOLO"), "I_SOLO": node.number("MUTESOLO", 1),
        "B_SOLO_DEFEAT": node.number("MUTESOLO", 2), "B_PHASE": node.number("IPHASE"),
        "I_FXEN": node.number("FX", 0, 1.0), "I_AUTOMODE": node.number("AUTOMODE"),
        "I_NCHAN": node.number("NCHAN", 0, 2.0), "I_SELECTED": node.number("SEL"),
        "I_FOLDERDEPTH": float(depth[1]) if len(depth) > 1 else 0.0, "B_MAINSEND": float(flags[0]),
        "C_MAINSEND_OFFS": node.number("MAINSEND", 1), "I_FREEMODE": node.number("FREEMODE"),
        "I_FREEZECOUNT": float(len(node.nodes("FREEZE"))), "I_PLAY_OFFSET_FLAG": node.number("PLAYOFFS", 1, 1.0),
        "D_PLAY_OFFSET": node.number("PLAYOFFS"), "I_RECARM": node.number("REC"),
        "B_SHOWINTCP": node.number("SHOWINMIX", 3, 1.0), "B_SHOWINMIXER": node.number("SHOWINMIX", 0, 1.0),
        "I_CUSTOMCOLOR": node.number("PEAKCOL"), "C_MAINSEND_NCH": node.number("MAINSEND_NCH"),
    }  # fmt: skip
    if values["I_FREEMODE"] == 2:
        values["I_NUMFIXEDLANES"] = float(max([1, *(round(1 / h) for h in heights if 0 < h <= 1)]))
    effects = _effects(node.node("FXCHAIN"))
    envelopes = [_envelope(n) for n in node.nodes() if n.tag in _TRACK_ENVELOPES]
    hardware = [
        {"I_DSTCHAN": float(t[0]), "D_VOL": float(t[2]), "D_PAN": float(t[3]), "B_MUTE": float(t[4])}
        for t in node.lines("HWOUT")
    ]
    return Track(
        node.head[1] if len(node.head) > 1 else node.text("TRACKID") or new_guid(),
        _long_or_short_name(node),
        values,
        effects,
        envelopes,
        hardware=hardware,
        items=[_item(item, folder) for item in node.nodes("ITEM")],
        lanes=int(lane_words[0]) if lane_words else 0xFF,
    )


def _long_or_short_name(node: Node) -> str:
    block = node.node("NAME")  # for a name that holds every quote sign
    return node.text("NAME") if block is None else block.notes()


def _receives(node: Node, tracks: list[Track]) -> list[Receive]:
    found: list[Receive] = []
    for entry in node.body:
        if isinstance(entry, str) and entry.startswith("AUXRECV "):
            tokens = [token.split(":")[0] for token in words(entry)[1:]]
            tokens += ["0", "0", "1", "0", "0", "0", "0", "0", "0", "-1", "0", "-1"][len(tokens) :]
            if int(tokens[0]) < len(tracks):
                values = {key: float(token) for key, token in zip(_RECEIVE_KEYS, tokens[1:], strict=False)}
                found.append(Receive(tracks[int(tokens[0])], values))
        elif isinstance(entry, Node) and found and entry.tag.startswith("AUX"):
            found[-1].envelopes[entry.tag.removeprefix("AUX")] = _envelope(entry)
    return found


def load(path: Path) -> Project:
    """Read a project as REAPER would show it."""
    root = read_tree(path.read_bytes())
    nodes = root.nodes("TRACK")
    tracks = [_track(node, path.parent) for node in nodes]
    for track, node in zip(tracks, nodes, strict=True):
        track.receives = _receives(node, tracks)
    project = Project(str(path), tracks)
    _load_master(project, root)
    load_settings(project, root)
    return project


def _load_master(project: Project, root: Node) -> None:
    values = project.master.values
    volume = root.line("MASTER_VOLUME") or []
    mode = root.number("MASTER_PANMODE", 0, -1)
    numbers = [float(token) for token in volume] + [1.0, 0.0, -1.0, -1.0, 1.0][len(volume) :]
    values |= {
        "D_VOL": numbers[0], "D_PAN": numbers[1], "D_PANLAW": numbers[2], "D_WIDTH": numbers[4], "I_PANMODE": mode,
        "I_PANLAW_FLAGS": root.number("MASTER_PANLAWFLAGS", 0, -1.0), "I_NCHAN": root.number("MASTER_NCH", 0, 2.0),
        "I_FXEN": root.number("MASTER_FX", 0, 1.0), "I_AUTOMODE": root.number("MASTERAUTOMODE"),
    }  # fmt: skip
    project.master.effects = _effects(root.node("MASTERFXLIST"))
    project.master.envelopes = [
        _envelope(n)
        for n in root.nodes()
        if n.tag in _PROJECT_ENVELOPES or (n.tag.startswith("MASTER") and n.tag[6:] in _TRACK_ENVELOPES)
    ]
    project.flags = int(root.number("MASTERMUTESOLO"))
    values["B_MUTE"] = float(project.flags & 1)
