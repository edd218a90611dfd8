"""Every rule there is, and the choice among them. It stands above the register and the families, which it imports."""

from __future__ import annotations

from typing import TYPE_CHECKING

from stemkit.errors import UsageError
from stemkit.rules import (  # noqa: F401  (an import registers the rules of a module)
    content,
    format,  # noqa: A004  (the family's name)
    level,
    naming,
    numbering,
    package,
    package_contents,
    pairs,
    proof,
    proof_timeline,
    provenance,
    session_cleanup,
    session_effects,
    session_level,
    session_master,
    session_media,
    session_names,
    session_render,
    session_routes,
    session_time,
    timeline,
)
from stemkit.rules.registry import Rule, matches, registered

if TYPE_CHECKING:
    from collections.abc import Iterable

__all__ = ["all_rules", "select"]


def all_rules() -> tuple[Rule, ...]:
    """Return every rule in the order of its id; the imports above registered them."""
    return registered()


def select(chosen: Iterable[str] = (), ignored: Iterable[str] = ()) -> tuple[Rule, ...]:
    """Choose rules by prefix.

    Parameters
    ----------
    chosen
        Prefixes to take; none means all.
    ignored
        Prefixes to leave out; wins over `chosen`.

    Raises
    ------
    UsageError
        A prefix fits no rule.
    """
    rules = all_rules()
    chosen, ignored = tuple(chosen), tuple(ignored)
    for prefix in (*chosen, *ignored):
        if not any(matches(r.id, (prefix,)) for r in rules):
            raise UsageError(f"No rule starts with {prefix!r}; `stemkit rules` lists them all.")
    return tuple(r for r in rules if (not chosen or matches(r.id, chosen)) and not matches(r.id, ignored))
