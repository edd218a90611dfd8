"""What the self-test said of each version of REAPER, kept for the user of this computer."""

from __future__ import annotations

import json
import logging
import os
import platform
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from stemkit.app.selftest import SelfTest

__all__ = ["DATA_VARIABLE", "contradicted", "is_good", "say_if_untested", "stamp_of", "store_stamp"]

DATA_VARIABLE = "STEMKIT_DATA"
_NAME = "reaper-tested.json"
_LOG = logging.getLogger(__name__)


def _file() -> Path:
    from platformdirs import user_data_dir

    return Path(os.environ.get(DATA_VARIABLE) or user_data_dir("stemkit", appauthor=False)) / _NAME


def _stamps() -> dict[str, dict[str, Any]]:
    try:
        found = json.loads(_file().read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    return found if isinstance(found, dict) else {}


def contradicted(test: SelfTest) -> list[str]:
    """Name the contradicted assumptions on which something rests."""
    from stemkit.app.assumptions import ASSUMPTIONS

    return [a.name for a in test.answers if a.verdict == "contradicted" and ASSUMPTIONS[a.name].rests]


def is_good(test: SelfTest) -> bool:
    """Tell whether the test came to its end and nothing that matters was contradicted."""
    return not test.stopped and not contradicted(test)


def store_stamp(test: SelfTest) -> Path:
    """Keep the result under REAPER's version, which names its system too.

    Returns
    -------
    Path
        The file.
    """
    from stemkit._version import __version__
    from stemkit.render.atomic import part_file

    stamp = {
        "good": is_good(test),
        "stemkit": __version__,
        "system": platform.platform(),
        "contradicted": contradicted(test),
    }
    text = json.dumps(_stamps() | {test.reaper: stamp}, indent=1, sort_keys=True) + "\n"
    with part_file(_file(), overwrite=True) as stream:
        stream.write(text.encode())
    return _file()


def stamp_of(reaper: str) -> dict[str, Any] | None:
    """Return the stamp of a version of REAPER, or None."""
    found = _stamps().get(reaper)
    return found if isinstance(found, dict) else None


@lru_cache
def say_if_untested(reaper: str) -> None:
    """Say once, on stderr, that this REAPER has no good stamp.

    Parameters
    ----------
    reaper
        The version that REAPER tells.
    """
    stamp = stamp_of(reaper)
    if stamp is None:
        _LOG.warning(
            "stemkit: REAPER %s is untested with stemkit; run stemkit doctor --selftest once, which takes a minute.",
            reaper,
        )
    elif not stamp.get("good"):
        _LOG.warning(
            "stemkit: the self-test of REAPER %s was not good (%s); look at what it renders, or run stemkit doctor "
            "--selftest again.",
            reaper,
            ", ".join(stamp.get("contradicted") or ()) or "it did not come to its end",
        )
