"""The rule for dry and wet pairs (SK806): together in time, different in sound, and only the wet one rings on."""

# ruff: noqa: D401  (a rule's first line says what holds)

from __future__ import annotations

from typing import TYPE_CHECKING

from stemkit.model.report import Fix
from stemkit.rules.contexts import SET_SUBJECT, of_role, variant_of
from stemkit.rules.registry import Problem, Unknown, rule
from stemkit.rules.shared import RERENDER

if TYPE_CHECKING:
    from collections.abc import Iterator

    from stemkit.model.audio import FileFacts, PairFacts
    from stemkit.rules.contexts import CheckContext
    from stemkit.rules.shared import Results

_SAME_DB = -80.0  # below that, nobody hears that anything was taken away
_TAIL_S = 0.25
_AGAIN = Fix(kind="render", summary=f"{RERENDER}, both versions with the same range", safe=False)


@rule("SK806", "wet-dry-pair", severity="warning", scope="set")
def wet_dry_pair(files: tuple[FileFacts, ...], context: CheckContext) -> Results:  # noqa: ARG001  (a set rule's shape)
    """A dry and a wet version of one sound start together, are equally long and differ by the effect alone.

    Why: The engineer blends the two or replaces one by the other. A version that lies elsewhere sounds like an echo
    or a comb filter, and two that are the same mean that the effect is on both or on none.

    Fix in REAPER: Render both versions with one range and tail; bypass the creative effects only for the dry one.

    Fix in any DAW: Export both versions with one range and with plug-in delay compensation on.

    Source: measured: both files sample by sample; whitened correlation over the loudest windows for the lag.
    """
    by_path = {file.path: file for file in files}
    twins = [f for f in of_role(files, "stem") if variant_of(f) != "stem" and f.partner is not None]
    if not twins:
        yield Unknown(subject=SET_SUBJECT, reason="there is no dry or wet version of any stem")
    for file in twins:
        partner = by_path.get(file.partner or "")
        if file.pair is None or partner is None:
            yield Unknown(subject=file.path, reason=f"it could not be compared with {file.partner}")
            continue
        yield from _length(file, partner)
        yield from _sound(file, file.pair)


def _length(file: FileFacts, partner: FileFacts) -> Iterator[Problem]:
    own, other = (f.audio.frames if f.audio else f.container.frames for f in (file, partner))
    if own != other and own is not None and other is not None:
        longer = "longer" if own > other else "shorter"
        yield Problem(
            subject=file.path,
            message=f"{file.path} is {abs(own - other)} samples {longer} than its twin {partner.path}.",
            measured=own,
            expected=str(other),
            unit="samples",
            fix=_AGAIN,
        )


def _sound(file: FileFacts, pair: PairFacts) -> Iterator[Problem | Unknown]:
    if pair.dry_end_s is None or pair.wet_end_s is None:
        yield Unknown(subject=file.path, reason=f"{pair.dry if pair.dry_end_s is None else pair.wet} is silent")
        return
    if pair.residual_db is None or pair.residual_db <= _SAME_DB:
        yield Problem(
            subject=file.path,
            message=f"{pair.dry} and {pair.wet} hold the same audio: the effect is in both or in neither.",
            measured=pair.residual_db,
            expected=f"above {_SAME_DB:g}",
            unit="dB",
            fix=_AGAIN,
        )
        return
    if pair.lag_samples:
        side = "late" if pair.lag_samples > 0 else "early"
        yield Problem(
            subject=file.path,
            message=f"{pair.wet} lies {abs(pair.lag_samples):.10g} samples {side} against {pair.dry}.",
            measured=pair.lag_samples,
            expected="0",
            unit="samples",
            fix=_AGAIN,
        )
    elif pair.lag_samples is None:
        yield Unknown(
            subject=file.path, reason="the effect changes the sound too much to tell whether it lies in place"
        )
    if pair.dry_end_s > pair.wet_end_s + _TAIL_S:
        yield Problem(
            subject=file.path,
            message=f"{pair.dry} rings on until {pair.dry_end_s:.2f} s, but {pair.wet}, the wetter of the two, ends at "
            f"{pair.wet_end_s:.2f} s.",
            measured=round(pair.dry_end_s - pair.wet_end_s, 2),
            expected=f"at most {_TAIL_S:g}",
            unit="s",
            fix=_AGAIN,
        )
