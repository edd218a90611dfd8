"""Make the tests' own helpers importable as `tests.…`, after everything installed: stemkit itself is the installed one."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from hypothesis import HealthCheck, settings

if TYPE_CHECKING:
    from collections.abc import Iterator

# How long an example waits for a busy machine says nothing of the code.
settings.register_profile("stemkit", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("stemkit")

sys.path.append(str(Path(__file__).resolve().parents[1]))
os.environ["STEMKIT_REAPER"] = "off"  # a REAPER that happens to be installed is none of the tests' business


@pytest.fixture(scope="session", autouse=True)
def _cache_of_the_tests(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """Keep the user's own cache and data out of the tests, those in other processes too."""
    os.environ["STEMKIT_DATA"] = str(tmp_path_factory.mktemp("data"))
    before = os.environ.get("STEMKIT_CACHE_DIR")
    os.environ["STEMKIT_CACHE_DIR"] = str(tmp_path_factory.mktemp("cache"))
    yield
    if before is None:
        del os.environ["STEMKIT_CACHE_DIR"]
    else:
        os.environ["STEMKIT_CACHE_DIR"] = before
