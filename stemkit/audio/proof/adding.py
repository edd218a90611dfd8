"""Adding blocks of a stem to the sum of all: in C where the samples lie in the file as they are, else in numpy."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from stemkit.audio.kernel import FORMATS, library_in_use
from stemkit.audio.source import is_plain, open_source
from stemkit.audio.wav import walk
from stemkit.errors import InputError

if TYPE_CHECKING:
    from collections.abc import Callable
    from contextlib import ExitStack

    from numpy.typing import NDArray

    from stemkit.audio.proof.streams import Source

    Sum = NDArray[np.float64]
    Add = Callable[[int, Sum, Sum | None, int], NDArray[np.float64]]

__all__ = ["adding"]

_FORMATS = frozenset({"pcm16", "pcm24", "pcm32", "float32"})  # those of `_adding.c`


def adding(source: Source, stack: ExitStack) -> Add:
    """Choose how a stem is added; what has to be closed is left to `stack`.

    Returns
    -------
    Callable
        To be called for each block in turn with its first frame; the array to add to, with the stem's trim undone,
        shape (frames, 2), full scale at 1; another for the samples as they are, or None; and the frames of a cell.
        It returns the sum of squares a cell, trim undone, shape (2, cells).
    """
    return _compiled(source, stack) or _plain(source)


def _plain(source: Source) -> Add:
    def add(start: int, total: Sum, delivered: Sum | None, cell: int) -> NDArray[np.float64]:
        samples = source.read(start, len(total))
        total += samples
        if delivered is not None:
            delivered += samples / np.float32(source.gain)
        return _cell_energy(samples, cell)

    return add


def _cell_energy(samples: NDArray[np.float32], cell: int) -> NDArray[np.float64]:
    whole = len(samples) // cell
    found = np.zeros((2, -(-len(samples) // cell)))
    found[:, :whole] = np.einsum("cfk,cfk->kc", *[samples[: whole * cell].reshape(whole, cell, samples.shape[1])] * 2)
    if whole * cell < len(samples):
        rest = samples[whole * cell :]
        found[:, whole] = np.einsum("fk,fk->k", rest, rest)
    return found


def _compiled(source: Source, stack: ExitStack) -> Add | None:
    """Add in C, or None where there is no kernel or where the file needs more than reading."""
    library = library_in_use()
    if library is None or source.rate != source.file_rate or source.fold:
        return None
    try:
        container = walk(source.path)
    except InputError:
        return None  # libsndfile reads what our walker does not
    if not is_plain(container) or container.encoding not in _FORMATS or container.frames != source.file_frames:
        return None
    raw = stack.enter_context(open_source(source.path, container))
    if raw.fetch is None:
        return None
    (ffi, lib), fetch = library, raw.fetch
    stem: Any = ffi.new("kernel_stem *")
    stem.format, stem.channels, stem.gain = FORMATS[raw.encoding], raw.channels, source.gain

    def pointer(array: NDArray[np.float64]) -> Any:
        return ffi.cast("double *", ffi.from_buffer(array))

    def add(_start: int, total: Sum, delivered: Sum | None, cell: int) -> NDArray[np.float64]:
        data = fetch(len(total))
        energy = np.zeros((2, -(-len(total) // cell)))
        stem.cell_frames, stem.cells = cell, energy.shape[1]
        stem.sum, stem.energy = pointer(total), pointer(energy)
        stem.as_delivered = ffi.NULL if delivered is None else pointer(delivered)
        lib.kernel_add(stem, ffi.from_buffer("uint8_t[]", data), len(data) // raw.frame_bytes)
        return energy

    return add
