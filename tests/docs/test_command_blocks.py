"""Every command block of README and docs runs as printed, and no text names an option that does not exist."""

from __future__ import annotations

import doctest
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import typer.main

from stemkit import api
from stemkit.cli.entry import app
from stemkit.render.choices import load_choices
from stemkit.rules.profiles import load_profile
from tests.docs.console_blocks import ROOT, Block, Player, as_pattern, blocks, commands, stemkit_calls

PAGES = [ROOT / "README.md", *sorted((ROOT / "docs").rglob("*.md"))]
BLOCKS = {page.relative_to(ROOT).as_posix(): list(blocks(page)) for page in PAGES}
ADDING = "docs/adding-a-rule.md"  # has a test of its own
RUN = [
    page
    for page, found in BLOCKS.items()
    if page != ADDING and any(b.language == "console" and b.mark != "not run" and "$ " in b.text for b in found)
]
DEMO = "stemkit demo"


@dataclass(frozen=True, slots=True)
class Demo:
    folder: Path
    home: Path
    output: str


@pytest.fixture(scope="module")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Demo:
    """Run the demo once; every page that begins with it plays in what it made."""
    folder, home = tmp_path_factory.mktemp("demo"), tmp_path_factory.mktemp("home")
    code, output = Player(folder, home).run(DEMO)
    assert code == 0, output
    return Demo(folder, home, output)


def contents(folder: Path) -> dict[Path, int]:
    return {path: path.stat().st_mtime_ns for path in folder.rglob("*") if path.is_file()}


@pytest.fixture
def playground(demo: Demo) -> Iterator[Demo]:
    """Take away what a page made; what the demo made must be as it was, because stemkit changes no user's file."""
    before = contents(demo.folder)
    yield demo
    after = contents(demo.folder)
    assert {path: after.get(path) for path in before} == before
    for path in after.keys() - before.keys():
        path.unlink()
    for path in sorted(demo.folder.rglob("*"), reverse=True):
        if path.is_dir() and not any(path.iterdir()):
            path.rmdir()


def play(player: Player, block: Block, demo: Demo) -> None:
    for command in commands(block):
        code, output = (0, demo.output) if command.text == DEMO else player.run(command.text)
        place = f"{block.page}:{block.line}: $ {command.text}"
        assert code == command.exit_code, f"{place}\nended with {code}, not {command.exit_code}\n{output}"
        if command.expected:
            assert as_pattern(command.expected).fullmatch(output + "\n"), (
                f"{place}\nprinted\n{output}\nbut the page says\n{command.expected}"
            )


@pytest.mark.parametrize("page", RUN)
def test_the_commands_of_a_page_run_as_printed(page: str, playground: Demo) -> None:
    player = Player(playground.folder, playground.home)
    run = [block for block in BLOCKS[page] if block.language == "console" and block.mark != "not run"]
    assert run[0].text.startswith(f"$ {DEMO}\n"), f"{page} begins with the demo, whose folder it plays in"
    for block in run:
        play(player, block, playground)


def test_the_quick_starts_are_among_them() -> None:
    assert {"README.md", "docs/commands.md", "docs/start/artist.md", "docs/start/engineer.md"} <= set(RUN)


@pytest.mark.parametrize("page", BLOCKS)
def test_what_is_not_run_says_why(page: str) -> None:
    for block in BLOCKS[page]:
        if block.language in {"sh", "bash", "shell", ""} and any(stemkit_calls(block.text)):
            assert block.mark in {"ci", "not run"}, f"{page}:{block.line}: a command block is either run or marked"
        if block.mark == "not run":
            assert len(block.what) > 10, f"{page}:{block.line}: a reason is missing"


def options_of(words: list[str]) -> Iterator[tuple[str, set[str]]]:
    """Yield each option that a call uses, and all that its command has."""
    command: Any = typer.main.get_command(app)
    for word in words:
        if word in getattr(command, "commands", {}):
            command = command.commands[word]
        elif word.startswith("-") and not word.lstrip("-")[:1].isdigit():
            known = {name for option in command.params for name in (*option.opts, *option.secondary_opts)}
            yield word.partition("=")[0], known | {"--help", "-h", "--install-completion", "--show-completion"}


@pytest.mark.parametrize("page", BLOCKS)
def test_every_option_that_a_page_names_exists(page: str) -> None:
    text = (ROOT / page).read_text(encoding="utf-8")
    calls = [call for block in BLOCKS[page] for call in stemkit_calls(block.text)]
    calls += [call for span in re.findall(r"`(stemkit [^`\n]+)`", text) for call in stemkit_calls(span)]
    top = typer.main.get_command(app)
    for call in calls:
        if call and re.fullmatch(r"[a-z]+", call[0]):
            assert call[0] in top.commands, f"{page}: there is no `stemkit {call[0]}`"  # type: ignore[attr-defined]
        for used, known in options_of(call):
            assert used in known, f"{page}: stemkit {' '.join(call)} has no option {used}"


def passed(name: str, text: str) -> None:
    test = doctest.DocTestParser().get_doctest(text, {}, name, None, 0)
    assert test.examples, f"{name} has no example"
    said: list[str] = []
    result = doctest.DocTestRunner(verbose=False).run(test, out=said.append)
    assert result.failed == 0, "".join(said)


def test_the_python_examples_run_as_printed(playground: Demo, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(playground.folder / "stemkit-demo")
    monkeypatch.setenv("XDG_CACHE_HOME", str(playground.home / "cache"))
    monkeypatch.setenv("STEMKIT_REAPER", "off")
    for page, found in BLOCKS.items():
        if examples := [block.text for block in found if block.language == "pycon"]:
            passed(page, "\n".join(examples))
    for name in ("check", "inspect", "plan", "render", "deliver", "verify"):  # in the order in which they build
        passed(name, getattr(api, name).__doc__)


def test_the_profiles_and_choices_that_pages_show_can_be_read(tmp_path: Path) -> None:
    read = 0
    for block in (b for found in BLOCKS.values() for b in found):
        if block.mark == "profile":
            (tmp_path / "own.toml").write_text(block.text, encoding="utf-8")
            load_profile(str(tmp_path / "own.toml"))
            read += 1
        if block.mark == "stemkit.toml":
            (tmp_path / "stemkit.toml").write_text(block.text, encoding="utf-8")
            load_choices(tmp_path / "song.rpp")
            read += 1
    assert read >= 2
