"""The self-test's answers as a text that can be pasted into an issue: it names nothing of the user's own."""

from __future__ import annotations

import platform
from typing import TYPE_CHECKING

from stemkit._version import __version__
from stemkit.app.assumptions import ASSUMPTIONS

if TYPE_CHECKING:
    from stemkit.app.selftest import SelfTest
    from stemkit.app.selftest_evidence import Answer

__all__ = ["selftest_text"]

_ORDER = ("contradicted", "could not be asked", "confirmed")


def selftest_text(test: SelfTest) -> str:
    """Write the report."""
    lines = [
        f"stemkit {__version__} self-test of REAPER {test.reaper}",
        f"{platform.platform()}, Python {platform.python_version()}",
    ]
    if test.is_stand_in:
        lines.append("This is a stand-in and no REAPER: nothing below says anything about REAPER.")
    if test.stopped:
        lines.append(f"The test came to no end: {test.stopped}")
    groups = {verdict: [a for a in test.answers if a.verdict == verdict] for verdict in _ORDER}
    lines.append(", ".join(f"{verdict}: {len(groups[verdict])}" for verdict in reversed(_ORDER)))
    for verdict, answers in groups.items():
        if answers:
            lines += ["", verdict.upper(), *(_line(answer) for answer in answers)]
    return "\n".join(lines)


def _line(answer: Answer) -> str:
    assumption = ASSUMPTIONS[answer.name]
    line = f"- {answer.name}: {assumption.says}. {answer.found}"
    if answer.verdict == "contradicted":
        line += f" | Rests on it: {assumption.rests or 'nothing'}."
    return line
