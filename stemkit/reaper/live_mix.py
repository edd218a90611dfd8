"""From the files that REAPER wrote to one file a stem.

REAPER renders a track behind its own fader; the way from there to the master (folder faders and pans, plain sends)
belongs to the stem as well, and so does the sum of a group's tracks. Both are mixed by the built-in engine: in a
session in which each rendered track plays its file through a neutral strip.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from stemkit.model.plan import Fidelity, RenderedAudio
from stemkit.model.session import FxChain, Item, Source, Take
from stemkit.reaper.live_passes import own_returns

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from stemkit.model.plan import CutInputs, PlannedStem, RenderPlan
    from stemkit.model.session import Session, Track

__all__ = ["live_fidelity", "mix_stem", "take_file"]

_BLOCK_FRAMES = 65_536
_PRE_FADER_MODES = frozenset({1, 3})


def live_fidelity(session: Session, plan: RenderPlan) -> dict[str, Fidelity]:
    """Say for each key how true the file will be, and why it may not be."""
    tracks = {track.guid: track for track in session.tracks}
    found = {stem.file_name: _stem_fidelity(stem, plan, tracks) for stem in plan.stems}
    exact = Fidelity(level="exact")
    one_sided = session.master.mute_solo & 0b11000  # left, right or the difference instead of the plain sum
    proof = (
        Fidelity(level="impossible", reasons=("REAPER's master plays one side or the difference; set it to stereo",))
        if one_sided
        else exact
    )
    return found | {"rough_mix": exact, "proof_mix": proof}


def _stem_fidelity(stem: PlannedStem, plan: RenderPlan, tracks: Mapping[str, Track]) -> Fidelity:
    rendered = _rendered(stem, plan)
    way = [tracks[guid] for guid in stem.through if guid in tracks and guid not in rendered]
    reasons = [
        f"the effects of {track.name or f'track {track.index + 1}'} are left out" for track in way if _runs(track)
    ]
    reasons += [
        f"the send from {tracks[send.source_guid].name} to {track.name} is taken before the fader"
        for track in way
        for send in track.receives
        if send.mode in _PRE_FADER_MODES and send.source_guid in rendered and not send.mute
    ]
    return Fidelity(level="approximate" if reasons else "exact", reasons=tuple(reasons))


def _runs(track: Track) -> bool:
    return track.fx.enabled and any(effect.enabled and not effect.offline for effect in track.fx.effects)


def _rendered(stem: PlannedStem, plan: RenderPlan) -> tuple[str, ...]:
    return (*(guid for guid, _ in stem.cuts), *own_returns(plan, stem))


def mix_stem(
    session: Session,
    plan: RenderPlan,
    stem: PlannedStem,
    *,
    files: Mapping[str, Path],
    staging: Path,
    fidelity: Fidelity,
) -> RenderedAudio:
    """Make a stem of the files of its tracks.

    Parameters
    ----------
    session, plan, stem
        What was planned.
    files
        For each rendered track the file that REAPER wrote.
    staging
        Where the stem goes, under its key.

    Raises
    ------
    EngineError
        A file cannot be read or written.
    """
    from stemkit.render.builtin import BuiltinEngine  # noqa: PLC0415  (heavy)

    rendered = _rendered(stem, plan)
    if stem.direct or (len(rendered) == 1 and not stem.through and _leads_straight_on(session, stem)):
        return take_file(stem.file_name, files[rendered[0]], plan, fidelity)
    made = _playing_files(session, plan, {guid: files[guid] for guid in rendered}, stem.channels or 2)
    cuts: tuple[tuple[str, CutInputs], ...] = tuple((guid, "items") for guid in rendered)
    plain = replace(stem, cut_guid=cuts[0][0], inputs="items", more_cuts=cuts[1:], variant="stem", bypassed=())
    alone = replace(plan, stems=(plain,), stops=plan.stops | frozenset(rendered))
    (audio,) = BuiltinEngine().render(made, alone, staging, keys=frozenset({stem.file_name}))
    return replace(audio, fidelity=fidelity)


def _leads_straight_on(session: Session, stem: PlannedStem) -> bool:
    main = next(track.main_send for track in session.tracks if track.guid == stem.cut_guid)
    return main.enabled and main.channel_offset == 0 and main.channel_count == 0


def _playing_files(session: Session, plan: RenderPlan, files: Mapping[str, Path], channels: int) -> Session:
    """Put each file on its track, behind which nothing but gain and pan is left."""

    def changed(track: Track) -> Track:
        if track.guid not in files:
            return replace(track, fx=FxChain(), solo=0, items=())
        item = Item(
            position_s=plan.bounds.start_frame / plan.sample_rate,
            length_s=plan.bounds.frames / plan.sample_rate,
            takes=(Take(active=True, source=Source(kind="wave", resolved_path=str(files[track.guid]))),),
        )
        return replace(
            track,
            items=(item,),
            volume=1.0,
            pan=0.0,
            width=1.0,
            dual_pan=None,
            pan_law=1.0,
            pan_mode=None,
            mute=False,
            solo=0,
            phase_inverted=False,
            play_offset=0.0,
            automation_mode=0,
            channels=max(channels, track.channels),
            fx=FxChain(),
            receives=(),
            envelopes=(),
            free_mode=0,
            lanes_playing=None,
        )

    return replace(session, tracks=tuple(changed(track) for track in session.tracks))


def take_file(key: str, path: Path, plan: RenderPlan, fidelity: Fidelity) -> RenderedAudio:
    """Take a file as REAPER wrote it, and look at its samples once.

    Raises
    ------
    EngineError
        The file cannot be read.
    """
    import numpy as np  # noqa: PLC0415  (`stemkit --help` must not pay for it)
    import soundfile  # noqa: PLC0415  (as above)

    from stemkit.errors import EngineError  # noqa: PLC0415  (as above)

    peak, same = 0.0, True
    try:
        with soundfile.SoundFile(path) as file:
            channels, frames, rate = file.channels, file.frames, file.samplerate
            for block in file.blocks(_BLOCK_FRAMES, dtype="float32", always_2d=True):
                peak = max(peak, float(np.abs(block).max(initial=0.0)))
                same = same and channels == 2 and bool(np.array_equal(block[:, 0], block[:, 1]))
    except soundfile.SoundFileError as error:
        raise EngineError(f"{path} cannot be read: {error}.") from error
    if rate != plan.sample_rate:
        raise EngineError(f"REAPER wrote {path.name} at {rate} Hz instead of {plan.sample_rate} Hz.")
    return RenderedAudio(
        key=key,
        path=path,
        channels=channels,
        frames=frames,
        sample_rate=rate,
        peak=peak,
        left_equals_right=same if channels == 2 else None,
        fidelity=fidelity,
    )
