"""Many projects in one go: several at a time, one failure stops no other, and what is done already is left alone."""

from __future__ import annotations

import hashlib
import json
import time
from concurrent.futures import ProcessPoolExecutor, as_completed
from dataclasses import dataclass, field, replace
from functools import partial
from multiprocessing import get_context
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from stemkit._version import __version__
from stemkit.errors import InputError, StemkitError, UsageError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence

__all__ = ["RECORD_NAME", "Job", "JobResult", "find_projects", "run_jobs", "targets_for"]

RECORD_NAME = ".stemkit-done.json"
_BLOCK_BYTES = 1 << 20
_BESIDE_A_SONG = ("stemkit.toml", "brief.toml")
_INTERNAL_ERROR = 3
_LEVELS = ("error", "warning", "note", "never")  # of --fail-on

State = Literal["done", "failed", "unchanged"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Job:
    """One project. `call` goes to another process; `settings` is everything but the project that its result hangs on.

    `redo` is the same where an earlier run has left files: it is given them, and may replace these alone. `files_of`
    gives the files of a result, by which a later run sees that they are still there. `inputs` are further files.
    """

    project: Path
    call: Callable[[], Any]
    redo: Callable[[list[Path]], Any]
    settings: str
    files_of: Callable[[Any], list[Path]]
    inputs: tuple[Path, ...] = ()
    fingerprint: str = ""  # where it was taken already


@dataclass(frozen=True, slots=True, kw_only=True)
class JobResult:
    """What came of a job.

    `exit_code` is that of its error, of the earlier run of an unchanged one, or 1 where no file was made. `fingerprint`
    is of what was there before the job began, so that what changed meanwhile counts as changed.
    """

    project: Path
    state: State
    seconds: float = 0.0
    message: str = ""
    exit_code: int = 0
    result: Any = field(default=None, repr=False)
    fingerprint: str = ""


def find_projects(given: Iterable[Path], *, output: Path) -> list[Path]:
    """Give the projects that were named, and those in folders that were named.

    Parameters
    ----------
    given
        Projects and folders. Hidden files and folders, packages of stemkit and `output` are passed over.
    output
        Where the results go.

    Raises
    ------
    InputError
        A folder holds no project.
    """
    found: dict[Path, None] = {}
    for path in given:
        if not path.is_dir():
            found[path] = None
            continue
        inside = sorted(_projects_in(path, output.absolute()))
        if not inside:
            raise InputError(
                f"{path} holds no REAPER project (.rpp); give the folder of the songs, or a project itself."
            )
        found |= dict.fromkeys(inside)
    return list(found)


def _projects_in(folder: Path, output: Path) -> Iterator[Path]:
    from stemkit.delivery.checksums import MANIFEST_NAME

    if folder.absolute() == output or (folder / MANIFEST_NAME).is_file():
        return
    for path in folder.iterdir():
        if path.name.startswith("."):
            continue
        if path.is_dir() and not path.is_symlink():  # which may lead back, or out of what was named
            yield from _projects_in(path, output)
        elif path.suffix.lower() == ".rpp" and path.is_file():
            yield path


def targets_for(projects: Sequence[Path], output: Path) -> dict[Path, Path]:
    """Give each project a folder of its own below `output`, named after it.

    Raises
    ------
    UsageError
        Two would get the same folder.
    """
    stems = [path.stem.casefold() for path in projects]
    targets = {
        path: output / (path.stem if stems.count(stem) == 1 else f"{path.absolute().parent.name} - {path.stem}")
        for path, stem in zip(projects, stems, strict=True)
    }
    names = [target.name.casefold() for target in targets.values()]
    doubled = next((path for path, name in zip(projects, names, strict=True) if names.count(name) > 1), None)
    if doubled is not None:
        raise UsageError(f"Two projects are called {doubled.stem} in folders of one name; render them one by one.")
    return targets


def run_jobs(
    jobs: Sequence[Job],
    *,
    workers: int,
    output: Path,
    resume: bool,
    fail_on: str = "error",
    finished: Callable[[JobResult], None] = lambda _: None,
) -> list[JobResult]:
    """Run the jobs and return their results in their order.

    Parameters
    ----------
    jobs
        One a project.
    workers
        How many run at the same time, each in a process of its own; 1 stays in this one.
    output
        Where the record of what is done lies.
    resume
        Leave out what is recorded, if project, media, settings and delivered files are as they were.
    fail_on
        Severity from which findings make the exit code of what is left out.
    finished
        Told each result as it comes.
    """
    record = _Record(output / RECORD_NAME)
    results: dict[Path, JobResult] = {}

    def take(job: Job, result: JobResult) -> None:
        results[job.project] = result
        if result.state == "done":
            record.add(job, result)
        finished(result)

    left = []
    for job in jobs:
        job = replace(job, fingerprint=_fingerprint(job)) if resume else job  # noqa: PLW2901  (the same, but known)
        earlier = record.unchanged(job, fail_on) if resume else None
        if earlier is None:
            files = record.files_of(job) if resume else []
            left.append(replace(job, call=partial(job.redo, files)) if files else job)
        else:
            take(job, JobResult(project=job.project, state="unchanged", exit_code=earlier))
    for job, result in _attempts(left, workers):
        take(job, result)
    return [results[job.project] for job in jobs]


def _attempts(jobs: Sequence[Job], workers: int) -> Iterator[tuple[Job, JobResult]]:
    if workers <= 1 or len(jobs) <= 1:
        yield from ((job, _attempt(job)) for job in jobs)
        return
    # A forked child would inherit the threads and locks of whatever program stemkit runs in.
    with ProcessPoolExecutor(min(workers, len(jobs)), mp_context=get_context("spawn")) as pool:
        futures = {pool.submit(_attempt, job): job for job in jobs}
        try:
            for future in as_completed(futures):
                error = future.exception()
                job = futures[future]
                yield job, future.result() if error is None else _failed(job, str(error), _INTERNAL_ERROR, 0.0)
        except BaseException:
            pool.shutdown(wait=False, cancel_futures=True)
            raise


def _attempt(job: Job) -> JobResult:
    began = time.monotonic()
    try:
        fingerprint = job.fingerprint or _fingerprint(job)
        result = job.call()
    except StemkitError as error:
        return _failed(job, error.message, error.exit_code, time.monotonic() - began)
    except Exception as error:  # noqa: BLE001  (whatever is wrong with one project, the others go on)
        told = f"internal error: {type(error).__name__}: {error}"
        return _failed(job, told, _INTERNAL_ERROR, time.monotonic() - began)
    return JobResult(
        project=job.project,
        state="done",
        seconds=time.monotonic() - began,
        exit_code=int(not job.files_of(result)),
        result=result,
        fingerprint=fingerprint,
    )


def _failed(job: Job, message: str, exit_code: int, seconds: float) -> JobResult:
    return JobResult(project=job.project, state="failed", seconds=seconds, message=message, exit_code=exit_code)


class _Record:
    """What earlier runs finished, by project; it is written anew after each job, whole or not at all."""

    def __init__(self, path: Path) -> None:
        self._path = path
        try:
            entries = json.loads(path.read_text(encoding="utf-8"))
        except (FileNotFoundError, NotADirectoryError, ValueError):
            entries = {}
        whole = entries.items() if isinstance(entries, dict) else ()
        self._entries: dict[str, Any] = {name: entry for name, entry in whole if _is_entry(entry)}

    def files_of(self, job: Job) -> list[Path]:
        """Return the files that an earlier run made of this project."""
        return [Path(name) for name in self._entries.get(str(job.project.absolute()), {"files": ()})["files"]]

    def unchanged(self, job: Job, fail_on: str) -> int | None:
        """Return the exit code of the run that did this job, if nothing has changed since."""
        entry = self._entries.get(str(job.project.absolute()))
        if entry is None or not job.fingerprint or entry["fingerprint"] != job.fingerprint:
            return None
        return int(entry["exit_codes"][fail_on]) if entry["files"] == _states(entry["files"]) else None

    def add(self, job: Job, result: JobResult) -> None:
        from stemkit.render.atomic import part_file
        from stemkit.report import exit_code

        files = [str(path.absolute()) for path in job.files_of(result.result)]
        if not files or not result.fingerprint:
            return
        self._entries[str(job.project.absolute())] = {
            "fingerprint": result.fingerprint,
            "exit_codes": {level: exit_code(result.result.report, level) for level in _LEVELS},
            "files": _states(files),
        }
        with part_file(self._path, overwrite=True) as stream:
            stream.write((json.dumps(self._entries, indent=1, sort_keys=True) + "\n").encode())


def _is_entry(entry: Any) -> bool:
    """Tell whether a record is whole; one of another version of stemkit, or damaged, counts as none."""
    if not isinstance(entry, dict) or not isinstance(codes := entry.get("exit_codes"), dict):
        return False
    files = entry.get("files")
    return bool(files) and isinstance(files, dict) and all(codes.get(level) in (0, 1) for level in _LEVELS)


def _states(files: Iterable[str]) -> dict[str, list[int]]:
    """Give size and time of each file; one that is gone has none."""
    return {name: _state(Path(name)) for name in files}


def _state(path: Path) -> list[int]:
    try:
        status = path.stat()
    except OSError:
        return []
    return [status.st_size, status.st_mtime_ns]


def _fingerprint(job: Job) -> str:
    """Sum up a project, its media, what lies beside it, the settings and the files they name; empty: cannot be read."""
    from stemkit.app.prepare import media_paths
    from stemkit.reaper.project_file import load_project

    try:
        media = media_paths(load_project(job.project))
        return _sum(job, media)
    except (StemkitError, OSError):  # the job itself will say so
        return ""


def _sum(job: Job, media: Iterable[str]) -> str:
    beside = [job.project.parent / name for name in _BESIDE_A_SONG]
    digest = hashlib.sha256(f"{__version__}\0{job.settings}".encode())
    for path in (job.project, *beside, *job.inputs, *map(Path, sorted(media))):
        digest.update(f"\0{path.name}\0".encode("utf-8", "surrogateescape"))
        if path.is_file():
            with path.open("rb") as stream:
                while block := stream.read(_BLOCK_BYTES):
                    digest.update(block)
    return digest.hexdigest()
