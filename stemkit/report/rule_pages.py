"""What `stemkit rules` prints: a rule's docstring in its five parts, and the list of all rules."""

from __future__ import annotations

import inspect
import re
from typing import TYPE_CHECKING

from stemkit.report.layout import Column, paragraph, table
from stemkit.rules.catalogue import all_rules

if TYPE_CHECKING:
    from collections.abc import Iterable

    from stemkit.rules.registry import Rule

__all__ = ["rule_list", "rule_page", "rule_parts"]

_TITLES = ("Why", "Fix in REAPER", "Fix in any DAW", "Source")
_LEAST_BESIDE = 40  # columns in which a sentence still reads well
_PART = re.compile(rf"^({'|'.join(_TITLES)}): ", re.MULTILINE)


def rule_parts(rule_id: str) -> dict[str, str]:
    """Take a rule's docstring apart.

    Returns
    -------
    dict
        ``what``, ``why``, ``fix in reaper``, ``fix in any daw``, ``source``, each as one line; empty for a rule
        that no longer exists.
    """
    told = next((rule.judge.__doc__ for rule in all_rules() if rule.id == rule_id), None)
    what, *pieces = _PART.split(inspect.cleandoc(told or ""))
    parts = {"what": what, **dict(zip(map(str.lower, pieces[::2]), pieces[1::2], strict=True))}
    return {name: " ".join(text.split()) for name, text in parts.items() if text}


def rule_page(rule: Rule, *, width: int = 80) -> str:
    """Return a rule's page: what it asks, why, and how to fix what it finds."""
    parts = rule_parts(rule.id)
    about = [f"severity {rule.severity}", f"one verdict a {rule.scope}"]
    about += [f"guide step {rule.guide}"] if rule.guide else []
    about += [f"needs {', '.join(rule.needs)}"] if rule.needs else []
    body = [(title, parts.get(title.lower(), "")) for title in _TITLES]
    lines = [f"{rule.id} {rule.name}", paragraph("; ".join(about), width), ""]
    lines.append(paragraph(parts.get("what", ""), width))
    lines += [f"\n{title}\n{paragraph(text, width, indent='  ')}" for title, text in body if text]
    return "\n".join(lines)


def rule_list(rules: Iterable[Rule], *, width: int = 80) -> str:
    """Return an entry a rule: what it asks stands beside its name, or below it where that leaves no room."""
    columns = (Column(title="Id"), Column(title="Name", stretch=True), Column(title="Severity"))
    rules = tuple(rules)
    head, *lines = table(columns, [(rule.id, rule.name, rule.severity) for rule in rules], width)
    beside = max(len(line) for line in (head, *lines)) + 2
    if width - beside < _LEAST_BESIDE:
        below = [paragraph(rule.summary, width, indent=" " * 7) for rule in rules]
        return "\n".join([head, *(f"{line}\n{asks}" for line, asks in zip(lines, below, strict=True))])
    return "\n".join(
        [f"{head:{beside}}Asks"]
        + [paragraph(r.summary, width, label=f"{line:{beside}}") for line, r in zip(lines, rules, strict=True)]
    )
