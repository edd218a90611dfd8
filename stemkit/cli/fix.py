"""`stemkit fix`: apply the fixes that findings carry, to a copy."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from stemkit.cli import options as o

if TYPE_CHECKING:
    from stemkit.app.fix import FixResult

_Source = Annotated[
    Path | None,
    typer.Argument(
        metavar="SOURCE", help="A folder of stems, or a project (.rpp); none with --live.", show_default=False
    ),
]
_Live = Annotated[
    bool, typer.Option("--live", help="The project that is open in REAPER: tick in REAPER what to fix there.")
]
_Output = Annotated[
    Path | None, typer.Option("--output", "-o", metavar="NEW", help="The new folder or project; it must not exist.")
]
_DryRun = Annotated[bool, typer.Option("--dry-run", help="Show what would be fixed, and write nothing.")]
_Kinds = Annotated[
    list[str] | None,
    typer.Option(
        "--fix",
        metavar="KIND",
        help="A fix that changes the sound, to take as well; --dry-run names them.",
        show_default=False,
    ),
]
_Tracks = Annotated[
    list[str] | None,
    typer.Option("--track", metavar="TRACK", help="A track whose automation may go.", show_default=False),
]
_Mix = Annotated[Path | None, typer.Option("--mix", metavar="FILE", help="The mix that the stems must add up to.")]


def fix(
    source: _Source = None,
    live: _Live = False,
    output: _Output = None,
    dry_run: _DryRun = False,
    kinds: _Kinds = None,
    tracks: _Tracks = None,
    mix: _Mix = None,
    profile: o.ProfileName = "mix-prep",
    output_format: o.Format = o.OutputFormat.text,
    page: o.ReportFile = None,
    fail_on: o.FailOnOption = o.FailOn.error,
    quiet: o.Quiet = False,
    debug: o.Debug = False,
) -> int:
    """Show what can be fixed, fix it in a copy, and check the copy. Safe fixes touch names and metadata only."""
    from stemkit.app.fix import fix as use_case
    from stemkit.cli.output import emit, progress_bar, say
    from stemkit.errors import UsageError

    if live and source is None and output is None:
        return _fix_live(profile, dry_run=dry_run)
    if live or source is None:
        raise UsageError("Give a folder or a project (.rpp) with -o for its copy, or --live alone.")
    with progress_bar(quiet=quiet) as progress:
        result = use_case(
            source,
            output,
            kinds=tuple(kinds or ()),
            tracks=tuple(tracks or ()),
            mix=mix,
            profile=profile,
            dry_run=dry_run,
            progress=progress,
        )
    if output_format is o.OutputFormat.text:
        say(_plan_text(result))
    if result.after is None:
        return (
            0 if output_format is o.OutputFormat.text else emit(result.before, output_format, o.FailOn.never, page=page)
        )
    return emit(result.after, output_format, fail_on, page=page)


def _fix_live(profile: str, *, dry_run: bool) -> int:
    from stemkit.app.fix_open import fix_open_project
    from stemkit.cli.output import say

    result = fix_open_project(profile=profile, dry_run=dry_run)
    if result.cancelled:
        say("Nothing was changed: the dialog in REAPER was cancelled.")
        return 0
    for number, step in enumerate(result.offered, 1):
        say(f"  {number}. {step.line} ({step.rule})")
    if not dry_run:
        for step in result.done:
            say(f"Done: {step.line}")
        for _, why in result.refused:
            say(f"Not done: {why}")
        undo = " Each is one step of REAPER's undo." if result.done else ""
        say(f"Fixed: {len(result.done)} of {len(result.offered)}.{undo}")
    return int(bool(result.refused))


def _plan_text(result: FixResult) -> str:
    taken = [step for step in result.steps if step.chosen]
    offered = [step for step in result.steps if not step.chosen and step.blocked is None]
    blocked = [step for step in result.steps if step.blocked is not None]
    lines = ["Fixes:" if taken else "Nothing to fix without being told."]
    lines += [f"  {step.kind}: {step.subject}: {step.summary} ({', '.join(step.rules)})" for step in taken]
    if offered:
        lines += ["", "These change the sound or the arrangement; take them with --fix KIND:"]
        lines += [f"  {step.kind}: {step.subject}: {step.summary} ({', '.join(step.rules)})" for step in offered]
    if blocked:
        lines += ["", "Left to you:"]
        lines += [f"  {step.subject}: {step.summary} ({', '.join(step.rules)}): {step.blocked}" for step in blocked]
    if result.after is not None:
        lines += ["", f"Written: {result.output}"]
        before, after = result.before, result.after
        told = [f"{kind}s {before.count(kind)} -> {after.count(kind)}" for kind in ("error", "warning", "note")]
        lines += [f"Before and after: {', '.join(told)}."]
        lines += [f"  gone: {entry}" for entry in result.solved]
    return "\n".join([*lines, ""])
