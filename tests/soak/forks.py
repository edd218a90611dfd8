"""Run tests in a fork that has numpy and pytest in memory already, with other source for one module of stemkit."""

from __future__ import annotations

import contextlib
import importlib
import importlib.abc
import importlib.machinery
import importlib.util
import os
import resource
import signal
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Sequence
    from types import CodeType, ModuleType

__all__ = ["passes", "preload"]

_PRELOADED = (
    "numpy",
    "scipy.signal",
    "scipy.fft",
    "hypothesis",
    "pytest",
    "soundfile",
    "rich.console",
    "jinja2",
    "typer",
)


class _Changed(importlib.abc.MetaPathFinder):
    """Gives one module with other source; its file stays as it is."""

    def __init__(self, name: str, path: Path, source: str) -> None:
        self._name, self._path, self._source = name, path, source

    def find_spec(self, name: str, _path: Any = None, _target: ModuleType | None = None) -> Any:
        if name != self._name:
            return None
        source = self._source

        class Loader(importlib.machinery.SourceFileLoader):
            def get_code(self, fullname: str) -> CodeType:
                return compile(source, self.path, "exec", dont_inherit=True)

        path = str(self._path.absolute())
        return importlib.util.spec_from_file_location(name, path, loader=Loader(name, path))


def passes(module: str, source: str | None, tests: Sequence[str], most_s: float) -> tuple[bool, float]:
    """Run tests in a fork, with other source for one module of stemkit (None: with its own).

    Parameters
    ----------
    module
        Its path below the package, without the ending.
    most_s
        CPU seconds after which the fork is ended, as one that hangs.

    Returns
    -------
    tuple of bool and float
        Whether all passed, and the CPU seconds that it took.
    """
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    pid = os.fork()
    if not pid:
        code = 70
        try:
            resource.setrlimit(resource.RLIMIT_CPU, (int(most_s) + 1, int(most_s) + 2))
            signal.alarm(4 * int(most_s))  # what waits for ever uses no processor
            nowhere = os.open(os.devnull, os.O_WRONLY)
            os.dup2(nowhere, 1)
            os.dup2(nowhere, 2)
            if source is not None:
                name = f"stemkit.{module.replace('/', '.')}"
                sys.meta_path.insert(0, _Changed(name, Path("stemkit", f"{module}.py"), source))
            pytest = importlib.import_module("pytest")
            options = ["-x", "-q", "-p", "no:cacheprovider", "--hypothesis-seed=0"]
            options += ["-W", "ignore::pytest.PytestAssertRewriteWarning"]  # hypothesis is in memory already
            code = int(pytest.main([*options, *tests]))
        finally:
            os._exit(code)
    _, status = os.waitpid(pid, 0)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return os.waitstatus_to_exitcode(status) == 0, after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


def preload() -> None:
    """Import what every fork needs, but nothing of stemkit."""
    with contextlib.suppress(ImportError):
        for name in _PRELOADED:
            importlib.import_module(name)
    assert "stemkit" not in sys.modules, "a fork has to import what was changed"
