"""Help for people who mix music: newer versions of typer write Python's types beside a command's arguments."""

from __future__ import annotations

from typing import Any

from typer.core import TyperArgument, TyperCommand

__all__ = ["PlainCommand"]


class PlainCommand(TyperCommand):
    """A command whose help says ``PROJECT`` where typer would say ``PROJECT <list[Path]>``."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for parameter in self.params:
            if isinstance(parameter, TyperArgument):
                vars(parameter)["display_type_rich"] = lambda **_: None  # typer makes the arguments, of its own class
