"""What the functions take, for type checkers."""

from __future__ import annotations

from collections.abc import Callable
from os import PathLike as _PathLike
from typing import TypeAlias

__all__ = ["PathLike", "Progress"]

PathLike: TypeAlias = str | _PathLike[str]
Progress: TypeAlias = Callable[[float, str], None]  # the part that is done, 0…1, and what is being done
