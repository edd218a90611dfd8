"""What can be asked of a project: what would spoil it, which stems it gives, and the stems themselves."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from stemkit.api.types import PathLike, Progress
    from stemkit.app.deliver import DeliverResult
    from stemkit.app.render import RenderResult
    from stemkit.model.report import Report

__all__ = ["deliver", "inspect", "plan", "render"]

_PROFILE = "mix-prep"


def _path(given: PathLike | None) -> Path | None:
    return None if given is None else Path(given)


def inspect(
    project: PathLike | None,
    *,
    profile: str = _PROFILE,
    overrides: Mapping[str, object] | None = None,
    select: Iterable[str] = (),
    ignore: Iterable[str] = (),
    accept: Mapping[str, str] | None = None,
    as_is: bool = False,
    media: bool = True,
    levels: bool = False,
    progress: Progress | None = None,
) -> Report:
    """Say what in a project would spoil a delivery; nothing in it is changed.

    Parameters
    ----------
    project
        A ``.rpp`` file; None asks the REAPER that is open.
    profile, select, ignore, accept, progress
        As for `check`.
    overrides
        Fields of `stemkit.model.delivery.Choices` that win over the ``stemkit.toml`` beside the project.
    as_is
        Judge what REAPER's own Render button would do now: no plan takes care of anything.
    media
        Listen to the media, to find noise in gaps.
    levels
        Measure how loud each stem would be printed, where that is possible without REAPER.

    Returns
    -------
    stemkit.model.report.Report
        Of kind ``inspect``, with the session and the plan. Findings that the plan takes care of are `handled`.

    Raises
    ------
    InputError
        The project, the profile or ``stemkit.toml`` cannot be read.
    EngineError
        No REAPER answers.

    References
    ----------
    What is asked: the steps of the guide, with each rule's source as ``stemkit rules`` prints it. What is known of
    REAPER, and what nobody confirmed: ``docs/reaper-matrix.md``.

    Examples
    --------
    >>> import stemkit
    >>> report = stemkit.inspect("Stemkit Demo.rpp", media=False)
    >>> [finding.rule for finding in report.open_findings]
    ['SK110', 'SK112']
    """
    from stemkit.app.inspect import inspect_project

    return inspect_project(
        _path(project),
        profile=profile,
        overrides=overrides,
        select=select,
        ignore=ignore,
        accept=accept,
        as_is=as_is,
        media=media,
        levels=levels,
        progress=progress,
    )


def plan(project: PathLike | None, *, profile: str = _PROFILE, overrides: Mapping[str, object] | None = None) -> Report:
    """Work out which stems a project gives, from where to where, and why each track is in or out.

    Parameters
    ----------
    project, profile, overrides
        As for `inspect`.

    Returns
    -------
    stemkit.model.report.Report
        Of kind ``plan``. `plan.bounds` are in seconds and in frames at `plan.sample_rate` in Hz; `fidelity` says for
        each stem how true the built-in engine would be.

    Raises
    ------
    InputError
        The project, the profile or ``stemkit.toml`` cannot be read.

    References
    ----------
    Where the routing is cut so that the stems add up: ``docs/architecture.md``; ours.

    Examples
    --------
    >>> import stemkit
    >>> plan = stemkit.plan("Stemkit Demo.rpp").plan
    >>> [stem.file_name for stem in plan.stems][:3]
    ['01_Kick', '02_Snare_Top', '03_Hats']
    >>> plan.bounds.frames, plan.sample_rate
    (921600, 48000)
    """
    from stemkit.app.plan import plan_project

    return plan_project(_path(project), profile=profile, overrides=overrides)


def render(
    project: PathLike | None,
    output: PathLike,
    *,
    profile: str = _PROFILE,
    overrides: Mapping[str, object] | None = None,
    engine: str = "auto",
    skip_impossible: bool = False,
    overwrite: bool = False,
    select: Iterable[str] = (),
    ignore: Iterable[str] = (),
    accept: Mapping[str, str] | None = None,
    progress: Progress | None = None,
) -> RenderResult:
    """Render a project's stems and mixes, all of one length, and check what was written.

    Parameters
    ----------
    project, overrides
        As for `inspect`.
    output
        The folder for the files. They appear whole or not at all.
    profile, select, ignore, accept, progress
        As for `check`.
    engine
        What makes the audio: ``"auto"``, or an engine by name.
    skip_impossible
        Leave out, and name, the stems that only REAPER can render, instead of refusing.
    overwrite
        Replace files of the same names.

    Returns
    -------
    stemkit.app.render.RenderResult
        The files with their trims in dB and how true they are, what was left out and why, and the report.

    Raises
    ------
    InputError
        Something cannot be read or written.
    EngineError
        The engine cannot render this project, or failed.

    References
    ----------
    How items, fades, pans and envelopes are mixed without REAPER, and from which renders of REAPER's that was found:
    ``docs/engine.md``. The files: WAV with bext (EBU Tech 3285) and iXML 3.01, RF64 (EBU Tech 3306) above 4 GiB.

    Examples
    --------
    >>> import stemkit
    >>> result = stemkit.render("Stemkit Demo.rpp", "Four bars", skip_impossible=True, overrides={"end": "5:1"})
    >>> [file.path.name for file in result.written][:2], result.report.verdict
    (['01_Kick.wav', '02_Snare_Top.wav'], 'pass')
    """
    from stemkit.app.render import render_project

    return render_project(
        _path(project),
        Path(output),
        profile=profile,
        overrides=overrides,
        engine=engine,
        skip_impossible=skip_impossible,
        overwrite=overwrite,
        select=tuple(select),
        ignore=tuple(ignore),
        accept=accept,
        progress=progress,
    )


def deliver(
    project: PathLike | None,
    output: PathLike,
    *,
    profile: str = _PROFILE,
    overrides: Mapping[str, object] | None = None,
    brief: PathLike | None = None,
    references: Sequence[PathLike] = (),
    rough_mix: PathLike | None = None,
    engine: str = "auto",
    skip_impossible: bool = False,
    force: bool = False,
    overwrite: bool = False,
    archive: bool = False,
    select: Iterable[str] = (),
    ignore: Iterable[str] = (),
    accept: Mapping[str, str] | None = None,
    progress: Progress | None = None,
) -> DeliverResult:
    """Inspect, render, check and pack a project into the folder that is sent.

    Parameters
    ----------
    project, profile, overrides, engine, skip_impossible, select, ignore, accept, progress
        As for `render`.
    output
        The folder in which the package ``Artist - Song`` appears.
    brief
        A ``brief.toml``; None takes the one beside the project.
    references
        Reference tracks, besides those that the brief names.
    rough_mix
        A mix that was bounced elsewhere; None renders one, where the engine can.
    force
        Go on at errors of the inspection.
    overwrite
        Replace an earlier package of the same name.
    archive
        Also write the package as one zip.

    Returns
    -------
    stemkit.app.deliver.DeliverResult
        `package` is None where the delivery stopped before rendering, at an error that no plan takes care of.

    Raises
    ------
    InputError
        Something cannot be read or written.
    EngineError
        The engine cannot render this project, or failed.

    References
    ----------
    The manifest: ``docs/schema/manifest.md``. The session file for other workstations: the DAWproject schemas.

    Examples
    --------
    >>> import stemkit
    >>> result = stemkit.deliver("Stemkit Demo.rpp", "Sent", skip_impossible=True, overrides={"end": "5:1"})
    >>> sorted(path.name for path in result.package.iterdir())[:3]
    ['Brief.md', 'MIDI', 'Mix']
    """
    from stemkit.app.deliver import deliver_project

    return deliver_project(
        _path(project),
        Path(output),
        profile=profile,
        overrides=overrides,
        brief=_path(brief),
        references=[Path(path) for path in references],
        rough_mix=_path(rough_mix),
        engine=engine,
        skip_impossible=skip_impossible,
        force=force,
        overwrite=overwrite,
        archive=archive,
        select=select,
        ignore=ignore,
        accept=accept,
        progress=progress,
    )
