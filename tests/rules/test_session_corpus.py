"""What the inspector finds in real projects, read one by one and held against a snapshot.

Refresh with ``STEMKIT_REFRESH=1 python -m pytest tests/rules/test_session_corpus.py``, then read the difference.

What surprised, and what came of it:

* 23 of 31 projects force no sample rate. SK104 is a note there, and the plan answers it with the rate of the media.
* Templates and parser fixtures have nothing but empty tracks: SK126 says in one error what twenty notes on empty
  tracks would not; a muted empty track is asked about once (SK105), not twice.
* MIDI tracks named EVENTS, BEAT or VENUE (`YARG`) hold text alone. Only notes count as meant to be heard (SK123).
* Eight tracks of `314MAINREAPER` leave through hardware outputs alone (SK117): the plan leaves them out, which is
  right and still has to be asked, so that finding is never "handled".
* `RealLifeProject` has unnamed tracks whose stems would be named after media like "02-110226_1421.wav": a number is
  no name, so SK114 stays open.
* Frozen tracks (`soothesayer`) keep their instruments offline inside the freeze: no SK112 for those.
* An empty song with a master fader at the bottom (`IPlugSvelteUI`) is no level to note but a silent rough mix.
* `MAIN MASTER` in `conclavi-drums` is fed by one send of a track that also goes to the master itself: by routing it
  is a return, whatever its name says. SK109 therefore tells the routing and does not call it an effect.
* A loop of sends (`Perlence`, two tracks that feed each other) is a real, saved project: SK117 names the circle.
* Two projects have a time selection as bounds although there is none, and five have MP3 as last render format.
"""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from stemkit.app.inspect import inspect_project
from stemkit.errors import InputError

CORPUS = Path(__file__).resolve().parents[2].parent / "shared" / "rpp" / "corpus"
SNAPSHOT = Path(__file__).parent / "snapshots" / "session_corpus.txt"
PROJECTS = sorted(path for path in CORPUS.glob("*") if path.suffix.lower() == ".rpp")
NO_PROJECT = "no project"
if not PROJECTS:
    pytest.skip("the corpus of real projects is not beside the checkout", allow_module_level=True)


def _lines(path: Path, *, as_is: bool = False) -> list[str]:
    try:
        report = inspect_project(path, media=False, as_is=as_is)
    except InputError:
        return [NO_PROJECT]
    return [f"{f.rule} {f.severity} {'~' if f.handled else '!'} {f.subject}" for f in report.findings]


@pytest.fixture(scope="module")
def found() -> dict[str, list[str]]:
    return {path.name: _lines(path) for path in PROJECTS}


def _read() -> dict[str, list[str]]:
    told: dict[str, list[str]] = {}
    name = ""
    for line in SNAPSHOT.read_text(encoding="utf-8").splitlines():
        if line.startswith("# "):
            name = line[2:]
            told[name] = []
        elif line:
            told[name].append(line)
    return told


def test_the_findings_are_those_of_the_snapshot(found: dict[str, list[str]]) -> None:
    if os.environ.get("STEMKIT_REFRESH"):
        text = "\n".join("\n".join((f"# {name}", *lines, "")) for name, lines in found.items())
        SNAPSHOT.write_text(text, encoding="utf-8", newline="\n")
        pytest.skip("the snapshot was written anew; read the difference")
    expected = _read()
    assert set(found) == set(expected)
    for name, lines in found.items():
        assert lines == expected[name], name


def test_no_rule_asks_something_of_nearly_every_project(found: dict[str, list[str]]) -> None:
    read = {name: lines for name, lines in found.items() if lines != [NO_PROJECT]}
    asking: dict[str, int] = {}
    for lines in read.values():
        for rule in {line.split()[0] for line in lines if line.split()[2] == "!" and line.split()[1] != "note"}:
            asking[rule] = asking.get(rule, 0) + 1
    # Missing media (the corpus comes without it) and templates without sound are what these projects have most.
    assert {rule for rule, count in asking.items() if count > len(read) / 4} <= {"SK113", "SK126"}


def test_as_is_no_plan_takes_care_of_anything() -> None:
    path = next(path for path in PROJECTS if "with-external-files" in path.name)
    planned, as_is = _lines(path), _lines(path, as_is=True)
    assert "SK102 warning ~ Master" in planned
    assert "SK102 warning ! Master" in as_is
    assert "SK103 warning ! Render settings" in as_is
