"""`stemkit plan`: what would be rendered, and why each track is in or out."""

from __future__ import annotations

from stemkit.cli import options as o
from stemkit.cli.plan_options import overrides


def plan(
    project: o.Project,
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
    rate: o.Rate = None,
    bypass_fx: o.BypassFx = False,
    profile: o.ProfileName = "mix-prep",
    output_format: o.Format = o.OutputFormat.text,
    page: o.ReportFile = None,
    debug: o.Debug = False,
) -> int:
    """Show which stems the project gives, from where to where, and why each track is in or out."""
    from stemkit.app.plan import plan_project
    from stemkit.cli.output import emit

    wishes = overrides(
        by=by,
        order=order,
        include=include,
        exclude=exclude,
        start=start,
        end=end,
        tail=tail,
        channels=channels,
        gain=gain,
        encoding=encoding,
        dry=dry,
        wet=wet,
        sample_rate=rate,
        bypass_fx=bypass_fx,
    )
    report = plan_project(project, profile=profile, overrides=wishes)
    return emit(report, output_format, o.FailOn.never, page=page)
