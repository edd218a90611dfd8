"""The project of one pass: the user's lines, and among them the few that tell REAPER what to render where.

Every line end, every name that nobody needs and every setting that does not change the files stays as it is.
"""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from stemkit.reaper.headless_lines import TokenChanges, apply_values
from stemkit.reaper.media_paths import MediaFinder
from stemkit.reaper.project_values import Fields
from stemkit.reaper.render_settings import FLOAT_WAV, MASTER_MIX, SELECTED_TRACKS, render_lines
from stemkit.reaper.rpp import tokenize
from stemkit.reaper.rpp_editor import Editor, rename_track

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from stemkit.model.plan import RenderPlan
    from stemkit.model.session import Session
    from stemkit.reaper.render_settings import Value
    from stemkit.reaper.rpp import Block, Document

__all__ = ["MIX_NAME", "PassOrder", "has_lf_only", "write_pass"]

MIX_NAME = "sk_mix"
_LOCKING_ENABLED = 16384


@dataclass(frozen=True, slots=True, kw_only=True)
class PassOrder:
    """What one run of REAPER renders.

    `names` gives each track to select the temporary name that its file gets; empty for a mix. `values` are what is
    switched, in the form of `stemkit.reaper.live_passes`.
    """

    folder: Path
    names: Mapping[str, str]
    values: Sequence[Value]
    channels: int


def write_pass(document: Document, session: Session, plan: RenderPlan, order: PassOrder) -> bytes:
    """Write the project of a pass.

    Parameters
    ----------
    document, session
        The user's project, parsed and read.
    plan
        Bounds and rate.
    order
        What to render.

    Returns
    -------
    bytes
        The changed project; `document` stays as it is.
    """
    editor = Editor(document)
    root = document.project
    for older in document.roots:  # a backup holds several projects
        if older is not root:
            editor.remove_block(older)
    _set_render_lines(editor, root, plan, order)
    tokens = TokenChanges(editor)
    tokens.set(root, "SAMPLERATE", 0, plan.sample_rate)  # or effects would run at the audio device's rate
    tokens.set(root, "SAMPLERATE", 1, 1)
    tokens.set(root, "LOCK", 0, int(tokens.number(root, "LOCK", 0)) & ~_LOCKING_ENABLED)
    if order.names:
        _select(editor, tokens, root, session, order.names)
    tokens.write()
    apply_values(editor, document, session, order.values)
    _lead_to_media(editor, root, session)
    return editor.to_bytes()


def _select(editor: Editor, tokens: TokenChanges, root: Block, session: Session, names: Mapping[str, str]) -> None:
    tokens.set(root, "MASTER_SEL", 0, 0)
    for track, block in zip(session.tracks, root.children("TRACK"), strict=True):
        tokens.set(block, "SEL", 0, int(track.guid in names))
        if track.guid in names:
            rename_track(editor, block, names[track.guid])


def has_lf_only(document: Document) -> bool:
    r"""Tell whether the project has bare ``\n`` line ends, with which REAPER has been seen to stall on macOS (S1)."""
    return not any(line.endswith("\r") for line in document.lines[:-1])


def _set_render_lines(editor: Editor, root: Block, plan: RenderPlan, order: PassOrder) -> None:
    source = SELECTED_TRACKS if order.names else MASTER_MIX
    lines = render_lines(plan, source=source, folder=order.folder, channels=order.channels, mix_name=MIX_NAME)
    previous = ""
    for key, values in lines.items():
        editor.set_line(root, key, *values, after=previous)
        previous = key if root.indices_of(key) else previous
    editor.set_base64(root, "RENDER_CFG", FLOAT_WAV, after=previous)
    for secondary in root.children("RENDER_CFG2"):
        editor.remove_block(secondary)


def _lead_to_media(editor: Editor, root: Block, session: Session) -> None:
    """Write the path of media that lies elsewhere than the project says, and empty what is not there at all.

    REAPER would ask for both in a dialog, also for takes that are not heard, and wait for ever.
    """
    folder = Path(session.path).parent if session.path is not None else Path.cwd()
    finder = MediaFinder(folder, Fields(root.own_lines()).text("RECORD_PATH"))
    for track in root.children("TRACK"):
        for item in track.children("ITEM"):
            for source in _sources(item):
                for line in source.indices_of("FILE"):
                    tokens = tokenize(source.lines[line].strip())
                    written = tokens[1] if len(tokens) > 1 else ""
                    found, _ = finder.find(written)
                    if found is None and written:
                        editor.set_token(source.start, 1, "EMPTY")
                        editor.remove_lines(source, "FILE")
                    elif found is not None and not _leads_there(folder, written):
                        editor.set_token(line, 1, found)


def _leads_there(folder: Path, written: str) -> bool:
    return os.path.isfile(folder / written)  # noqa: PTH113  (never raises, however odd the name)


def _sources(block: Block) -> Iterator[Block]:
    for source in block.children("SOURCE"):
        yield source
        yield from _sources(source)
