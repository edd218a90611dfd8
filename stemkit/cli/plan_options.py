"""From plan options on the command line to the choices that win over `stemkit.toml`."""

from __future__ import annotations

from enum import Enum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["overrides"]


def overrides(given: Mapping[str, object]) -> dict[str, object]:
    """Pick the choices that the user really said.

    Parameters
    ----------
    given
        All parameters of a command. Those that carry the name of a field of `Choices` are taken; None, False and
        empty lists mean that the option was not used.

    Returns
    -------
    dict
        Fields with plain values: enums by their value, lists as tuples.
    """
    from dataclasses import fields

    from stemkit.model.delivery import Choices

    said = {f.name: given[f.name] for f in fields(Choices) if not _is_unsaid(given.get(f.name))}
    return {name: _plain(value) for name, value in said.items()}


def _is_unsaid(value: object) -> bool:
    return value is None or value is False or value in ([], ())  # 0 is an answer, if a poor one


def _plain(value: object) -> object:
    if isinstance(value, Enum):
        return value.value
    return tuple(value) if isinstance(value, (list, tuple)) else value
