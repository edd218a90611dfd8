"""Envelopes of a project file: what each tag moves, where in the signal path, and its points.

Tags after the State Chunk Definitions (ReaTeam/Doc); the same tag means another place inside an item.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from stemkit.model.session import AutomationItem, Envelope, EnvelopePoint, PooledEnvelope
from stemkit.reaper.project_values import integer_at, number_at
from stemkit.reaper.rpp import tokenize

if TYPE_CHECKING:
    from stemkit.model.session import EnvelopeStage, EnvelopeTarget
    from stemkit.reaper.rpp import Block

__all__ = [
    "PROJECT_ENVELOPES",
    "SEND_ENVELOPES",
    "TAKE_ENVELOPES",
    "TRACK_ENVELOPES",
    "envelope_of",
    "master_envelope_of",
    "modulation_of",
    "parameter_envelope_of",
    "pooled_envelope_of",
]

Place = tuple["EnvelopeTarget", "EnvelopeStage"]

TRACK_ENVELOPES: dict[str, Place] = {
    "VOLENV": ("volume", "pre_fx"),
    "VOLENV2": ("volume", "post_fx"),
    "VOLENV3": ("volume", "trim"),
    "PANENV": ("pan", "pre_fx"),
    "PANENV2": ("pan", "post_fx"),
    "DUALPANENVL": ("pan", "pre_fx"),
    "DUALPANENV": ("pan", "pre_fx"),
    "DUALPANENVL2": ("pan", "post_fx"),
    "DUALPANENV2": ("pan", "post_fx"),
    "WIDTHENV": ("width", "pre_fx"),
    "WIDTHENV2": ("width", "post_fx"),
    "MUTEENV": ("mute", "post_fx"),
}
TAKE_ENVELOPES: dict[str, Place] = {
    "VOLENV": ("volume", "take"),
    "PANENV": ("pan", "take"),
    "MUTEENV": ("mute", "take"),
    "PITCHENV": ("pitch", "take"),
}
SEND_ENVELOPES: dict[str, Place] = {
    "AUXVOLENV": ("volume", "send"),
    "AUXPANENV": ("pan", "send"),
    "AUXMUTEENV": ("mute", "send"),
}
PROJECT_ENVELOPES: dict[str, Place] = {
    "MASTERPLAYSPEEDENV": ("play_rate", "project"),
    "TEMPOENVEX": ("tempo", "project"),
}
_MASTER = "MASTER"
_MODULATORS = ("LFO", "AUDIOCTL", "PLINK")


def envelope_of(block: Block, places: dict[str, Place]) -> Envelope | None:
    """Read an envelope block, or give None where the tag is no envelope of this place.

    Parameters
    ----------
    block
        The envelope's block.
    places
        One of this module's tables. Tags outside it (hardware outs, newer kinds) have no effect on a file render.

    Returns
    -------
    Envelope or None
        Point times in seconds from project zero; inside an item in the take's own seconds, before its play rate.
    """
    place = places.get(block.tag)
    return None if place is None else _read(block, *place)


def master_envelope_of(block: Block) -> Envelope | None:
    """Read an envelope of the master track; its tags are the track's with ``MASTER`` in front."""
    if not block.tag.startswith(_MASTER):
        return None
    place = TRACK_ENVELOPES.get(block.tag[len(_MASTER) :])
    return None if place is None else _read(block, place[0], "master")


def parameter_envelope_of(block: Block) -> Envelope:
    """Read a ``PARMENV``; the header is index, minimum, maximum, centre and (from about 6.5) the name."""
    args = block.args
    return _read(block, "parameter", "fx", parameter=args[4] if len(args) > 4 else (args[0] if args else ""))


def modulation_of(block: Block) -> Envelope:
    """Read a ``PROGRAMENV`` (LFO, audio control or link that moves a parameter) as an envelope without points."""
    args = block.args
    on = any(integer_at(tokens, 1) != 0 for key in _MODULATORS if (tokens := block.tokens(key)))
    return Envelope(
        tag=block.tag,
        target="parameter",
        stage="fx",
        active=on and integer_at(args, 1) == 0,
        parameter=args[0] if args else "",
    )


def pooled_envelope_of(block: Block, seconds_per_quarter: float) -> PooledEnvelope:
    """Read a ``POOLEDENV``, the contents that automation items share.

    Its times are quarter notes: in a project at 79 BPM an instance of 0.0433229 s belongs to a pool of 0.057042
    (one file, so not certain). They are turned into seconds here at the given tempo.
    """
    return PooledEnvelope(
        pool_id=integer_at(block.tokens("ID") or [], 1),
        length_s=number_at(block.tokens("SRCLEN") or [], 1) * seconds_per_quarter,
        points=tuple(
            _point(line.split(), seconds_per_quarter) for line in block.own_lines() if line.startswith("PPT ")
        ),
    )


def _read(block: Block, target: EnvelopeTarget, stage: EnvelopeStage, *, parameter: str = "") -> Envelope:
    points: list[EnvelopePoint] = []
    instances: list[AutomationItem] = []
    switches: dict[str, int] = {}
    for line in block.own_lines():
        if line.startswith("PT "):
            points.append(_point(line.split()))
        elif line.startswith("POOLEDENVINST "):
            instances.append(_automation_item(tokenize(line)))
        else:
            tokens = line.split(None, 2)
            if len(tokens) > 1:
                switches[tokens[0]] = integer_at(tokens, 1)
    return Envelope(
        tag=block.tag,
        target=target,
        stage=stage,
        active=switches.get("ACT", 1) != 0,
        points=tuple(points),
        armed=switches.get("ARM", 0) != 0,
        visible=switches.get("VIS", 0) != 0,
        fader_scaled=switches.get("VOLTYPE", 0) == 1,
        automation_items=tuple(instances),
        parameter=parameter,
    )


def _point(tokens: list[str], time_unit_s: float = 1.0) -> EnvelopePoint:
    """``PT time value shape ? selected ? tension``; everything behind the value may be missing."""
    return EnvelopePoint(
        time_s=number_at(tokens, 1) * time_unit_s,
        value=number_at(tokens, 2),
        shape=integer_at(tokens, 3),
        tension=number_at(tokens, 7),
    )


def _automation_item(tokens: list[str]) -> AutomationItem:
    """``POOLEDENVINST pool pos len offset rate selected baseline amplitude loop posQN lenQN index muted …``."""
    return AutomationItem(
        pool_id=integer_at(tokens, 1),
        position_s=number_at(tokens, 2),
        length_s=number_at(tokens, 3),
        start_offset_s=number_at(tokens, 4),
        play_rate=number_at(tokens, 5, 1.0),
        baseline=number_at(tokens, 7, 0.5),
        amplitude=number_at(tokens, 8, 1.0),
        loop=integer_at(tokens, 9) != 0,
        muted=integer_at(tokens, 13) != 0,
    )
