"""The actions: their headers as ReaPack reads them, their size, and one run from REAPER's menu to the message box."""

from __future__ import annotations

import json
import re
import xml.etree.ElementTree as ET
from pathlib import Path
from urllib.parse import unquote, urlsplit

import pytest

from stemkit.reaper.install import ACTIONS, apply, planned_changes
from stemkit.reaper.reapack import PLACEHOLDER, index_text
from tests.fakereaper.running import ROOT, running_reaper
from tests.fakereaper.songs import write_song

SCRIPTS = ROOT / "reaper_scripts" / "Stemkit"
FILES = sorted(SCRIPTS.glob("Stemkit_*.py"))
# ReaPack's header tags and its rule for versions, from reapack-index (see the fact sheet, 6.4).
TAGS = {"description", "author", "version", "about", "changelog", "provides", "link", "donation", "screenshot"}


def header(path: Path) -> dict[str, str]:
    found: dict[str, str] = {}
    tag = ""
    for line in path.read_text(encoding="utf-8").splitlines():
        if not line.startswith("#"):
            break
        match = re.match(r"# @(\w+) ?(.*)", line)
        if match:
            tag = match[1]
            found[tag] = match[2]
        else:
            found[tag] = f"{found[tag]}\n{line[1:].strip()}".strip()
    return found


def test_every_action_is_there() -> None:
    assert {path.name for path in FILES} == set(ACTIONS)


@pytest.mark.parametrize("path", FILES, ids=lambda p: p.stem)
def test_the_header_is_what_reapack_reads(path: Path) -> None:
    tags = header(path)
    assert set(tags) <= TAGS
    assert tags["description"] == ACTIONS[path.name]
    assert re.fullmatch(r"\d[\w.]*", tags["version"])
    assert all(int(number) <= 65535 for number in re.findall(r"\d+", tags["version"]))
    assert tags["provides"].splitlines() == ["[main] .", "[nomain] stemkit_shared.py"]
    assert tags["author"]
    assert tags["about"].endswith(".")


@pytest.mark.parametrize("path", FILES, ids=lambda p: p.stem)
def test_an_action_is_about_ten_lines(path: Path) -> None:
    code = [
        line for line in path.read_text(encoding="utf-8").splitlines() if line and not line.startswith(("#", '"""'))
    ]
    assert len(code) <= 10


def test_the_shared_code_is_no_package_of_its_own() -> None:
    assert (SCRIPTS / "stemkit_shared.py").read_text(encoding="utf-8").startswith("# @noindex\n")


def test_the_index_lists_every_action_with_its_files() -> None:
    """By the format of ReaPack's own index: index, category, reapack, version, source."""
    root = ET.parse(ROOT / "reaper_scripts" / "index.xml").getroot()
    assert (root.tag, root.get("version")) == ("index", "1")
    assert {child.tag for child in root} <= {"category", "metadata"}
    packages = {str(p.get("name")): p for c in root.findall("category") if c.get("name") == "Stemkit" for p in c}
    assert set(packages) == set(ACTIONS)
    for name, package in packages.items():
        assert package.tag == "reapack"
        assert package.get("type") == "script"
        assert package.get("desc") == ACTIONS[name]
        assert {child.tag for child in package} <= {"metadata", "version"}
        (version,) = package.findall("version")
        assert version.get("name") == header(SCRIPTS / str(name))["version"]
        assert version.get("author")
        assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ", str(version.get("time")))
        sources = version.findall("source")
        assert [(s.get("file"), s.get("main")) for s in sources] == [(None, "main"), ("stemkit_shared.py", None)]
        for source in sources:
            address = urlsplit(source.text or "")
            assert address.scheme == "https"
            assert (SCRIPTS / Path(unquote(address.path)).name).is_file()


def test_the_index_is_made_from_one_address_that_is_plainly_none_yet() -> None:
    assert (ROOT / "reaper_scripts" / "index.xml").read_text(encoding="utf-8") == index_text(SCRIPTS)
    assert str(urlsplit(PLACEHOLDER).hostname).endswith(".invalid")
    other = index_text(SCRIPTS, "https://example.org/mine/")
    assert ".invalid" not in other
    assert "https://example.org/mine/Stemkit/Stemkit_Deliver.py" in other


def test_an_action_from_the_menu_to_the_message_box(tmp_path: Path) -> None:
    resource = tmp_path / "resource with a space"
    resource.mkdir()
    (resource / "reaper.ini").write_text("[REAPER]\n")
    package = ROOT / "stemkit" / "reaper"
    apply(planned_changes(resource, scripts=SCRIPTS, package=package, library=None, start_with_reaper=False))
    action = resource / "Scripts" / "Stemkit" / "Stemkit_Inspect project.py"
    with running_reaper(write_song(tmp_path / "song"), resource, "--start", str(action), link=False) as running:
        console = resource / "console.txt"
        running.wait_for(lambda: console.exists() and "[Stemkit]" in console.read_text(), "the message box", 180.0)
    text = console.read_text()
    assert text.startswith("stemkit inspect --live\n")
    assert "SK102" in text  # the master's fader
    box = text[text.index("[Stemkit]") :]
    assert "READY" in box
    assert "report" in box.lower()
    assert "script error" not in running.log()


def test_the_fix_that_is_ticked_in_reapers_dialog_is_made(tmp_path: Path) -> None:
    """From the menu through the child process and back into REAPER's dialog, out of process."""
    resource = tmp_path / "resource"
    resource.mkdir()
    (resource / "reaper.ini").write_text("[REAPER]\n")
    package = ROOT / "stemkit" / "reaper"
    apply(planned_changes(resource, scripts=SCRIPTS, package=package, library=None, start_with_reaper=False))
    action = resource / "Scripts" / "Stemkit" / "Stemkit_Fix what I choose.py"
    song = write_song(tmp_path / "song")
    with running_reaper(song, resource, "--start", str(action), "--type", "y", link=False) as running:
        console = resource / "console.txt"
        running.wait_for(lambda: console.exists() and "[Stemkit] " in console.read_text(), "the message box", 180.0)
    text = console.read_text()
    assert "1. Drums: rename to 01_Drums" in text
    assert "Done: Drums: rename to 01_Drums" in text
    assert "Fixed: 1 of" in text[text.index("[Stemkit] ") :]
    assert "script error" not in running.log()


def test_an_action_offers_to_restore_first(tmp_path: Path) -> None:
    """Its user says yes; the project is put back instead, and the render has to be asked for again."""
    resource = tmp_path / "resource"
    (resource / "stemkit").mkdir(parents=True)
    (resource / "reaper.ini").write_text("[REAPER]\n")
    package = ROOT / "stemkit" / "reaper"
    apply(planned_changes(resource, scripts=SCRIPTS, package=package, library=None, start_with_reaper=False))
    song = write_song(tmp_path / "song")
    journal = resource / "stemkit" / "journal.json"
    journal.write_text(json.dumps({"project": {"path": str(song), "tracks": []}, "values": []}))
    action = resource / "Scripts" / "Stemkit" / "Stemkit_Render and check stems.py"
    with running_reaper(song, resource, "--start", str(action), link=False) as running:
        console = resource / "console.txt"
        running.wait_for(lambda: console.exists() and "Details" in console.read_text(), "the message box", 180.0)
    text = console.read_text()
    assert "Put the project back as it was before?" in text
    assert "The project is as it was before the interrupted render" in text
    assert "render --live" not in text
    assert not journal.exists()


def test_without_setup_the_action_says_what_to_do(tmp_path: Path) -> None:
    action = SCRIPTS / "Stemkit_Deliver.py"
    with running_reaper(
        write_song(tmp_path / "song"), tmp_path / "resource", "--start", str(action), link=False
    ) as running:
        console = running.resource / "console.txt"
        running.wait_for(console.exists, "the message box")
    assert "Run 'stemkit setup'" in console.read_text()
    assert "script error" not in running.log()
