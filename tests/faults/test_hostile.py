"""A project, a brief and choices from a stranger who wants to write elsewhere, take files along, or drive the terminal."""

from __future__ import annotations

import zipfile
from pathlib import Path

import pytest

from stemkit.cli.entry import run
from tests.faults.songs import demand_whole, hashes, song, write_stems

EVIL = "../../\x1b[2J\x1b]0;owned\x07\u202e[bold]&<b>::error::x"
RPP = EVIL.replace('"', "'")
COMMANDS = [
    ["inspect", "{song}"],
    ["inspect", "{song}", "--levels"],
    ["plan", "{song}"],
    ["render", "{song}", "-o", "{out}"],
    ["render", "{song}", "-o", "{out}", "--skip-impossible"],
    ["render", "{song}", "-o", "{out}", "--bypass-fx"],
    ["deliver", "{song}", "-o", "{out}", "--force", "--zip", "--bypass-fx"],
    ["check", "{stems}", "--project", "{song}"],
    ["check", "{stems}", "--plot"],
    ["check", "{stems}", "--report", "{out}.html"],
    ["fix", "{song}", "--dry-run"],
    ["fix", "{stems}", "-o", "{out}"],
    ["fix", "{stems}", "--dry-run"],
    ["brief", "check", "{folder}/brief.toml", "{stems}"],
    ["profiles", "{folder}/" + EVIL],
    ["verify", "{stems}"],
]


def _house(folder: Path) -> dict[str, str]:
    """Lay out what the stranger sent."""
    project = song(folder / "in", names=(RPP, "Bass"))
    effect = (
        b'    <FXCHAIN\n      BYPASS 0 0 0\n      <VST "VST: '
        + RPP.encode()
        + b'" x.dll 0 "" 1<1> ""\n      >\n    >\n'
    )
    text = project.read_bytes().replace(b"    MAINSEND", effect + b"    MAINSEND", 1)
    project.write_bytes(text + b"")
    (folder / "in" / "brief.toml").write_text(
        'title = "../../up\\u001b[2J"\nartist = "/etc"\n[notes]\n"\\u001b[2J" = "x"\n[[references]]\nfile = "Like.wav"\n'
    )
    (folder / "in" / "stemkit.toml").write_text('[names]\nBass = "../../../up\\u001b[2J"\n')
    stems = write_stems(folder / "stems")
    (stems / "01_Kick.wav").rename(stems / "01_\x1b[2J\u202e[bold]\n::error::x.wav")
    (stems / "\x1b]0;owned\x07.txt").write_text("x")
    places = {"song": project, "stems": stems, "out": folder / "deep" / "er" / "out", "folder": folder / "in"}
    return {name: str(path) for name, path in places.items()}


@pytest.mark.parametrize("command", COMMANDS, ids=lambda command: " ".join(command[:1] + command[-1:])[:24])
def test_names_never_leave_their_place(command: list[str], tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    places = _house(tmp_path)
    before = hashes(tmp_path)
    assert run([argument.format(**places) for argument in command]) in {0, 1, 2, 3}
    shown = capsys.readouterr()
    for text in (shown.out, shown.err):
        assert [c for c in text if not c.isprintable() and c != "\n"] == []
    assert "a fault in stemkit itself" not in shown.err
    after = hashes(tmp_path)
    assert {path: after.get(path) for path in before} == before
    assert [path for path in after if path not in before and not path.startswith("deep/er/out")] == []
    demand_whole(Path(places["out"]))


def test_a_brief_takes_no_secret_along(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """A reference is a song; whatever else a brief names stays where it is."""
    project = song(tmp_path / "in")
    secret = tmp_path / "id_rsa"
    secret.write_text("-----BEGIN OPENSSH PRIVATE KEY-----\n" * 20)
    (tmp_path / "in" / "brief.toml").write_text('title = "Song"\n[[references]]\nfile = "../id_rsa"\n')
    assert run(["deliver", str(project), "-o", str(tmp_path / "out"), "--force", "--zip", "--quiet"]) == 2
    assert "id_rsa" in capsys.readouterr().err
    assert not list(tmp_path.rglob("*.zip"))
    assert "References" not in {path.name for path in tmp_path.rglob("*")}


def test_an_old_project_whose_names_are_no_text_is_delivered(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Projects from Windows before REAPER wrote UTF-8 have names in the code page of their maker."""
    project = song(tmp_path / "in")
    (project.parent / "brief.toml").unlink()
    text = project.read_bytes().replace(b"  SAMPLERATE", b"  TITLE M\xfcsik\n  AUTHOR Bj\xf6rk\n  SAMPLERATE")
    text = text.replace(b'    NAME "Kick"\n', b'    NAME "Tr\xf6mmel"\n    ISBUS 1 1\n')
    project.write_bytes(text.replace(b'    NAME "Bass"\n', b'    NAME "B\xe4ss"\n    ISBUS 2 -1\n'))
    assert run(["deliver", str(project), "-o", str(tmp_path / "out"), "--force", "--zip", "--quiet"]) in {0, 1}
    assert capsys.readouterr().err == ""
    (archive,) = (tmp_path / "out").glob("*.zip")
    assert run(["verify", str(archive), "--quiet"]) in {0, 1}


def test_a_package_from_a_stranger_writes_nothing_here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    with zipfile.ZipFile(tmp_path / "a.zip", "w") as packed:
        packed.writestr("Song/manifest.json", "{}")
        packed.writestr("../../evil", "x")
    before = hashes(tmp_path)
    assert run(["verify", str(tmp_path / "a.zip"), "--quiet"]) == 2
    assert hashes(tmp_path) == before
