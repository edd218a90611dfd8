"""What kind of effect a plug-in is: its name, in whichever spelling, against a maintained table."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING

from stemkit.session.plugin_table import Category, js_paths, names
from stemkit.session.plugin_words import WORDS

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from stemkit.model.session import Effect, FxChain

__all__ = ["CREATIVE", "HARMLESS", "Category", "EffectClass", "classify", "live_effects", "walk_effects"]

CREATIVE: frozenset[Category] = frozenset({"reverb", "delay", "modulation", "amp", "distortion", "vocoder"})
HARMLESS: frozenset[Category] = frozenset({"meter"})  # what passes the signal on unchanged

_PREFIX = re.compile(r"^\s*(?:vst3?|auv3|au|clap|lv2|dx|js|video)i?\s*:\s*", re.IGNORECASE)
_BRACKETS = re.compile(r"\s*\(([^()]*)\)\s*$")
_MAKER_COLON = re.compile(r"^([^:/\\]{2,40}):\s+(\S.*)$")  # Audio Units: "FabFilter: Pro-L 2"
_JS_PATH = re.compile(r"\[([^\[\]]+)\]\s*$")  # an open project's spelling: "JS: Master Limiter [LOSER/masterLimiter]"
_EXTENSION = re.compile(r"\.(?:dll|vst3?|so|dylib|component|clap|lv2|jsfx)\b.*$")
_NOT_WORD = re.compile(r"[^a-z0-9+]+")


@dataclass(frozen=True, slots=True, kw_only=True)
class EffectClass:
    """What an effect is.

    `known` is True where the table lists the plug-in by name; otherwise a generic word in its name decided, or
    nothing did (`category` is then ``"other"``).
    """

    category: Category
    known: bool

    @property
    def creative(self) -> bool:
        """True where a dry version of the track loses it: it adds a sound of its own."""
        return self.category in CREATIVE

    @property
    def harmless(self) -> bool:
        """True where the signal passes unchanged, as through a meter."""
        return self.category in HARMLESS


def normalise(name: str) -> tuple[str, str]:
    """Split a plug-in's name into its own part and its maker, in plain lower case.

    Parameters
    ----------
    name
        As any host or format spells it: ``VST3: Pro-L 2 (FabFilter)``, ``AU: FabFilter: Pro-L 2``.

    Returns
    -------
    tuple[str, str]
        Name and maker; channel counts and ``(x86)`` count as part of the maker and match nothing there.
    """
    text = _PREFIX.sub("", name)
    maker: list[str] = []
    while match := _BRACKETS.search(text):
        if match.start() == 0:
            break
        maker.append(match[1])
        text = text[: match.start()]
    if match := _MAKER_COLON.match(text):
        maker.append(match[1])
        text = match[2]
    return _plain(text), _plain(" ".join(reversed(maker)))


def _plain(text: str) -> str:
    return _NOT_WORD.sub(" ", text.lower()).strip()


def _first(rows: Iterable[tuple[re.Pattern[str], Category]], text: str) -> Category | None:
    return next((category for pattern, category in rows if pattern.search(text)), None)


def _js_path(name: str, identifier: str) -> str:
    bracket = _JS_PATH.search(name)
    return (bracket[1] if bracket else identifier or name).lower().replace("\\", "/")


@lru_cache(maxsize=4096)
def _classify(name: str, identifier: str, *, js: bool, instrument: bool | None) -> EffectClass:
    path = _js_path(name, identifier) if js else ""
    own, maker = normalise(name)
    file_name = "" if js else _plain(_EXTENSION.sub("", identifier.lower().replace("\\", "/").rsplit("/", 1)[-1]))
    listed = (
        (_first(js_paths(), path) if path else None)
        or _first(names(), f"{own} / {maker}" if maker else own)
        or (_first(names(), file_name) if file_name else None)
    )
    if listed is not None:
        return EffectClass(category=listed, known=True)
    if instrument:
        return EffectClass(category="instrument", known=False)
    guessed = _first(WORDS, own) or (_first(WORDS, _plain(path)) if path else None)
    if guessed == "instrument" and instrument is False:
        guessed = None
    return EffectClass(category=guessed or "other", known=False)


def classify(effect: Effect) -> EffectClass:
    """Tell what kind of effect this is.

    The plug-in's real name decides, then its file or JS path, then generic words in the real name. The user's
    own name for the instance decides only where the real one is missing.

    Parameters
    ----------
    effect
        One plug-in instance.

    Returns
    -------
    EffectClass
        ``"other"`` where nothing is known about it.
    """
    name = effect.name or ("" if effect.identifier else effect.alias)
    return _classify(name, effect.identifier, js=effect.kind == "js", instrument=effect.is_instrument)


def walk_effects(chain: FxChain) -> Iterator[tuple[Effect, bool]]:
    """Yield each plug-in of a chain, those in containers too, with whether it processes sound.

    A container itself is not yielded; the chain's switch, the container's and the plug-in's own must all be on.
    """
    yield from _walk(chain.effects, running=chain.enabled)


def _walk(effects: Iterable[Effect], *, running: bool) -> Iterator[tuple[Effect, bool]]:
    for effect in effects:
        live = running and effect.enabled and not effect.offline
        if effect.kind == "container":
            yield from _walk(effect.children, running=live)
        else:
            yield effect, live


def live_effects(chain: FxChain) -> tuple[Effect, ...]:
    """Return the plug-ins of a chain that process sound now."""
    return tuple(effect for effect, live in walk_effects(chain) if live)
