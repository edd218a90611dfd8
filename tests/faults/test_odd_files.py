"""Files that are no ordinary files, where only ordinary ones belong."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from stemkit.cli.entry import run
from tests.fuzz.delivery_targets import TARGETS


@pytest.mark.parametrize("name", ["SHA256SUMS", "manifest.json"])
def test_a_pipe_in_a_package_is_not_waited_for(name: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    if not hasattr(os, "mkfifo"):
        pytest.skip("this system has no named pipes")
    package = tmp_path / "Song"
    package.mkdir()
    manifest = next(target for target in TARGETS if target.name == "manifest").seeds()[1]
    (package / "manifest.json").write_bytes(manifest)
    (package / "SHA256SUMS").write_text("")
    (package / name).unlink()
    os.mkfifo(package / name)
    assert run(["verify", str(package), "--quiet"]) in {1, 2}
    assert "Traceback" not in capsys.readouterr().err
