"""`stemkit fix`: apply the fixes that findings carry, to a copy."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from stemkit.cli import options as o

if TYPE_CHECKING:
    from stemkit.app.fix import FixResult

_Source = Annotated[Path, typer.Argument(help="A folder of stems, or a project (.rpp).", show_default=False)]
_Output = Annotated[Path | None, typer.Option("--output", "-o", help="The new folder or project; it must not exist.")]
_DryRun = Annotated[bool, typer.Option("--dry-run", help="Show the plan and write nothing.")]
_Kinds = Annotated[
    list[str] | None,
    typer.Option(
        "--fix", metavar="KIND", help="An unsafe fix to take as well; the plan names them.", show_default=False
    ),
]
_Tracks = Annotated[
    list[str] | None, typer.Option("--track", help="A track whose automation may go.", show_default=False)
]
_Mix = Annotated[Path | None, typer.Option("--mix", help="The mix that the stems must add up to.")]


def fix(
    source: _Source,
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
    from stemkit.cli.output import emit, progress_bar

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
        typer.echo(_plan_text(result))
    if result.after is None:
        return (
            0 if output_format is o.OutputFormat.text else emit(result.before, output_format, o.FailOn.never, page=page)
        )
    return emit(result.after, output_format, fail_on, page=page)


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
