"""The steps of "Add a rule in ten minutes", done literally in a copy of the code."""

from __future__ import annotations

import re
import shutil
from pathlib import Path

from tests.docs.console_blocks import ROOT, Player, as_pattern, blocks, commands

PAGE = ROOT / "docs" / "adding-a-rule.md"
INSERT = re.compile(r'(?P<path>\S+) before "(?P<line>.*)"')


def test_the_steps_lead_to_a_rule(tmp_path: Path) -> None:
    copy = tmp_path / "copy"
    unwanted = shutil.ignore_patterns("__pycache__", "*.so")
    for folder in ("stemkit", "tests/rules", "tests/audio", "docs"):
        shutil.copytree(ROOT / folder, copy / folder, ignore=unwanted)
    for file in ("pyproject.toml", "tests/conftest.py", "CHANGELOG.md"):
        shutil.copy(ROOT / file, copy / file)
    (tmp_path / "home").mkdir()
    player = Player(copy, tmp_path / "home", PYTHONPATH=str(copy), PYTHONDONTWRITEBYTECODE="1")
    for block in blocks(PAGE):
        if block.mark == "file":
            (copy / block.what).write_text(block.text + "\n", encoding="utf-8")
        elif block.mark == "insert":
            wanted = INSERT.fullmatch(block.what)
            assert wanted is not None
            module = copy / wanted["path"]
            text = module.read_text(encoding="utf-8")
            assert text.count(f"\n{wanted['line']}\n") == 1, f"{wanted['path']} has changed"
            module.write_text(text.replace(f"\n{wanted['line']}\n", f"\n{block.text}\n{wanted['line']}\n"), "utf-8")
        elif block.mark != "not run":
            for command in commands(block) if block.language == "console" else ():
                code, output = player.run(command.text)
                assert code == command.exit_code, f"$ {command.text}\n{output}"
                if command.expected:
                    assert as_pattern(command.expected).fullmatch(output + "\n"), output
    assert "squashed" in (copy / "docs" / "rules" / "SK399.md").read_text(encoding="utf-8")
