from __future__ import annotations

import json
import shutil
import sys
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest

from stemkit.app.cache import Cache, identify
from stemkit.app.cache_folder import cache_folder
from stemkit.app.check import check
from stemkit.app.executor import open_pool
from stemkit.app.remote import at_hand, is_url, list_files, remote_identity
from stemkit.cli.entry import run
from stemkit.errors import InputError, UsageError
from stemkit.report import render
from tests.app.dirty_stems import song, tone, write

fsspec = pytest.importorskip("fsspec", reason="the extra stemkit[remote] is not installed")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return song(tmp_path / "Song")


def in_memory(folder: Path) -> str:
    """Copy a folder to a store behind a URL."""
    url = f"memory://{uuid4().hex}/Inbox/{folder.name}"
    system, root = fsspec.core.url_to_fs(url)
    for path in folder.rglob("*"):
        if path.is_file():
            target = f"{root}/{path.relative_to(folder).as_posix()}"
            system.makedirs(target.rpartition("/")[0], exist_ok=True)
            system.pipe_file(target, path.read_bytes())
    return url


def told(report: Any) -> dict[str, Any]:
    """Return the report without the place where the files lie."""
    found: dict[str, Any] = json.loads(render(report, "json"))
    del found["subject"]
    return found


def copies_left() -> list[Path]:
    return [path for path in (cache_folder() / "remote").rglob("*") if path.is_file()]


@pytest.mark.parametrize("jobs", [1, 2])
@pytest.mark.parametrize("scheme", ["memory", "file"])
def test_a_url_gives_the_report_of_the_folder(folder: Path, scheme: str, jobs: int) -> None:
    url = in_memory(folder) if scheme == "memory" else folder.as_uri()
    with open_pool(jobs=jobs) as pool:
        report = check([url], hashes=True, pool=pool)
    assert told(report) == told(check([folder], hashes=True))
    assert report.sum is not None
    assert report.sum.adds_up
    assert copies_left() == []


def test_one_file_behind_a_url(folder: Path) -> None:
    url = in_memory(folder)
    assert told(check([f"{url}/Stems/01_Kick.wav"])) == told(check([folder / "Stems" / "01_Kick.wav"]))


def test_the_mix_may_lie_inside_beside_or_here(folder: Path, tmp_path: Path) -> None:
    url = in_memory(folder)
    inside = check([url], mix=f"{url}/Mix/Rough_Mix.wav")
    assert inside.sum is not None
    assert inside.sum.reference == "Mix/Rough_Mix.wav"
    for mix in (in_memory(folder) + "/Mix/Rough_Mix.wav", str(folder / "Mix" / "Rough_Mix.wav")):
        beside = check([f"{url}/Stems"], mix=mix)
        assert beside.sum is not None
        assert beside.sum.adds_up
        assert beside.sum.reference == mix


def test_unchanged_remote_files_are_not_fetched_twice(
    folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    url = in_memory(folder / "Stems")
    cache = Cache(folder=tmp_path / "cache")
    first = render(check([url], cache=cache), "json")
    fetched: list[str] = []
    system = type(fsspec.filesystem("memory"))
    original = system.get_file

    def counted(self: Any, path: str, *rest: Any, **more: Any) -> Any:
        fetched.append(path)
        return original(self, path, *rest, **more)

    monkeypatch.setattr(system, "get_file", counted)
    assert render(check([url], cache=cache), "json") == first
    assert fetched == []
    store, root = fsspec.core.url_to_fs(url)
    store.pipe_file(f"{root}/02_Bass.wav", write(tmp_path / "other.wav", tone(hz=99.0)).read_bytes())
    check([url], cache=cache)
    assert [path.rpartition("/")[2] for path in fetched] == ["02_Bass.wav"]


def test_each_delivery_behind_a_url(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    root = in_memory(folder).rpartition("/")[0]
    assert run(["check", root, "--each", "--quiet"]) == 0
    shown = capsys.readouterr().out
    assert "1 delivery: 1 READY." in shown
    assert "adds up" in shown


def test_a_file_that_vanishes_is_told_like_an_unreadable_one(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    url = in_memory(folder)
    system = type(fsspec.filesystem("memory"))
    original = system.get_file

    def vanishing(self: Any, path: str, *rest: Any, **more: Any) -> Any:
        if "02_Bass" in path:
            raise FileNotFoundError(path)
        return original(self, path, *rest, **more)

    monkeypatch.setattr(system, "get_file", vanishing)
    report = check([url])
    assert [(f.rule, f.subject) for f in report.findings if f.severity == "error"][:1] == [
        ("SK204", "Stems/02_Bass.wav")
    ]


@pytest.mark.parametrize(
    ("paths", "error", "match"),
    [
        (["memory://nothing-there"], InputError, "cannot be opened"),
        (["memory://a", "memory://b"], UsageError, "one URL"),
        (["memory://a", "here"], UsageError, "one URL"),
        (["nonsense://a/b"], UsageError, "nonsense"),
    ],
)
def test_mistakes_are_one_sentence(paths: list[str], error: type[Exception], match: str) -> None:
    with pytest.raises(error, match=match):
        check(paths)


def test_a_url_as_mix_of_local_stems_is_refused(folder: Path) -> None:
    with pytest.raises(UsageError, match="fetch it first"):
        check([folder], mix="memory://mix.wav")


def test_without_fsspec_the_extra_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "fsspec.core", None)
    with pytest.raises(UsageError, match=r"stemkit\[remote\]"):
        check(["memory://a"])


def test_a_store_without_audio_says_so(tmp_path: Path) -> None:
    (tmp_path / "Song").mkdir()
    (tmp_path / "Song" / "readme.txt").write_text("words")
    with pytest.raises(InputError, match="no audio file"):
        check([in_memory(tmp_path / "Song")])


@pytest.mark.parametrize(
    ("place", "expected"),
    [("s3://a/b", True), ("file:///a", True), ("C:\\a", False), ("c://a", False), ("/a/b", False), ("a b://c", False)],
)
def test_what_is_a_url(place: str, expected: bool) -> None:
    assert is_url(place) is expected


def test_a_local_place_is_itself(tmp_path: Path) -> None:
    with at_hand(str(tmp_path / "x.wav")) as path:
        assert path == tmp_path / "x.wav"
    assert identify(str(tmp_path / "x.wav")) is None


def test_hidden_files_and_others_are_told_apart(folder: Path) -> None:
    (folder / ".DS_Store").write_bytes(b"x")
    shutil.copy(folder / "Stems" / "01_Kick.wav", folder / "Stems" / "nameless")
    url = in_memory(folder)
    assert any(label == ".DS_Store" for label, _url in list_files(url))
    assert told(check([url])) == told(check([folder]))


@pytest.mark.parametrize("marks", [{"Last-Modified": "Mon"}, {"ETag": '"1"'}, {}], ids=str)
def test_a_store_that_takes_files_for_unchanging_is_asked_for_their_state(
    folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, marks: dict[str, str]
) -> None:
    """Over HTTP fsspec gives the same key to every state of a file."""
    url = f"{in_memory(folder / 'Stems')}/02_Bass.wav"
    system = type(fsspec.filesystem("memory"))
    plain = system.info

    def told(self: Any, path: str, **more: Any) -> dict[str, Any]:
        found = plain(self, path, **more)
        return {key: found[key] for key in ("name", "size", "type")} | marks

    monkeypatch.setattr(system, "info", told)
    monkeypatch.setattr(system, "ukey", lambda *_: "always the same")
    first = remote_identity(url)
    assert (first is None) == (not marks)
    for key in marks:
        assert remote_identity(url) == first
        marks = {key: "another"}
        assert remote_identity(url) != first
