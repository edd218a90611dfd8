"""Whether the plug-ins that a project needs are known to a REAPER, by the lists that it keeps of them.

REAPER goes on without a plug-in that it does not find, and the sound is another. How the lists are written (`file=…,
id,name`; `[file.clap]` with `id=…|name`; `maker: name=…`) is told by several programs that read them.
"""

from __future__ import annotations

import re
from pathlib import PurePosixPath
from typing import TYPE_CHECKING

from stemkit.reaper.headless_config import PLUG_IN_LISTS

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from stemkit.model.session import Effect, FxChain
    from stemkit.reaper.headless_find import Installation

__all__ = ["PlugIns", "running_effects"]

_SEPARATORS = re.compile(r"[\W_]+")
_ENDINGS = re.compile(r"\.(dll|vst3|vst|so|dylib|clap|component|lv2)$", re.IGNORECASE)
_INSTRUMENT_MARK = "!!!"
_LISTED = frozenset({"vst2", "vst3", "clap", "au", "lv2", "dx"})


def running_effects(chain: FxChain, *, lost: frozenset[str] = frozenset()) -> Iterator[Effect]:
    """Yield the effects of a chain that are heard, those in containers too.

    Parameters
    ----------
    chain
        Of a track, a take or the master.
    lost
        GUIDs of effects that a dry version switches off.
    """
    if chain.enabled:
        yield from _running(chain.effects, lost)


def _running(effects: Iterable[Effect], lost: frozenset[str]) -> Iterator[Effect]:
    for effect in effects:
        if effect.enabled and not effect.offline and effect.guid not in lost:
            yield effect
            yield from _running(effect.children, lost)


class PlugIns:
    """What a REAPER knows.

    Parameters
    ----------
    installation
        Whose lists and effect folders are read.
    """

    def __init__(self, installation: Installation) -> None:
        self._installation = installation
        self._known = frozenset(_listed_names(installation))

    def missing(self, effects: Iterable[Effect]) -> list[str]:
        """Name the effects that this REAPER does not know, once each."""
        return list(dict.fromkeys(effect.name for effect in effects if not self._has(effect)))

    def _has(self, effect: Effect) -> bool:
        if effect.kind == "js":
            return self._has_script(effect.identifier)
        if effect.kind not in _LISTED:  # containers, the video processor: part of REAPER
            return True
        names = {_plain(_bare(effect.identifier)), _plain(effect.name)} - {""}
        return not names.isdisjoint(self._known) or self._is_stock(effect)

    def _has_script(self, identifier: str) -> bool:
        path = identifier.replace("\\", "/")
        if path.startswith("<Project>/"):  # lies beside the project, where REAPER looks itself
            return True
        folder = self._installation.resource / "Effects"
        return (folder / path).is_file()

    def _is_stock(self, effect: Effect) -> bool:
        """REAPER brings its own plug-ins along, in a folder beside the program."""
        folder = self._installation.program.resolve().parent / "Plugins"
        stem = _plain(_bare(effect.identifier))
        return bool(stem) and any(_plain(_bare(path.name)) == stem for path in folder.glob("**/*") if path.is_file())


def _listed_names(installation: Installation) -> Iterator[str]:
    for folder in (installation.resource, installation.program.parent):
        for pattern in PLUG_IN_LISTS:
            for path in sorted(folder.glob(pattern)):
                text = path.read_text(encoding="utf-8", errors="replace")
                for line in text.splitlines():
                    yield from _names_in(line)


def _names_in(line: str) -> Iterator[str]:
    key, separator, rest = line.strip().partition("=")
    if not separator or key == "_":
        return
    yield _plain(_bare(key.partition("<")[0]))
    name = rest.partition("|")[2] if "|" in rest else ",".join(rest.split(",")[2:])
    if name:
        yield _plain(name.partition(_INSTRUMENT_MARK)[0])


def _bare(identifier: str) -> str:
    """Take folders and the endings of all systems off: a project moves between them."""
    name = PurePosixPath(identifier.replace("\\", "/")).name
    while (shorter := _ENDINGS.sub("", name)) != name:
        name = shorter
    return name


def _plain(name: str) -> str:
    """Make names comparable; the lists put an underscore for many signs."""
    return _SEPARATORS.sub("_", name.lower()).strip("_")
