"""`stemkit plan`: what would be rendered, and why each track is in or out."""

from __future__ import annotations

import typer

from stemkit.cli import options as o
from stemkit.cli.plan_options import overrides


def plan(
    context: typer.Context,
    project: o.ProjectOrLive = None,
    live: o.Live = False,
    by: o.ByOption = None,
    order: o.OrderOption = None,
    include: o.Include = None,
    exclude: o.Exclude = None,
    start: o.Start = None,
    end: o.End = None,
    tail: o.Tail = None,
    channels: o.ChannelsOption = None,
    gain: o.GainOption = None,
    encoding: o.EncodingOption = None,
    dry: o.Dry = None,
    wet: o.Wet = None,
    sample_rate: o.Rate = None,
    bypass_fx: o.BypassFx = False,
    profile: o.ProfileName = "mix-prep",
    output_format: o.Format = o.OutputFormat.text,
    page: o.ReportFile = None,
    debug: o.Debug = False,
) -> int:
    """Show which stems the project gives, from where to where, and why each track is in or out."""
    from stemkit.app.plan import plan_project
    from stemkit.cli.output import emit

    report = plan_project(o.source(project, live=live), profile=profile, overrides=overrides(context.params))
    return emit(report, output_format, o.FailOn.never, page=page)
