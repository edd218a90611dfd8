"""The engine that renders audio items without REAPER."""

from __future__ import annotations

from typing import TYPE_CHECKING

from stemkit.errors import EngineError
from stemkit.model.plan import PROOF_MIX, ROUGH_MIX
from stemkit.render.builtin.fidelity import judge
from stemkit.render.builtin.grid import blocks
from stemkit.render.builtin.media import FilePool
from stemkit.render.builtin.mixdown import Mixdown
from stemkit.render.builtin.routes import Route, Wiring
from stemkit.render.builtin.writer import OpenFiles, StagingFile, staging_names

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from pathlib import Path

    from stemkit.model.plan import Fidelity, PlannedStem, RenderedAudio, RenderPlan
    from stemkit.model.session import Session

__all__ = ["BuiltinEngine"]

_SAMPLES_HELD = 1 << 22  # of one stage of all tracks at once: 34 MB in double precision, and there are about four
_LEAST_BLOCK_FRAMES = 1024


class BuiltinEngine:
    """Mixes the audio of a project as REAPER does (see ``docs/engine.md``), in blocks.

    Parameters
    ----------
    bypass_fx
        Render dry: leave out every effect that only REAPER can run, and say so, instead of refusing.
    """

    name = "builtin"
    block_frames = 65_536  # of the timeline mixed at a time, fewer where there are very many channels

    def __init__(self, *, bypass_fx: bool = False) -> None:
        self._bypass_fx = bypass_fx

    def fidelity(self, session: Session, plan: RenderPlan) -> Mapping[str, Fidelity]:
        """Say for each key (stem `file_name`, ``rough_mix``, ``proof_mix``) how true the audio will be."""
        wiring = Wiring(session, bypass_fx=self._bypass_fx)
        return judge(session, plan, wiring, bypass_fx=self._bypass_fx)

    def render(
        self,
        session: Session,
        plan: RenderPlan,
        staging: Path,
        *,
        keys: frozenset[str] | None = None,
        progress: Callable[[float, str], None] | None = None,
    ) -> tuple[RenderedAudio, ...]:
        """Write one float WAV a key into `staging`, all in one pass over the timeline.

        Raises
        ------
        EngineError
            A wanted key is impossible, a file cannot be read or written.
        """
        wiring = Wiring(session, bypass_fx=self._bypass_fx)
        verdicts = judge(session, plan, wiring, bypass_fx=self._bypass_fx)
        wanted = [key for key in verdicts if keys is None or key in keys]
        refused = [
            f"{key}: {'; '.join(verdicts[key].reasons)}" for key in wanted if verdicts[key].level == "impossible"
        ]
        if refused:
            raise EngineError(
                f"Only REAPER can render {refused[0]}{f' (and {len(refused) - 1} more)' if refused[1:] else ''}; "
                "render with --engine reaper or --live, or leave it out with --skip-impossible."
            )
        stems = [stem for stem in plan.stems if stem.file_name in wanted]
        job = _Job(session, plan, wiring, stems, [k for k in (ROUGH_MIX, PROOF_MIX) if k in wanted])
        return job.run(staging, verdicts, progress, block_frames=self.block_frames)


class _Job:
    """One render: which routes, which files."""

    def __init__(
        self, session: Session, plan: RenderPlan, wiring: Wiring, stems: list[PlannedStem], mixes: list[str]
    ) -> None:
        self._session, self._plan, self._wiring = session, plan, wiring
        self._routes: dict[str, Route] = {stem.file_name: wiring.route(plan, stem) for stem in stems}
        if ROUGH_MIX in mixes and wiring.soloed is not None:
            self._routes[ROUGH_MIX] = wiring.mix(wiring.heard & wiring.soloed)
        self._widths = {stem.file_name: max(2, stem.channels or 2) for stem in stems} | dict.fromkeys(mixes, 2)
        full: set[str] = set(wiring.heard) if mixes else set()
        own: set[str] = set()
        for route in self._routes.values():
            for guid, everything in route.cuts:
                full |= wiring.upstream(guid) if everything else set()
                own.add(guid)
        self._full = [guid for guid in wiring.order if guid in full]
        self._needed = [guid for guid in wiring.order if guid in own | full and guid in wiring.heard]

    def run(
        self,
        staging: Path,
        verdicts: Mapping[str, Fidelity],
        progress: Callable[[float, str], None] | None,
        *,
        block_frames: int,
    ) -> tuple[RenderedAudio, ...]:
        """Render into `staging`; on any failure nothing of it stays."""
        plan, rate = self._plan, self._plan.sample_rate
        staging.mkdir(parents=True, exist_ok=True)
        files: dict[str, StagingFile] = {}
        handles = OpenFiles()
        try:
            for key, name in staging_names(self._widths).items():
                path, channels = staging / f"{name}.wav", self._widths[key]
                files[key] = StagingFile(key, path, handles, channels=channels, frames=plan.bounds.frames, rate=rate)
            with FilePool() as pool:
                self._mix(pool, files, progress, block_frames)
            return tuple(file.finish(verdicts[key]) for key, file in files.items())
        except BaseException:
            for file in files.values():
                file.discard()
            raise

    def _affordable_frames(self) -> int:
        """Frames a block at which the signals of all tracks stay within the memory they may take."""
        channels = sum(max(2, self._wiring.tracks[guid].channels) for guid in {*self._full, *self._needed})
        return max(_LEAST_BLOCK_FRAMES, _SAMPLES_HELD // max(1, channels))

    def _mix(
        self,
        pool: FilePool,
        files: dict[str, StagingFile],
        progress: Callable[[float, str], None] | None,
        block_frames: int,
    ) -> None:
        bounds, rate = self._plan.bounds, self._plan.sample_rate
        mixdown = Mixdown(
            self._session,
            self._wiring,
            pool,
            rate=rate,
            needed=self._needed,
            master_channels=max(self._widths.values(), default=2),
        )
        for block in blocks(bounds.start_frame, bounds.frames, rate, min(block_frames, self._affordable_frames())):
            mixdown.start(block, full=self._full)
            for key, file in files.items():
                route = self._routes.get(key)
                signal = mixdown.mix() if route is None else mixdown.stem(route)
                if key == ROUGH_MIX:
                    signal = mixdown.through_master(signal)
                file.write(signal, block.frames)
            if progress is not None:
                progress((block.end - bounds.start_frame) / bounds.frames, "mixing")
