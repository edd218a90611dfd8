"""Check a folder, and a folder of deliveries, on a Dask cluster of two workers of which one is killed in the middle.

Run by `test_executor.py` as a program of its own, because a cluster leaves threads and sockets behind for a while.
"""

from __future__ import annotations

import json
import os
import signal
import sys
import tempfile
from contextlib import redirect_stdout
from io import StringIO
from pathlib import Path
from typing import Any

from distributed import LocalCluster

from stemkit.app.check import check
from stemkit.app.executor import open_pool
from stemkit.cli.entry import run
from stemkit.report import render

_KILL_AFTER = 3  # files


def _checked_with_a_death(folder: str, address: str, cluster: Any) -> tuple[str, list[int]]:
    killed: list[int] = []
    done: list[str] = []

    def kill_one(_fraction: float, doing: str) -> None:
        done.append(doing)
        if len(done) == _KILL_AFTER:
            killed.append(next(iter(cluster.workers.values())).pid)
            os.kill(killed[0], signal.SIGKILL)

    with open_pool(address) as pool:
        report = check([folder], pool=pool, progress=kill_one)
    return render(report, "json"), killed


def _printed(arguments: list[str]) -> tuple[int, str]:
    with redirect_stdout(StringIO()) as printed:
        code = run(arguments)
    return code, printed.getvalue()


def main(folder: str, root: str) -> None:
    with (
        tempfile.TemporaryDirectory() as elsewhere,
        LocalCluster(  # type: ignore[no-untyped-call]  # Dask has no types
            n_workers=2,
            threads_per_worker=1,
            processes=True,
            dashboard_address=None,
            host="127.0.0.1",
            local_directory=elsewhere,
        ) as cluster,
    ):
        address = str(cluster.scheduler_address).replace("tcp://", "dask://")
        os.chdir(Path(root).parent)
        root = Path(root).name  # a relative path, which the workers are not to take as theirs
        told, killed = _checked_with_a_death(folder, address, cluster)
        each = ["check", root, "--each", "--format", "json", "--no-cache"]
        found = {
            "killed": len(killed),
            "same_check": told == render(check([folder]), "json"),
            "same_each": _printed([*each, "--executor", address]) == _printed([*each, "--jobs", "1"]),
            "lines": len(_printed(each)[1].splitlines()),
        }
    sys.stdout.write(json.dumps(found) + "\n")


if __name__ == "__main__":
    main(*sys.argv[1:])
