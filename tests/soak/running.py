"""The command in a process of its own that is there at once: a fork of one that has imported everything."""

from __future__ import annotations

import contextlib
import io
import os
import sys
import tempfile
import time
import traceback
from pathlib import Path

from stemkit.cli.entry import run
from tests.faults.songs import song, write_stems

__all__ = ["house", "leftovers", "printed", "started", "waited_for", "warm"]


def house(folder: Path) -> dict[str, str]:
    """Lay out a song, stems and a place for what comes out; returns their paths by name."""
    places = {
        "song": song(folder / "in" / "song"),
        "stems": write_stems(folder / "in" / "stems"),
        "out": folder / "out",
    }
    os.environ["TMPDIR"] = str(folder / "tmp")
    os.environ["STEMKIT_CACHE_DIR"] = str(folder / "cache")
    (folder / "tmp").mkdir()
    return {name: str(path) for name, path in places.items()}


def warm(places: dict[str, str]) -> None:
    """Import what the commands import late."""
    for command in (["check", places["stems"]], ["inspect", places["song"]]):
        with contextlib.redirect_stdout(io.StringIO()):
            run([*command, "--quiet"])


def printed(arguments: list[str]) -> bytes:
    """Run the command line in a child to its end and return what it printed."""
    with tempfile.NamedTemporaryFile() as file:
        waited_for(started(arguments, into=file.name))
        return Path(file.name).read_bytes()


def started(arguments: list[str], *, into: str = os.devnull) -> int:
    """Run the command line in a child with its output thrown away, or into a file; returns the number of the process."""
    pid = os.fork()
    if pid:
        return pid
    code = 70
    try:
        os.dup2(os.open(into, os.O_WRONLY), 1)
        errors = os.open(os.environ.get("SOAK_ERRORS", os.devnull), os.O_WRONLY | os.O_CREAT | os.O_APPEND)
        os.dup2(errors, 2)
        sys.argv = ["stemkit", *arguments, "--quiet"]
        code = run(None)
    except BaseException:
        traceback.print_exc()
    finally:
        os._exit(code)


def waited_for(pid: int, most_s: float = 600.0) -> int:
    """Wait for a child and return its exit code, the signal's number negative; one that hangs is -99."""
    deadline = time.monotonic() + most_s
    while time.monotonic() < deadline:
        ended, status = os.waitpid(pid, os.WNOHANG)
        if ended:
            return os.waitstatus_to_exitcode(status)
        time.sleep(0.002)
    os.kill(pid, 9)
    os.waitpid(pid, 0)
    return -99


def leftovers(folder: Path) -> list[str]:
    """Return what temporary names of ours lie below a folder."""
    return sorted(path.name for path in folder.rglob(".*stemkit*"))
