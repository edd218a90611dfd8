"""Values of a pass as changes to lines of the project: the same values that a live pass sets by REAPER's functions.

Only tokens that differ are written; a line that is not there is made only where its default would not do.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from stemkit.reaper.project_fx import effect_switches
from stemkit.reaper.project_values import integer_at, number_at
from stemkit.reaper.rpp import tokenize

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from stemkit.model.session import Effect, Session
    from stemkit.reaper.render_settings import Value
    from stemkit.reaper.rpp import Block, Document
    from stemkit.reaper.rpp_editor import Editor

__all__ = ["TokenChanges", "apply_values"]

_MUTE_BIT, _MONO_BIT, _MUTE_AND_LISTEN = (
    1,
    4,
    1 | 4 | 8 | 16,
)  # of MASTERMUTESOLO: mute; with mono, left, right, difference
_DEFAULTS: dict[str, tuple[float, ...]] = {
    "ACT": (1, -1),
    "FX": (1,),
    "LOCK": (0,),
    "MAINSEND": (1, 0),
    "MASTERMUTESOLO": (0,),
    "MUTE": (0, 0),
    "MASTER_FX": (1,),
    "MASTER_SEL": (0,),
    "MASTER_VOLUME": (1, 0, -1, -1, 1),
    "MUTESOLO": (0, 0, 0),
    "IPHASE": (0,),
    "PLAYRATE": (1, 0, 0.25, 4),
    "SAMPLERATE": (44100, 0, 0),
    "SEL": (0,),
    "VOLPAN": (1, 0, -1, -1, 1),
}
_TRACK_LINES = {
    "B_MAINSEND": ("MAINSEND", 0),
    "B_MUTE": ("MUTESOLO", 0),
    "B_PHASE": ("IPHASE", 0),
    "D_PAN": ("VOLPAN", 1),
    "D_PANLAW": ("VOLPAN", 2),
    "D_DUALPANL": ("VOLPAN", 3),
    "D_WIDTH": ("VOLPAN", 4),
    "D_VOL": ("VOLPAN", 0),
    "I_FXEN": ("FX", 0),
    "I_SELECTED": ("SEL", 0),
    "I_SOLO": ("MUTESOLO", 1),
    "MAINSEND_OFFSET": ("MAINSEND", 1),
}
_MASTER_LINES = {
    "D_PAN": ("MASTER_VOLUME", 1),
    "D_PANLAW": ("MASTER_VOLUME", 2),
    "D_VOL": ("MASTER_VOLUME", 0),
    "D_WIDTH": ("MASTER_VOLUME", 4),
    "I_FXEN": ("MASTER_FX", 0),
    "I_SELECTED": ("MASTER_SEL", 0),
}
_MUTE_OF_RECEIVE, _BYPASS = 5, 1  # tokens of AUXRECV and BYPASS, with the key


class TokenChanges:
    """Gathers new values for single tokens, so that several may meet in one line.

    Parameters
    ----------
    editor
        Where they go in the end.
    """

    def __init__(self, editor: Editor) -> None:
        self._editor = editor
        self._wanted: dict[tuple[int, str], tuple[Block, dict[int, float]]] = {}

    def set(self, block: Block, key: str, position: int, value: float) -> None:
        """Want a value at a position behind the key."""
        self._wanted.setdefault((block.start, key), (block, {}))[1][position] = value

    def number(self, block: Block, key: str, position: int) -> float:
        """Return what is wanted there, else what stands there, or would if the line were there."""
        _, wanted = self._wanted.get((block.start, key), (block, {}))
        return wanted[position] if position in wanted else self._original(block, key, position)

    @staticmethod
    def _original(block: Block, key: str, position: int) -> float:
        return number_at((block.tokens(key) or [key])[1:], position, _DEFAULTS[key][position])

    def write(self) -> None:
        """Hand everything to the editor."""
        for (_, key), (block, values) in self._wanted.items():
            changed = {place: value for place, value in values.items() if value != self._original(block, key, place)}
            lines = block.indices_of(key)
            if lines:
                for place, value in changed.items():
                    self._editor.set_token(lines[-1], place + 1, _tidy(value))
            elif changed:
                whole = dict(enumerate(_DEFAULTS[key])) | changed
                self._editor.set_line(block, key, *(_tidy(whole[place]) for place in sorted(whole)), after="NAME")


def _tidy(value: float) -> float:
    return int(value) if value == int(value) else value


def apply_values(editor: Editor, document: Document, session: Session, values: Iterable[Value]) -> None:
    """Write what a pass switches into the project.

    Parameters
    ----------
    editor, document
        The project and where its changes are gathered.
    session
        The same project, read; its GUIDs name the tracks.
    values
        As `stemkit.reaper.live_passes` makes them.
    """
    writer = _Writer(editor, document, session)
    for (kind, *place), value in values:
        _WRITERS[kind](writer, place, value)
    writer.tokens.write()


class _Writer:
    """One method a kind of value; each finds its line."""

    def __init__(self, editor: Editor, document: Document, session: Session) -> None:
        self._editor, self._root = editor, document.project
        blocks = self._root.children("TRACK")
        self._blocks = {track.guid: block for track, block in zip(session.tracks, blocks, strict=True)}
        self._effects = {track.guid: track.fx.effects for track in session.tracks}
        self.tokens = TokenChanges(editor)

    def play_rate(self, _: list[Any], value: float) -> None:
        self.tokens.set(self._root, "PLAYRATE", 0, value)

    def envelope(self, place: list[Any], value: str) -> None:
        guid, tag = place
        owner = self._root if guid == "master" else self._blocks[guid]
        for block in owner.children(tag):
            self.tokens.set(block, "ACT", 0, float(value))

    def track(self, place: list[Any], value: float) -> None:
        guid, key = place
        if guid == "master":
            self._master(key, value)
            return
        line, position = _TRACK_LINES[key]
        self.tokens.set(self._blocks[guid], line, position, value)

    def _master(self, key: str, value: float) -> None:
        if key == "B_MUTE":  # a neutral master plays both sides as they are, too
            bits = int(self.tokens.number(self._root, "MASTERMUTESOLO", 0)) & ~_MUTE_AND_LISTEN
            self.tokens.set(self._root, "MASTERMUTESOLO", 0, bits | (_MUTE_BIT if value else 0))
            return
        line, position = _MASTER_LINES[key]
        self.tokens.set(self._root, line, position, value)

    def master_mono(self, _: list[Any], value: int) -> None:
        bits = int(self.tokens.number(self._root, "MASTERMUTESOLO", 0)) & ~_MONO_BIT
        self.tokens.set(self._root, "MASTERMUTESOLO", 0, bits | (_MONO_BIT if value else 0))

    def send(self, place: list[Any], value: float) -> None:
        guid, number, *_ = place
        line = _receive_lines(self._blocks[guid], len(self._blocks))[number]
        self._editor.set_token(line, _MUTE_OF_RECEIVE, int(value))

    def items(self, place: list[Any], value: int) -> None:
        for item in self._blocks[place[0]].children("ITEM"):
            self.tokens.set(item, "MUTE", 0, int(not value))

    def effect(self, place: list[Any], value: int) -> None:
        guid, effect = place
        self._switch(self._blocks[guid].child("FXCHAIN"), self._effects[guid], effect, on=bool(value))

    def take_effects(self, place: list[Any], value: int) -> None:
        for item in self._blocks[place[0]].children("ITEM"):
            for chain in item.children("TAKEFX"):
                for block, line in effect_switches(chain):
                    self._bypass(chain, block, line, on=bool(value))

    def _switch(self, chain: Block | None, effects: tuple[Effect, ...], guid: str, *, on: bool) -> None:
        """Switch the effect with this GUID, in containers as well."""
        if chain is None:
            return
        for effect, (block, line) in zip(effects, effect_switches(chain), strict=True):
            if effect.guid == guid:
                self._bypass(chain, block, line, on=on)
            if effect.children:
                self._switch(block, effect.children, guid, on=on)

    def _bypass(self, chain: Block, block: Block, line: int | None, *, on: bool) -> None:
        if line is not None:
            self._editor.set_token(line, _BYPASS, int(not on))
        else:
            self._editor.insert_line(chain, block.start, "BYPASS", int(not on), 0, 0)


_WRITERS: dict[str, Callable[[_Writer, list[Any], Any], None]] = {
    "play_rate": _Writer.play_rate,
    "envelope": _Writer.envelope,
    "track": _Writer.track,
    "master_mono": _Writer.master_mono,
    "send": _Writer.send,
    "items": _Writer.items,
    "effect": _Writer.effect,
    "take_effects": _Writer.take_effects,
}


def _receive_lines(track: Block, count: int) -> list[int]:
    """Give the lines of the receives that the reader takes for such, in their order."""
    return [
        index
        for index in track.indices_of("AUXRECV")
        if 0 <= integer_at(tokenize(track.lines[index].strip()), 1, -1) < count
    ]
