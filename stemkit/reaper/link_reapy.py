"""Importing reapy without what its import does."""

from __future__ import annotations

import urllib.request
import warnings
from typing import Any
from urllib.error import URLError

__all__ = ["import_reapy_quietly"]


def import_reapy_quietly() -> Any:
    """Return reapy's `Client` class.

    The import of reapy asks REAPER's web interface for a server, starts one if there is none, and waits for it without
    end. While it runs here, the web interface is told to be absent; reapy then warns and goes on.
    """
    asked = urllib.request.urlopen

    def nobody(*_: Any, **__: Any) -> Any:
        raise URLError("not during the import")

    urllib.request.urlopen = nobody
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            from reapy.tools.network.client import Client  # noqa: PLC0415  (see above)
    finally:
        urllib.request.urlopen = asked
    return Client
