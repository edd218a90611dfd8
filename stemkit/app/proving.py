"""The proof that the stems of a delivery add up to its mix, and how far a check has come."""

from __future__ import annotations

from contextlib import ExitStack
from typing import TYPE_CHECKING

from stemkit.app.remote import at_hand
from stemkit.errors import InputError
from stemkit.rules.contexts import of_role, variant_of

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from pathlib import Path

    from stemkit.model.audio import FileFacts, SumFacts

__all__ = ["MEASURED", "part_of", "prove_sum"]

MEASURED = 0.8  # of the progress; the rest is the proof


def part_of(progress: Callable[[float, str], None] | None, share: float) -> Callable[[float, str], None] | None:
    """Return what tells the progress of a first part that makes up `share` of the whole."""
    if progress is None:
        return None
    return lambda fraction, doing: progress(share * fraction, doing)


def prove_sum(
    files: Sequence[FileFacts],
    mix: FileFacts | None,
    progress: Callable[[float, str], None] | None = None,
    *,
    copies: Path | None = None,
) -> tuple[SumFacts | None, str]:
    """Hold the sum of the plain stems against the mix.

    Parameters
    ----------
    files
        All files; dry and wet versions stay out.
    mix
        The mix; None where there is none.
    progress
        Told the last part of a check, from `MEASURED` on.
    copies
        Where copies of remote files lie.

    Returns
    -------
    tuple of SumFacts or None and str
        The facts, or None and the reason why there are none.
    """
    stems = [f for f in of_role(files, "stem") if variant_of(f) == "stem" and f.audio is not None]
    if mix is None:
        return None, "no mix was given to hold the stems against"
    if mix.audio is None:
        return None, f"the mix {mix.path} could not be read"
    if not stems:
        return None, "no stem could be read"
    from stemkit.audio.compare import MixInput, StemInput, prove

    def proven(fraction: float) -> None:
        if progress is not None:
            progress(MEASURED + (1 - MEASURED) * fraction, "adding up the stems")

    try:
        with ExitStack() as stack:

            def local(file: FileFacts) -> Path:
                return stack.enter_context(at_hand(file.absolute_path, copies))

            inputs = [StemInput(path=local(f), label=f.path, trim_db=f.trim_db or 0.0) for f in stems]
            return prove(inputs, MixInput(path=local(mix), label=mix.path), progress=proven), ""
    except InputError as error:
        return None, error.message
