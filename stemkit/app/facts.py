"""Reading and measuring the files of a delivery."""

from __future__ import annotations

import os
from contextlib import ExitStack
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING

from stemkit.app.remote import at_hand, is_url
from stemkit.errors import InputError
from stemkit.model.audio import ContainerFacts, Damage, FileFacts

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from pathlib import Path

    from stemkit.app.cache import Cache
    from stemkit.app.executor import Pool
    from stemkit.model.identity import Identity

__all__ = ["measure_file", "measure_files"]


def measure_file(file: FileFacts, *, hashes: bool = False, copies: Path | None = None) -> FileFacts:
    """Fill in what is known about one file: container, samples and, if wanted, hashes.

    Whatever the bytes are, this returns; what could not be read is said in the facts.

    Parameters
    ----------
    file
        Path, role and reason. Where it holds a measurement already, only the hashes are filled in.
    hashes
        Also compute SHA-256 of the file and of its audio.
    copies
        Where copies of remote files stay; see `stemkit.app.remote.at_hand`.
    """
    try:
        with at_hand(file.absolute_path, copies) as path:
            return _measure(file, path, hashes=hashes)
    except InputError as error:
        return _unseen(file, error)


def _measure(file: FileFacts, path: Path, *, hashes: bool) -> FileFacts:
    from stemkit.audio.trim import trim_from
    from stemkit.audio.wav import walk

    if file.audio is None:
        try:
            container = walk(path)
        except InputError as error:
            return _unseen(file, error)
        file = replace(file, container=container, trim_db=trim_from(container.bext))
    if not file.container.readable:
        return replace(file, unreadable=file.container.damage[0].message)
    try:
        return _listen(file, path, hashes=hashes)
    except InputError as error:
        return replace(file, unreadable=error.message)
    except OSError as error:
        return replace(file, unreadable=error.strerror or str(error))


def _listen(file: FileFacts, path: Path, *, hashes: bool) -> FileFacts:
    from stemkit.audio.hashing import hash_file
    from stemkit.audio.measure import measure, measure_and_hash

    if not hashes:
        return replace(file, audio=measure(path, file.container))
    if file.audio is None:
        audio, file_sha256, audio_sha256 = measure_and_hash(path, file.container)
    else:
        audio, (file_sha256, audio_sha256) = file.audio, hash_file(path, file.container)
    return replace(file, audio=audio, file_sha256=file_sha256, audio_sha256=audio_sha256)


def _unseen(file: FileFacts, error: InputError) -> FileFacts:
    unread = Damage(code="unreadable", message=error.message)
    return replace(file, container=ContainerFacts(container="empty", size_bytes=0, damage=(unread,)))


def measure_files(
    files: Sequence[FileFacts],
    *,
    hashes: bool = False,
    jobs: int = 1,
    pool: Pool | None = None,
    cache: Cache | None = None,
    copies: Path | None = None,
    progress: Callable[[float, str], None] | None = None,
) -> tuple[FileFacts, ...]:
    """Measure files, the largest first, and return them in their own order.

    Parameters
    ----------
    files
        As for `measure_file`; `absolute_path` must be set.
    hashes
        As for `measure_file`; never taken from a cache.
    jobs
        Threads, where no `pool` is given; 1 takes none.
    pool
        Where the work is done.
    cache
        Earlier measurements; None measures everything.
    copies
        Where copies of remote files stay, for work in this process.
    progress
        Called with the part that is done, 0…1, and the file that was measured.

    Raises
    ------
    EngineError
        The cluster of the `pool` gave up.
    """
    from stemkit.app.cache import prune
    from stemkit.app.executor import as_done, open_pool

    measured, identities = _recalled(files, cache)
    open_numbers = [number for number, file in enumerate(measured) if file.audio is None or hashes]
    open_numbers.sort(key=lambda number: -_size(files[number].absolute_path))
    done = len(files) - len(open_numbers)
    with ExitStack() as stack:
        used = pool or stack.enter_context(open_pool(jobs=min(jobs, len(open_numbers))))
        task = partial(measure_file, hashes=hashes, copies=copies if used.here else None)
        for place, file in as_done(used, task, [measured[number] for number in open_numbers]):
            number = open_numbers[place]
            measured[number] = file
            _remember(cache, file, identities.get(number))
            done += 1
            if progress is not None:
                progress(done / len(files), file.path)
    if cache is not None and identities:
        prune(cache)
    return _related(measured, copies)


def _recalled(files: Sequence[FileFacts], cache: Cache | None) -> tuple[list[FileFacts], dict[int, Identity]]:
    """Fill in what earlier runs measured; also return who the files are that have to be measured."""
    if cache is None:
        return list(files), {}
    from stemkit.app.cache import identify, look_up

    found = list(files)
    identities: dict[int, Identity] = {}
    for number, file in enumerate(files):
        identity = identify(file.absolute_path)
        known = None if identity is None or cache.verify else look_up(cache, file, identity)
        if known is not None:
            found[number] = known
        elif identity is not None:
            identities[number] = identity
    return found, identities


def _remember(cache: Cache | None, file: FileFacts, identity: Identity | None) -> None:
    if cache is not None and identity is not None:
        from stemkit.app.cache import keep

        keep(cache, file, identity)


def _size(place: str) -> int:
    try:
        return 0 if is_url(place) else os.path.getsize(place)  # noqa: PTH202  (a file may be gone: no Path needed)
    except OSError:
        return 0


def _related(files: Sequence[FileFacts], copies: Path | None) -> tuple[FileFacts, ...]:
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
        with at_hand(drier.absolute_path, copies) as one, at_hand(wetter.absolute_path, copies) as other:
            return replace(file, pair=relate_pair(one, other, labels=(drier.path, wetter.path)))

    return tuple(related(file) for file in files)
