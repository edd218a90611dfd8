"""Reading and measuring the files of a delivery."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from stemkit.errors import InputError
from stemkit.model.audio import ContainerFacts, Damage, FileFacts

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

__all__ = ["measure_file", "measure_files"]


def measure_file(file: FileFacts, *, hashes: bool = False) -> FileFacts:
    """Fill in what is known about one file: container, samples and, if wanted, hashes.

    Whatever the bytes are, this returns; what could not be read is said in the facts.

    Parameters
    ----------
    file
        Path, role and reason; its container is not looked at.
    hashes
        Also compute SHA-256 of the file and of its audio.
    """
    from stemkit.audio.measure import measure, measure_and_hash
    from stemkit.audio.trim import trim_from
    from stemkit.audio.wav import walk

    path = Path(file.absolute_path)
    try:
        container = walk(path)
    except InputError as error:
        unread = Damage(code="unreadable", message=error.message)
        return replace(file, container=ContainerFacts(container="empty", size_bytes=0, damage=(unread,)))
    file = replace(file, container=container, trim_db=trim_from(container.bext))
    if not container.readable:
        return replace(file, unreadable=container.damage[0].message)
    try:
        if not hashes:
            return replace(file, audio=measure(path, container))
        audio, file_sha256, audio_sha256 = measure_and_hash(path, container)
        return replace(file, audio=audio, file_sha256=file_sha256, audio_sha256=audio_sha256)
    except InputError as error:
        return replace(file, unreadable=error.message)
    except OSError as error:
        return replace(file, unreadable=error.strerror or str(error))


def measure_files(
    files: Sequence[FileFacts],
    *,
    hashes: bool = False,
    jobs: int = 1,
    progress: Callable[[float, str], None] | None = None,
) -> tuple[FileFacts, ...]:
    """Measure files one after the other, or `jobs` at a time, in their order.

    Parameters
    ----------
    files
        As for `measure_file`; `absolute_path` must be set.
    hashes
        As for `measure_file`.
    jobs
        Processes; 1 stays in this one.
    progress
        Called with the part that is done, 0…1, and the file that was measured.
    """
    measured = []
    for number, file in enumerate(_each(files, hashes=hashes, jobs=min(jobs, len(files))), start=1):
        measured.append(file)
        if progress is not None:
            progress(number / len(files), file.path)
    return _related(measured)


def _related(files: Sequence[FileFacts]) -> tuple[FileFacts, ...]:
    """Hold dry and wet files against their plain twins; what cannot be compared stays unmeasured."""
    plain = {file.path: file for file in files if file.audio is not None}
    twins = {f.path: plain[f.partner] for f in plain.values() if f.partner in plain and f.variant in {"dry", "wet"}}
    if not twins:
        return tuple(files)
    from stemkit.audio.pairs import relate_pair

    def related(file: FileFacts) -> FileFacts:
        twin = twins.get(file.path)
        if twin is None:
            return file
        drier, wetter = (file, twin) if file.variant == "dry" else (twin, file)
        paths = Path(drier.absolute_path), Path(wetter.absolute_path)
        return replace(file, pair=relate_pair(*paths, labels=(drier.path, wetter.path)))

    return tuple(related(file) for file in files)


def _each(files: Sequence[FileFacts], *, hashes: bool, jobs: int) -> Iterator[FileFacts]:
    if jobs <= 1:
        yield from (measure_file(file, hashes=hashes) for file in files)
        return
    from concurrent.futures import ProcessPoolExecutor
    from functools import partial
    from multiprocessing import get_context

    # A forked child would inherit the threads and locks of whatever program stemkit runs in.
    with ProcessPoolExecutor(jobs, mp_context=get_context("spawn")) as pool:
        yield from pool.map(partial(measure_file, hashes=hashes), files)
