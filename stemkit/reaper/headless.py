"""The engine that starts REAPER for each pass: ``reaper -renderproject``, no window to click.

The user's project is read once and never written; every pass is a temporary copy with other render lines.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from stemkit.errors import EngineError
from stemkit.reaper.headless_clean import demand_unchanged, file_hash, pass_file, sweep_passes
from stemkit.reaper.headless_config import make_config
from stemkit.reaper.headless_demands import demand_renderable, headless_fidelity
from stemkit.reaper.headless_failures import Scene, explain
from stemkit.reaper.headless_files import collect
from stemkit.reaper.headless_passes import make_passes, one_by_one
from stemkit.reaper.headless_project import has_lf_only, write_pass
from stemkit.reaper.headless_run import Limits, command_line, run_reaper
from stemkit.reaper.live_mix import mix_stem, take_file
from stemkit.reaper.project_file import session_from_document
from stemkit.reaper.rpp import parse

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from stemkit.model.plan import Fidelity, RenderedAudio, RenderPlan
    from stemkit.model.session import Session
    from stemkit.reaper.headless_files import Harvest
    from stemkit.reaper.headless_find import Installation
    from stemkit.reaper.headless_passes import HeadlessPass
    from stemkit.reaper.headless_run import Outcome
    from stemkit.reaper.rpp import Document

    Progress = Callable[[float, str], None]

__all__ = ["HeadlessEngine"]

_FLOAT_BYTES = 4


class HeadlessEngine:
    """Renders a project's file with REAPER itself.

    Parameters
    ----------
    installation
        The REAPER to start.
    bypass_fx
        Switch every effect off, but for instruments.
    limits
        How long it may take; None takes those of the environment.
    tell
        Told what the user should know of how it was rendered.
    """

    name = "reaper"

    def __init__(
        self,
        installation: Installation,
        *,
        bypass_fx: bool = False,
        limits: Limits | None = None,
        tell: Callable[[str], None] = lambda _: None,
    ) -> None:
        self._installation, self._bypass_fx, self._tell = installation, bypass_fx, tell
        self._limits = limits or Limits.from_environment()

    def fidelity(self, session: Session, plan: RenderPlan) -> Mapping[str, Fidelity]:
        """Say for each key (stem `file_name`, ``rough_mix``, ``proof_mix``) how true the audio will be."""
        return headless_fidelity(session, plan, self._installation, bypass_fx=self._bypass_fx)

    def render(
        self,
        session: Session,
        plan: RenderPlan,
        staging: Path,
        *,
        keys: frozenset[str] | None = None,
        progress: Progress | None = None,
    ) -> tuple[RenderedAudio, ...]:
        """Run REAPER once a pass, then mix each stem of its files.

        Raises
        ------
        EngineError
            The project cannot be rendered, or REAPER did not deliver; the message names the trap.
        """
        verdicts = self.fidelity(session, plan)
        wanted = frozenset(key for key in verdicts if keys is None or key in keys)
        project = demand_renderable(session, plan)
        sweep_passes(project.parent)
        before, document = _read_again(project, session)
        staging.mkdir(parents=True, exist_ok=True)
        staging = staging.absolute()
        config = make_config(self._installation, staging / "reaper-config")
        passes = make_passes(session, plan, staging, wanted=wanted, bypass_fx=self._bypass_fx)
        run = _Run(
            installation=self._installation,
            limits=self._limits,
            config=config,
            document=document,
            session=session,
            plan=plan,
            progress=progress,
            tell=self._tell,
        )
        try:
            files = run.all_of(passes)
        finally:
            demand_unchanged(project, before)
        return tuple(_audio(session, plan, staging, files, verdicts))


def _read_again(project: Path, session: Session) -> tuple[str, Document]:
    """Read the project once more, and demand that it is what was planned.

    Raises
    ------
    EngineError
        It or its media changed since.
    """
    before = file_hash(project)
    document = parse(project.read_bytes(), name=str(project))
    if session_from_document(document, project) != session:
        raise EngineError(f"{project.name} or its media changed since it was planned; run again.")
    return before, document


def _audio(
    session: Session,
    plan: RenderPlan,
    staging: Path,
    files: Mapping[str, Mapping[str, Path]],
    verdicts: Mapping[str, Fidelity],
) -> list[RenderedAudio]:
    stems = [stem for stem in plan.stems if stem.file_name in files]
    audio = [
        mix_stem(session, plan, stem, files=files[stem.file_name], staging=staging, fidelity=verdicts[stem.file_name])
        for stem in stems
    ]
    mixes = [key for key in files if "" in files[key]]
    return [*audio, *(take_file(key, files[key][""], plan, verdicts[key]) for key in mixes)]


@dataclass(slots=True, kw_only=True)
class _Run:
    """All passes of one project, one after the other."""

    installation: Installation
    limits: Limits
    config: Path
    document: Document
    session: Session
    plan: RenderPlan
    progress: Progress | None
    tell: Callable[[str], None]
    total: int = 1  # bytes of all passes
    done: int = 0
    part: float = 0.0
    worked: bool = False

    def all_of(self, passes: list[HeadlessPass]) -> dict[str, dict[str, Path]]:
        """Render every pass and give for each key the file of each of its tracks."""
        self.total = sum(self._bytes(single) for single in passes) or 1
        found: dict[str, dict[str, Path]] = {}
        for single in passes:
            of_track = self._files_of(single)
            self.done += self._bytes(single)
            found |= {key: {guid: of_track[guid] for guid in guids} for key, guids in single.keys.items()}
        return found

    def _files_of(self, single: HeadlessPass) -> dict[str, Path]:
        outcome, harvest = self._one(single)
        if not harvest.complete and single.order.names and _printed_nothing(outcome, harvest):
            alone = one_by_one(self.session, single)
            self.tell(
                "this REAPER renders no stems from the command line, so each was rendered as a mix of its own; "
                "that takes longer"
            )
            return {guid: path for each in alone for guid, path in self._delivered(each, *self._one(each)).items()}
        return self._delivered(single, outcome, harvest)

    def _delivered(self, single: HeadlessPass, outcome: Outcome, harvest: Harvest) -> dict[str, Path]:
        if not harvest.complete:
            scene = Scene(
                title=single.title,
                installation=self.installation,
                outcome=outcome,
                harvest=harvest,
                lf_only=has_lf_only(self.document),
                worked_before=self.worked,
                alone=not single.order.names and not single.keys,
            )
            raise EngineError(explain(scene))
        self.worked = True
        return {single.tracks[name]: path for name, path in harvest.files.items()}

    def _one(self, single: HeadlessPass) -> tuple[Outcome, Harvest]:
        order, plan = single.order, self.plan
        order.folder.mkdir()  # fresh and empty, or REAPER would ask about what lies there
        content = write_pass(self.document, self.session, plan, order)
        seen = self.done

        def harvest() -> Harvest:
            return collect(order.folder, single.tracks, plan, channels=order.channels)

        def grown(size: int) -> None:
            if self.progress is not None:
                self.part = max(self.part, min(1.0, (seen + min(size, self._bytes(single))) / self.total))
                self.progress(self.part, f"REAPER renders {single.title}")

        with pass_file(Path(self.document.name), content) as project:
            outcome = run_reaper(
                command_line(self.installation, self.config, project),
                order.folder,
                limits=self.limits,
                length_s=plan.bounds.frames / plan.sample_rate,
                is_complete=lambda: harvest().complete,
                on_bytes=grown,
            )
        return outcome, harvest()

    def _bytes(self, single: HeadlessPass) -> int:
        return self.plan.bounds.frames * single.order.channels * _FLOAT_BYTES * max(1, len(single.tracks))


def _printed_nothing(outcome: Outcome, harvest: Harvest) -> bool:
    """Tell whether no file came, though REAPER did not crash."""
    crashed = outcome.code is not None and (outcome.code < 0 or outcome.code >= 128)
    return not crashed and not harvest.files and not harvest.wrong
