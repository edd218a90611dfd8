"""What is right and what is missing for working with REAPER, as a table."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from pathlib import Path

__all__ = ["Check", "examine"]

Verdict = Literal["ok", "missing", "note"]


@dataclass(frozen=True, slots=True)
class Check:
    """One thing that was looked at. `advice` says what to do where it is not right."""

    name: str
    verdict: Verdict
    found: str
    advice: str = ""


def examine(resource: Path | None = None) -> list[Check]:
    """Look at everything that the live way needs.

    Parameters
    ----------
    resource
        REAPER's folder of settings; None takes the standard one.
    """
    from stemkit.reaper.resource_paths import resource_paths

    folder = resource or resource_paths()[0]
    return [*_settings(folder), _library(), *_link(), *_headless(), _kernel()]


def _settings(folder: Path) -> list[Check]:
    from stemkit.reaper.install import ACTIONS, action_id
    from stemkit.reaper.resource_paths import home_folder

    ini = folder / "reaper.ini"
    if not ini.is_file():
        return [Check("REAPER's settings", "missing", str(folder), "Start REAPER once, or name them with --resource.")]
    text = ini.read_text(encoding="utf-8", errors="replace").lower()
    keys = folder / "reaper-kb.ini"
    listed = keys.read_text(encoding="utf-8", errors="replace") if keys.is_file() else ""
    known = sum(action_id(file) in listed for file in ACTIONS)
    setup = "Close REAPER and run stemkit setup."
    home = home_folder(folder) / "home.json"
    journal = home_folder(folder) / "journal.json"
    return [
        Check("REAPER's settings", "ok", str(folder)),
        _check("ReaScript", "reascript=1" in text.splitlines(), "switched on", "switched off", setup),
        _check("Python in REAPER", "pythonlibdll64=" in text, "set", "not set", setup),
        _check("Actions", known == len(ACTIONS), f"{known} of {len(ACTIONS)}", f"{known} of {len(ACTIONS)}", setup),
        _check("stemkit for the actions", home.is_file(), str(home), "not written", setup),
        _check(
            "Interrupted render",
            not journal.is_file(),
            "none",
            "one left its settings in the project",
            "Open that project in REAPER and run stemkit doctor --restore.",
        ),
    ]


def _check(name: str, good: bool, found: str, otherwise: str, advice: str) -> Check:  # noqa: FBT001  (a table's row)
    return Check(name, "ok", found) if good else Check(name, "missing", otherwise, advice)


def _library() -> Check:
    from stemkit.reaper.install import python_library

    library = python_library()
    if library is None:
        return Check(
            "Python's library",
            "missing",
            "this Python was built without a shared library",
            "Install Python from python.org or your system, and stemkit with it.",
        )
    return Check("Python's library", "ok", str(library[0] / library[1]))


def _kernel() -> Check:
    from stemkit.audio.kernel import kernel_state

    state = kernel_state()
    if state == "compiled":
        return Check("Measuring", "ok", "by the compiled kernel")
    return Check("Measuring", "note", f"by {state}, slower", "Install stemkit again where there is a C compiler.")


def _link() -> list[Check]:
    from stemkit.errors import EngineError
    from stemkit.reaper.link import open_link

    try:
        with open_link() as link:
            facts = link.shake_hands()
    except EngineError as error:
        return [Check("Link to REAPER", "missing", "no answer", error.message)]
    return [Check("Link to REAPER", "ok", f"REAPER {facts['reaper']} answers"), _tested(facts["reaper"])]


def _headless() -> list[Check]:
    """Say which REAPER a render without a window would start, and what would make it wait."""
    from stemkit.errors import EngineError
    from stemkit.reaper.headless_find import REAPER_VARIABLE, find_reaper, obstacles

    name, page = "REAPER to start", "See docs/headless.md."
    try:
        installation = find_reaper()
    except EngineError as error:
        return [Check(name, "note", "not there", error.message)]
    if installation is None:
        return [Check(name, "note", "none found", f"Only --engine reaper needs it; {REAPER_VARIABLE} names one.")]
    found = f"{installation.label} at {installation.program}"
    return [Check(name, "ok", found), *(Check("Unattended", "note", what, page) for what in obstacles(installation))]


def _tested(reaper: str) -> Check:
    from stemkit.app.stamp import stamp_of

    stamp, name = stamp_of(reaper), "This REAPER"
    if stamp is None:
        return Check(name, "note", "untested", "Run stemkit doctor --selftest, which takes a minute.")
    if not stamp.get("good"):
        found = ", ".join(stamp.get("contradicted") or ()) or "the self-test came to no end"
        return Check(name, "note", found, "stemkit assumes otherwise (docs/reaper-matrix.md); look at what it renders.")
    return Check(name, "ok", f"the self-test of stemkit {stamp.get('stemkit')} was good")
