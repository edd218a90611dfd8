"""Matrix products that stay in the calling thread."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeVar

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

__all__ = ["gram", "product", "product_by_columns"]

# OpenBLAS wakes its threads above 4 * 65536 multiplications. They wait by spinning, which costs several times the
# product itself on products this small, and files are measured in parallel anyway.
_MOST_MULTIPLICATIONS = 1 << 18

Float = TypeVar("Float", np.float32, np.float64)


def product(rows: NDArray[Float], matrix: NDArray[Float]) -> NDArray[Float]:
    """Return ``rows @ matrix``, computed in slices of rows that are too small for BLAS to share out."""
    count = max(1, _MOST_MULTIPLICATIONS // matrix.size)
    if len(rows) <= count:
        return rows @ matrix
    whole = len(rows) // count * count
    out = np.empty((len(rows), matrix.shape[1]), rows.dtype)
    slices = (-1, count, rows.shape[1])
    np.matmul(rows[:whole].reshape(slices), matrix, out=out[:whole].reshape(-1, count, matrix.shape[1]))
    np.matmul(rows[whole:], matrix, out=out[whole:])
    return out


def product_by_columns(rows: NDArray[Float], matrix: NDArray[Float]) -> NDArray[Float]:
    """Return ``rows @ matrix`` for few rows and a wide matrix, in slices of columns that BLAS does not share out."""
    count = max(1, _MOST_MULTIPLICATIONS // rows.size)
    return np.concatenate([rows @ matrix[:, at : at + count] for at in range(0, matrix.shape[1], count)], axis=1)


def gram(rows: NDArray[Float]) -> NDArray[Float]:
    """Return ``rows @ rows.T`` for few long rows, summed over slices of columns that BLAS does not share out."""
    count = len(rows)
    size = max(1, _MOST_MULTIPLICATIONS // count**2)
    out = np.zeros((count, count), rows.dtype)
    for at in range(0, rows.shape[1], size):
        part = rows[:, at : at + size]
        out += part @ part.T
    return out
