"""Which engine makes the audio, and why."""

from __future__ import annotations

from typing import TYPE_CHECKING

from stemkit.errors import EngineError, UsageError

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from stemkit.app.prepare import Prepared
    from stemkit.model.plan import Engine

__all__ = ["ENGINES", "choose_engine"]

ENGINES = ("auto", "live", "reaper", "builtin")


def choose_engine(
    wish: str, prepared: Prepared, *, reaper: Path | None = None, tell: Callable[[str], None] = lambda _: None
) -> tuple[Engine, str]:
    """Choose: the open REAPER for the open project, else an installed REAPER, else the built-in mixer.

    Parameters
    ----------
    wish
        One of `ENGINES`.
    prepared
        The project.
    reaper
        The REAPER to start; None looks for one.
    tell
        Told what the user should know of how the audio was made.

    Returns
    -------
    tuple
        The engine and the reason for it, in words.

    Raises
    ------
    UsageError
        There is no such engine, or it cannot render this project.
    EngineError
        REAPER is wanted, and there is none.
    """
    from stemkit.render.builtin import BuiltinEngine

    if wish not in ENGINES:
        raise UsageError(f"There is no engine {wish!r}; choose {', '.join(ENGINES[:-1])} or {ENGINES[-1]}.")
    is_open = prepared.session.source == "live"
    if wish == "live" and not is_open:
        raise UsageError("The live engine renders the project that is open in REAPER; say --live instead of a file.")
    if wish == "reaper" and is_open:
        raise UsageError("The reaper engine renders a project's file; give the file instead of --live.")
    if is_open and wish != "builtin":
        from stemkit.reaper.live_engine import LiveEngine

        return LiveEngine(), "REAPER has the project open"
    if wish == "builtin":
        return BuiltinEngine(bypass_fx=prepared.choices.bypass_fx), "as asked for"
    headless = _headless(prepared, reaper, tell, demanded=wish == "reaper")
    return headless or (
        BuiltinEngine(bypass_fx=prepared.choices.bypass_fx),
        "no REAPER was found, and this one needs none",
    )


def _headless(
    prepared: Prepared, reaper: Path | None, tell: Callable[[str], None], *, demanded: bool
) -> tuple[Engine, str] | None:
    from stemkit.reaper.headless import HeadlessEngine
    from stemkit.reaper.headless_find import REAPER_VARIABLE, find_reaper, obstacles

    installation = find_reaper(reaper)
    if installation is None:
        if demanded:
            raise EngineError(
                f"No REAPER was found; name the program with --reaper or {REAPER_VARIABLE}, or say --engine builtin."
            )
        return None
    for obstacle in obstacles(installation):
        tell(f"{installation.label}: {obstacle}")
    engine = HeadlessEngine(installation, bypass_fx=prepared.choices.bypass_fx, tell=tell)
    asked = "as asked for" if demanded else "it is installed"
    return engine, f"{asked}: {installation.label} at {installation.program}"
