"""Timeline rules that rest on the mix or the project (SK402, SK403, SK406): in place, in time, from bar 1."""

# ruff: noqa: D401  (a rule's first line says what holds)

from __future__ import annotations

from typing import TYPE_CHECKING

from stemkit.model.report import Fix
from stemkit.rules.contexts import SET_SUBJECT, of_role, variant_of
from stemkit.rules.proof import MOVED, accused, proof_unknown, sentence
from stemkit.rules.registry import Problem, Unknown, rule
from stemkit.rules.shared import clock

if TYPE_CHECKING:
    from stemkit.model.audio import FileFacts
    from stemkit.rules.contexts import CheckContext
    from stemkit.rules.shared import Results


@rule("SK402", "start-offset", severity="error", scope="set", guide="G2")
def start_offset(files: tuple[FileFacts, ...], context: CheckContext) -> Results:  # noqa: ARG001  (a set rule's shape)
    """Every stem lies in the mix where it lies in its file.

    Why: A stem that starts late or early is out of time with all others, and a few samples of it already thin out
    everything that it shares with them. Nobody hears which stem it is before the mix is half done.

    Fix in REAPER: File > Render with one range for all stems; look for a media item that was moved, a wrong
    "start in source", or a plug-in whose delay is not reported.

    Fix in any DAW: Export all stems with one range and with plug-in delay compensation on.

    Source: guide G2 (all stems start at the same point); measured against the mix.
    """
    unknown = proof_unknown(context)
    if unknown is not None:
        yield unknown
        return
    for found in accused(context, MOVED):
        yield Problem(
            subject=found.path,
            message=sentence(found.detail),
            measured=found.lag_samples,
            expected="0",
            unit="samples",
            fix=Fix(kind="shift", summary="shift the stem by that much, or render it again", safe=False),
        )


@rule("SK403", "drift", severity="error", scope="set", guide="G2")
def drift(files: tuple[FileFacts, ...], context: CheckContext) -> Results:  # noqa: ARG001  (a set rule's shape)
    """Every stem runs at the speed of the mix.

    Why: A stem that was recorded by another clock, or that carries the wrong sample rate in its header, starts in
    time and ends out of time. It cannot be mended by moving it.

    Fix in REAPER: Check the item's play rate and the source's sample rate (item properties), then render again.

    Fix in any DAW: Export at the session's rate; never change a file's rate by its header.

    Source: guide G2; measured against the mix, the first third against the last.
    """
    unknown = proof_unknown(context)
    if unknown is not None:
        yield unknown
        return
    assert context.sum is not None
    for found in accused(context, ("drift",)):
        yield Problem(
            subject=found.path,
            message=sentence(found.detail),
            measured=found.drift_ppm,
            expected="0",
            unit="ppm",
            fix=Fix(kind="render", summary="render the stem again at the session's own rate", safe=False),
        )
    if context.sum.drift_ppm:
        yield Problem(
            subject=SET_SUBJECT,
            message=f"The mix {context.sum.reference} drifts against all stems by {context.sum.drift_ppm:.3g} ppm.",
            measured=context.sum.drift_ppm,
            expected="0",
            unit="ppm",
            severity="warning",
        )


@rule("SK406", "not-at-bar-one", severity="warning", scope="set", guide="G2")
def not_at_bar_one(files: tuple[FileFacts, ...], context: CheckContext) -> Results:
    """The stems begin where the project's plan begins: at bar 1, or at the bar line before the first sound.

    Why: The engineer drops all files at bar 1 and works to the grid from there. Stems that begin elsewhere are off
    the grid, and tempo maps and delays no longer fit.

    Fix in REAPER: File > Render, bounds "Entire project", or a time selection that starts at bar 1.

    Fix in any DAW: Start the export range at bar 1 beat 1, also when the first bars are silent.

    Source: guide G2 (normally bar 1 beat 1); the start comes from the project's tempo map, the place of a file
    from its time stamp (EBU Tech 3285).
    """
    if context.plan is None:
        yield Unknown(subject=SET_SUBJECT, reason="no project says where bar 1 lies")
        return
    bounds, rate = context.plan.bounds, context.plan.sample_rate
    stems = [f for f in of_role(files, "stem") if variant_of(f) == "stem"]
    stamped = [f for f in stems if f.container.bext is not None and f.container.sample_rate]
    if not stamped:
        yield Unknown(subject=SET_SUBJECT, reason="no stem carries a time stamp that says where it begins")
        return
    expected_s = max(bounds.start_frame, 0) / rate
    for file in stamped:
        assert file.container.bext is not None
        assert file.container.sample_rate is not None
        start_s = file.container.bext.time_reference_samples / file.container.sample_rate
        if abs(start_s - expected_s) > 1.5 / rate:
            yield Problem(
                subject=file.path,
                message=f"{file.path} begins at {clock(start_s)} by its time stamp, the plan at {clock(expected_s)} "
                f"({bounds.explanation or 'bar 1'}).",
                measured=round(start_s, 6),
                expected=f"{expected_s:.6f}",
                unit="s",
                fix=Fix(kind="render", summary="render all stems from bar 1", safe=False),
            )
