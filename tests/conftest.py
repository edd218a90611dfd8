"""Make the tests' own helpers importable as `tests.…`, after everything installed: stemkit itself is the installed one."""

from __future__ import annotations

import sys
from pathlib import Path

sys.path.append(str(Path(__file__).resolve().parents[1]))
