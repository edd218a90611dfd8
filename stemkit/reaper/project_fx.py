"""Effect chains of a project file: tracks, master, takes and containers hold them alike."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from stemkit.errors import InputError
from stemkit.model.session import Effect, Envelope, FxChain
from stemkit.reaper.project_envelopes import modulation_of, parameter_envelope_of
from stemkit.reaper.project_values import integer_at, number_at
from stemkit.reaper.rpp import Block, first_word, tokenize

if TYPE_CHECKING:
    from stemkit.model.session import EffectKind

__all__ = ["describe_effect_label", "effect_switches", "read_chain"]

MAX_NESTING = 64  # containers in containers; REAPER users stay far below, broken files do not

# Which header token holds what, by tag: (identifier, alias). VST, JS and CLAP are seen in real projects; AU, LV2, DX
# and containers follow the same habit and are not confirmed.
_HEADER: dict[str, tuple[int | None, int | None]] = {
    "VST": (1, 3),
    "AU": (1, 2),
    "CLAP": (1, 2),
    "LV2": (1, 2),
    "DX": (1, 2),
    "JS": (0, 1),
    "VIDEO_EFFECT": (None, 1),
    "CONTAINER": (None, 1),
    "REWIRE": (None, 1),
}
_KIND_OF_TAG: dict[str, EffectKind] = {
    "AU": "au",
    "CLAP": "clap",
    "LV2": "lv2",
    "DX": "dx",
    "JS": "js",
    "VIDEO_EFFECT": "video",
    "CONTAINER": "container",
    "REWIRE": "other",
}
_KIND_OF_PREFIX: dict[str, EffectKind] = {
    "VST": "vst2",
    "VST3": "vst3",
    "AU": "au",
    "AUv3": "au",
    "CLAP": "clap",
    "LV2": "lv2",
    "DX": "dx",
    "JS": "js",
    "ReWire": "other",
}
_LABEL = re.compile(r"(VST3?|AU(?:v3)?|CLAP|LV2|DX|JS|ReWire)(i?): *(.*)", re.DOTALL)
_CHANNEL_NOTE = re.compile(r" \((?:mono|\d+ out|\d+(?:->\d+)?ch)\)$")


def describe_effect_label(label: str) -> tuple[EffectKind | None, str, bool | None]:
    """Take REAPER's label of an effect apart.

    Parameters
    ----------
    label
        As in ``VST3i: Kontakt (Native Instruments) (64 out)``.

    Returns
    -------
    tuple
        Kind (None where the label has no prefix), name as the maker gives it (the channel note that REAPER adds is
        taken off), and whether it is an instrument (None where the label cannot tell).
    """
    match = _LABEL.fullmatch(label)
    if match is None:
        return None, label, None
    prefix, instrument, name = match.groups()
    tells = prefix not in {"JS", "ReWire"}
    return _KIND_OF_PREFIX[prefix], _CHANNEL_NOTE.sub("", name), (instrument == "i") if tells else None


def read_chain(block: Block | None, *, enabled: bool, name: str, depth: int = 0) -> FxChain:
    """Read an ``FXCHAIN``, ``MASTERFXLIST``, ``TAKEFX`` or ``CONTAINER`` block.

    Parameters
    ----------
    block
        The chain, or None for an empty one.
    enabled
        The chain's own switch, which stands outside of it.
    name
        The file's name, for errors.
    depth
        How many containers lie around this chain.

    Raises
    ------
    InputError
        If containers are nested deeper than any project needs.
    """
    if block is None:
        return FxChain(enabled=enabled)
    return FxChain(effects=_read_effects(block, name, depth), enabled=enabled)


def effect_switches(chain: Block) -> list[tuple[Block, int | None]]:
    """Pair each effect block directly in a chain with the line index of its ``BYPASS``, for the editor.

    Parameters
    ----------
    chain
        ``FXCHAIN``, ``MASTERFXLIST``, ``TAKEFX`` or ``CONTAINER``.

    Returns
    -------
    list of tuple
        In the order of `FxChain.effects`; None where an effect has no such line.
    """
    switches: list[tuple[Block, int | None]] = []
    lines = chain.indices_of("BYPASS")
    after = chain.start
    for block in chain.blocks:
        if block.tag in _HEADER:
            own = [index for index in lines if after < index < block.start]
            switches.append((block, own[-1] if own else None))
            after = block.end
    return switches


def _read_effects(block: Block, name: str, depth: int) -> tuple[Effect, ...]:
    if depth > MAX_NESTING:
        raise InputError(f"{name}, line {block.line_number}: effect containers lie more than {MAX_NESTING} deep.")
    effects: list[Effect] = []
    head: Block | None = None
    before: list[str] = []  # BYPASS stands in front of its effect …
    after: list[str] = []  # … WET, PRESETNAME and FXID behind it
    envelopes: list[Envelope] = []

    def finish() -> None:
        if head is not None:
            effects.append(_effect(head, [*before, *after], tuple(envelopes), name, depth))

    next_bypass = ""
    for entry in block.content():
        if isinstance(entry, str):
            if first_word(entry) == "BYPASS":
                next_bypass = entry
            else:
                after.append(entry)
        elif entry.tag in _HEADER:
            finish()
            head, before, after, envelopes = entry, [next_bypass] if next_bypass else [], [], []
            next_bypass = ""
        elif entry.tag == "PARMENV":
            envelopes.append(parameter_envelope_of(entry))
        elif entry.tag == "PROGRAMENV":
            envelopes.append(modulation_of(entry))
    finish()
    return tuple(effects)


def _effect(head: Block, lines: list[str], envelopes: tuple[Envelope, ...], name: str, depth: int) -> Effect:
    args = head.args
    identifier_at, alias_at = _HEADER[head.tag]
    facts = {tokens[0]: tokens for line in lines if (tokens := tokenize(line))}
    label = args[0] if args else head.tag
    kind, plain_name, is_instrument = describe_effect_label(label)
    identifier = _token(args, identifier_at)
    if head.tag == "VST" and kind is None:  # renamed or very old: only the file's name tells
        kind = "vst3" if identifier.lower().endswith(".vst3") else "vst2"
    children: tuple[Effect, ...] = ()
    if head.tag in {"JS", "VIDEO_EFFECT"}:
        is_instrument = False
    elif head.tag == "CONTAINER":
        children = _read_effects(head, name, depth + 1)
        is_instrument = any(child.is_instrument for child in children)
    bypass = facts.get("BYPASS", [])
    return Effect(
        name=plain_name,
        alias=_token(args, alias_at),
        kind=_KIND_OF_TAG.get(head.tag) or kind or "other",
        identifier=identifier,
        enabled=integer_at(bypass, 1) == 0,
        offline=integer_at(bypass, 2) != 0,
        is_instrument=is_instrument,
        guid=_token(facts.get("FXID", []), 1),
        preset=_token(facts.get("PRESETNAME", []), 1),
        wet=number_at(facts.get("WET", []), 1, 1.0),  # REAPER writes the line only where it is not 100 % (S1)
        envelopes=envelopes,
        children=children,
    )


def _token(tokens: list[str], index: int | None) -> str:
    return tokens[index] if index is not None and index < len(tokens) else ""
