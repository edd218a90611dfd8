"""From plan options on the command line to the choices that win over `stemkit.toml`."""

from __future__ import annotations

from enum import Enum

__all__ = ["overrides"]


def overrides(**given: object) -> dict[str, object]:
    """Keep what the user really said.

    Parameters
    ----------
    **given
        Fields of `Choices`; None, False and empty lists mean that the option was not used.

    Returns
    -------
    dict
        Fields with plain values: enums by their value, lists as tuples.
    """
    said: dict[str, object] = {}
    for name, value in given.items():
        if value is None or value is False or value in ([], ()):
            continue
        if isinstance(value, Enum):
            said[name] = value.value
        elif isinstance(value, list):
            said[name] = tuple(value)
        else:
            said[name] = value
    return said
