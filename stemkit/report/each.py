"""Many deliveries at once: a line of a table or of JSON each, and one last sentence.

JSON lines, schema ``stemkit.each/1``: ``schema``, ``path``, ``verdict`` (``pass|warn|fail``, null where the delivery
could not be checked), ``exit_code``, ``counts``, ``stems``, ``error`` (one sentence, else null) and ``report``: what
``stemkit check --format json`` says of this delivery alone, else null. The lines stand in the order of the names.
"""

from __future__ import annotations

import json
from collections import Counter
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from stemkit.model.each import DeliveryResult

__all__ = ["SCHEMA", "json_line", "last_line", "table_lines"]

SCHEMA = "stemkit.each/1"
_MOST_RULES = 6
_WORDS = {"pass": "READY", "warn": "LOOK", "fail": "FIX", None: "UNREAD"}
_HEADS = ("", "stems", "errors", "warnings", "notes", "sum", "delivery")


def json_line(result: DeliveryResult) -> str:
    """Return one delivery as one line of JSON."""
    told = {
        "schema": SCHEMA,
        "path": result.path.encode("utf-8", "replace").decode(),  # a name may hold bytes that are no letters
        "verdict": result.verdict,
        "exit_code": result.exit_code,
        "counts": result.counts,
        "stems": result.stems,
        "error": result.error,
        "report": result.report,
    }
    return json.dumps(told, allow_nan=False)


def table_lines(results: Sequence[DeliveryResult]) -> list[str]:
    """Return a table, a line a delivery, with the rules that it breaks or the reason why it could not be checked."""
    rows = [_HEADS, *(_cells(result) for result in results)]
    widths = [max(len(row[column]) for row in rows) for column in range(len(_HEADS) - 1)]
    lines = []
    for row, result in zip(rows, (None, *results), strict=True):
        cells = [
            row[0].ljust(widths[0]),
            *(cell.rjust(width) for cell, width in zip(row[1:], widths[1:], strict=False)),
        ]
        lines.append("  ".join([*cells, row[-1]]).rstrip())
        if result is not None and (why := result.error or _rules(result)):
            lines.append(" " * (widths[0] + 2) + why)
    return lines


def last_line(results: Iterable[DeliveryResult]) -> str:
    """Return how many deliveries there were, and how they stand."""
    tally = Counter(_WORDS[result.verdict] for result in results)
    told = ", ".join(f"{tally[word]} {word}" for word in _WORDS.values() if tally[word])
    return f"{tally.total()} {'delivery' if tally.total() == 1 else 'deliveries'}: {told}."


def _cells(result: DeliveryResult) -> tuple[str, ...]:
    counts = [str(result.counts.get(level, "–")) for level in ("error", "warning", "note")]
    stems = str(result.stems) if result.verdict is not None else "–"
    return (_WORDS[result.verdict], stems, *counts, _sum(result), result.path)


def _sum(result: DeliveryResult) -> str:
    if result.adds_up is None:
        return "–"
    return "adds up" if result.adds_up else "differs"


def _rules(result: DeliveryResult) -> str:
    rest = len(result.rules) - _MOST_RULES
    return ", ".join(result.rules[:_MOST_RULES]) + (f" and {rest} more" if rest > 0 else "")
