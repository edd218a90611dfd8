"""Where work is done: in this thread, in several, or on a Dask cluster, behind a `concurrent.futures.Executor`."""

from __future__ import annotations

import os
from collections import deque
from concurrent.futures import FIRST_COMPLETED, Executor, Future, ThreadPoolExecutor, wait
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, TypeVar

from stemkit.errors import EngineError, StemkitError, UsageError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence

__all__ = ["Pool", "as_done", "default_jobs", "in_order", "open_pool"]

_SCHEME = "dask://"
_MOST_JOBS = 8  # by default; beyond, the disk is the limit and memory grows
_RETRIES = 2  # of a task whose worker raised; a worker that died costs none of them
_ANSWER_S = 30.0

Item = TypeVar("Item")
Result = TypeVar("Result")


@dataclass(frozen=True, slots=True, kw_only=True)
class Pool:
    """An executor, how many tasks it can take at once, and whether they run in this process."""

    executor: Executor
    window: int
    here: bool = True


class _Inline(Executor):
    """Does each task when it is submitted, in the calling thread."""

    def submit(self, fn: Callable[..., Any], /, *args: Any, **kwargs: Any) -> Future[Any]:
        future: Future[Any] = Future()
        try:
            future.set_result(fn(*args, **kwargs))
        except Exception as error:  # noqa: BLE001  (it is raised again where the result is asked for)
            future.set_exception(error)
        return future


def default_jobs() -> int:
    """Return how many files are measured at once where nobody says: one a processor that this process may use.

    Where no kernel was compiled, it is a single one: Python's threads then wait for each other. Two of them took half
    again as much CPU as one, and longer, for songs and for noise.
    """
    from stemkit.audio.kernel import kernel_in_use

    if not kernel_in_use():
        return 1
    usable = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    return max(1, min(_MOST_JOBS, usable))


@contextmanager
def open_pool(where: str | None = None, *, jobs: int = 1) -> Iterator[Pool]:
    """Open what does the work.

    Parameters
    ----------
    where
        ``dask://HOST:PORT`` of a scheduler whose workers have stemkit and see the same files; None stays here.
    jobs
        Threads, where the work stays here; 1 takes none.

    Raises
    ------
    UsageError
        `where` makes no sense, or Dask is not installed.
    EngineError
        No scheduler answers.
    """
    if where is not None:
        with _dask(where) as pool:
            yield pool
        return
    if jobs <= 1:
        yield Pool(executor=_Inline(), window=1)
        return
    executor = ThreadPoolExecutor(jobs, thread_name_prefix="stemkit")
    try:
        yield Pool(executor=executor, window=2 * jobs)  # so that no thread waits for the next task
    finally:
        executor.shutdown(wait=True, cancel_futures=True)


@contextmanager
def _dask(where: str) -> Iterator[Pool]:
    host, colon, port = where.removeprefix(_SCHEME).rpartition(":")
    if not where.startswith(_SCHEME) or not colon or not host or not port.isdigit():
        raise UsageError(f"--executor takes dask://HOST:PORT, the address of a Dask scheduler, not {where!r}.")
    try:
        from distributed import Client
    except ImportError:
        raise UsageError("--executor needs Dask; install it with: pip install 'stemkit[dask]'.") from None
    try:
        client: Any = Client(f"tcp://{host}:{port}", timeout=_ANSWER_S, set_as_default=False)  # type: ignore[no-untyped-call]  # Dask has no types
    except (OSError, TimeoutError) as error:
        raise EngineError(f"No Dask scheduler answers at {host}:{port}; start one with: dask scheduler.") from error
    with client:
        executor = client.get_executor(retries=_RETRIES)
        try:
            yield Pool(executor=executor, window=4 * max(2, sum(client.ncores().values())), here=False)
        finally:
            executor.shutdown(wait=False)


def as_done(pool: Pool, function: Callable[..., Result], items: Sequence[Item]) -> Iterator[tuple[int, Result]]:
    """Do something with each item and yield (number of the item, result) as they get ready.

    Parameters
    ----------
    pool
        Where. No more than its window are under way at a time.
    function
        For a cluster, it and the items must be picklable.
    items
        Begun in this order.

    Raises
    ------
    EngineError
        Worker after worker died on one item.
    """
    waiting = deque(enumerate(items))
    running: dict[Future[Result], int] = {}
    try:
        while waiting or running:
            while waiting and len(running) < pool.window:
                number, item = waiting.popleft()
                running[pool.executor.submit(function, item)] = number
            for future in wait(running, return_when=FIRST_COMPLETED).done:
                yield running.pop(future), _result(future)
    finally:
        for future in running:
            future.cancel()


def in_order(pool: Pool, function: Callable[..., Result], items: Iterable[Item]) -> Iterator[Result]:
    """Do something with each item and yield the results in the items' order; raises as `as_done` does."""
    source = iter(items)
    running: deque[Future[Result]] = deque()
    try:
        for item in source:
            running.append(pool.executor.submit(function, item))
            if len(running) >= pool.window:
                yield _result(running.popleft())
        while running:
            yield _result(running.popleft())
    finally:
        for future in running:
            future.cancel()


def _result(future: Future[Result]) -> Result:
    try:
        return future.result()
    except StemkitError:
        raise
    except Exception as error:
        if type(error).__module__.partition(".")[0] != "distributed":
            raise
        raise EngineError(
            f"The Dask cluster gave up on a file ({type(error).__name__}); look at its workers."
        ) from error
