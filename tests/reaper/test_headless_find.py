"""Finding REAPER and giving it a private configuration."""

from __future__ import annotations

import os
import plistlib
import shutil
from dataclasses import replace
from pathlib import Path

import pytest

from stemkit.app.doctor import examine
from stemkit.errors import EngineError
from stemkit.model.session import Effect, FxChain
from stemkit.reaper.headless_config import make_config, private_settings
from stemkit.reaper.headless_effects import PlugIns, running_effects
from stemkit.reaper.headless_find import REAPER_VARIABLE, Installation, find_reaper, obstacles, standard_programs
from stemkit.reaper.headless_run import Limits, command_line
from stemkit.reaper.resource_paths import RESOURCE_VARIABLE
from tests.fakereaper.command import install


@pytest.fixture(autouse=True)
def _nothing_told(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in (REAPER_VARIABLE, RESOURCE_VARIABLE):
        monkeypatch.delenv(name, raising=False)


def found(path: Path | None = None) -> Installation:
    installation = find_reaper(path)
    assert installation is not None
    return installation


def test_what_is_named_wins_over_the_variable(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    one, two = install(tmp_path / "one"), install(tmp_path / "two")
    monkeypatch.setenv(REAPER_VARIABLE, str(one))
    assert found().program == one
    assert found(two).program == two
    assert found(two.parent).program == two  # the folder will do
    monkeypatch.setenv(REAPER_VARIABLE, "off")
    assert find_reaper() is None
    assert found(two).program == two


def test_what_is_no_reaper_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(EngineError, match="give --reaper the path"):
        find_reaper(tmp_path)
    monkeypatch.setenv(REAPER_VARIABLE, str(tmp_path / "gone"))
    with pytest.raises(EngineError, match="give STEMKIT_REAPER the path"):
        find_reaper()


def test_a_bundle_tells_its_version(tmp_path: Path) -> None:
    contents = tmp_path / "REAPER.app" / "Contents"
    program = install(contents / "MacOS").rename(contents / "MacOS" / "REAPER")
    (contents / "Info.plist").write_bytes(plistlib.dumps({"CFBundleShortVersionString": "7.80"}))
    assert found(tmp_path / "REAPER.app").program == program
    assert found(tmp_path / "REAPER.app").label == "REAPER 7.80"


def test_the_change_log_tells_the_version(tmp_path: Path) -> None:
    program = install(tmp_path)
    assert found(program).version == ""
    (tmp_path / "whatsnew.txt").write_text("v7.79 - May 1 2026\n  + Performance\n")
    assert found(program).version == "7.79"


def test_the_settings_of_a_portable_one_lie_beside_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    program = install(tmp_path / "usb")
    link = tmp_path / "reaper"
    link.symlink_to(program)
    assert (found(link).portable, found(link).resource) == (True, tmp_path / "usb")
    monkeypatch.setenv(RESOURCE_VARIABLE, str(tmp_path))
    assert (found(link).portable, found(link).resource) == (False, tmp_path)


@pytest.mark.parametrize(
    ("platform", "environment", "place"),
    [
        ("win32", {"ProgramFiles": "C:/Programs"}, "C:/Programs/REAPER (x64)/reaper.exe"),
        ("darwin", {}, "/Applications/REAPER.app/Contents/MacOS/REAPER"),
        ("linux", {"PATH": ""}, "/opt/REAPER/reaper"),
        ("linux", {"PATH": ""}, "/home/me/opt/REAPER/reaper"),
    ],
)
def test_the_standard_places(platform: str, environment: dict[str, str], place: str) -> None:
    assert Path(place) in list(standard_programs(platform, Path("/home/me"), environment))


def test_what_would_make_it_wait(tmp_path: Path) -> None:
    program = install(tmp_path)
    assert obstacles(found(program)) == []
    (tmp_path / "reaper-license.rk").unlink()
    assert "no licence (reaper-license.rk)" in obstacles(found(program))[0]
    bare = replace(found(program), resource=tmp_path / "none")
    assert "never started it" in obstacles(bare)[0]


def test_the_settings_lose_what_disturbs_and_keep_the_rest() -> None:
    own = "[midi]\nx=1\n[reaper]\nverchk=1\nvstpath64=/usr/lib/vst\nrenderclosewhendone=17\ncsurf_cnt=1\nLoadLastProj=1\n[other]\ny=2\n"
    made = private_settings(own, platform="linux")
    lines = made.splitlines()
    assert {"verchk=0", "vstpath64=/usr/lib/vst", "csurf_cnt=0", "loadlastproj=0", "linux_audio_mode=2"} <= set(lines)
    assert "renderclosewhendone=1" in lines  # the window closes, names are not counted up
    assert "LoadLastProj=1" not in lines
    assert lines.index("[reaper]") < lines.index("splash=0") < lines.index("[other]")
    assert [line for line in lines if line in {"x=1", "y=2"}] == ["x=1", "y=2"]
    assert "linux_audio_mode" not in private_settings(own, platform="darwin")
    assert private_settings("", platform="win32").startswith("[reaper]\n")


def test_the_configuration_links_and_copies_and_changes_nothing(tmp_path: Path) -> None:
    folder = tmp_path / "reaper"
    program = install(folder)
    for name in ("Effects/loser", "Data", "UserPlugins", "presets", "ColorThemes"):
        (folder / name).mkdir(parents=True)
        (folder / name / "a.txt").write_text(name)
    (folder / "reaper-vstplugins64.ini").write_text("[vstcache]\n")
    (folder / "reaper-wndpos.ini").touch()
    before = {path: path.read_bytes() for path in folder.rglob("*") if path.is_file()}
    ini = make_config(found(program), tmp_path / "private")
    assert ini == tmp_path / "private" / "reaper.ini"
    names = {"Effects", "Data", "UserPlugins", "presets", "reaper-vstplugins64.ini", "reaper.ini", "reaper-license.rk"}
    assert {path.name for path in ini.parent.iterdir()} == names
    assert (ini.parent / "Effects" / "loser" / "a.txt").read_text() == "Effects/loser"
    assert (ini.parent / "Effects").is_symlink()
    assert not (ini.parent / "presets").is_symlink()  # REAPER writes there
    shutil.rmtree(ini.parent)
    assert {path: path.read_bytes() for path in folder.rglob("*") if path.is_file()} == before


def effect(identifier: str, name: str, kind: str = "vst3") -> Effect:
    return Effect(identifier=identifier, name=name, kind=kind)  # type: ignore[arg-type]


LISTS = {
    "reaper-vstplugins_arm64.ini": "[vstcache]\nFabFilter_Pro_Q_4.vst3=ABC,123{uid,FabFilter Pro-Q 4 (FabFilter, LLC)\nKontakt.dll=ABC,456,Kontakt (NI)!!!VSTi\nshell.dll<42=ABC,42,Inner (Maker)\n",
    "reaper-clap-linux-x86_64.ini": "[Surge.clap]\n_=123\norg.surge-synth-team.surge-xt=1|Surge XT (Surge Synth Team)\n",
    "reaper-auplugins64.ini": "[auplugins]\nApple: AUDelay=<!inst>\n",
}


@pytest.mark.parametrize(
    ("asked", "known"),
    [
        (effect("FabFilter Pro-Q 4.vst3", "Pro-Q 4 (FabFilter)"), True),
        (effect("other.vst3", "FabFilter Pro-Q 4 (FabFilter, LLC)"), True),
        (effect("kontakt.vst.so", "renamed", "vst2"), True),
        (effect("shell.dll", "Inner (Maker)", "vst2"), True),
        (effect("org.surge-synth-team.surge-xt", "Surge XT", "clap"), True),
        (effect("Apple: AUDelay", "AUDelay", "au"), True),
        (effect("FabFilter Pro-Q 3.vst3", "FabFilter Pro-Q 3 (FabFilter)"), False),
        (effect("loser/3BandEQ", "3BandEQ", "js"), True),
        (effect("loser\\3BandEQ", "3BandEQ", "js"), True),
        (effect("loser/4BandEQ", "4BandEQ", "js"), False),
        (effect("<Project>/mine", "mine", "js"), True),
        (effect("", "Container", "container"), True),
        (effect("", "Video processor", "video"), True),
        (effect("reacomp.dll", "ReaComp (Cockos)", "vst2"), True),
        (effect("reaverb.dll", "ReaVerb (Cockos)", "vst2"), False),
    ],
)
def test_a_plug_in_is_known_by_file_name_or_label(asked: Effect, known: bool, tmp_path: Path) -> None:
    program = install(tmp_path)
    for name, text in LISTS.items():
        (tmp_path / name).write_text(text)
    for path in ("Effects/loser/3BandEQ", "Plugins/FX/reacomp.vst.so"):
        (tmp_path / path).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / path).touch()
    assert PlugIns(found(program)).missing([asked]) == ([] if known else [asked.name])


def test_only_what_is_heard_has_to_be_there() -> None:
    inner = replace(effect("in", "inner"), guid="{1}")
    box = replace(effect("", "box", "container"), children=(inner, replace(inner, name="off", enabled=False)))
    chain = FxChain(effects=(box, replace(inner, name="offline", offline=True)))
    assert [fx.name for fx in running_effects(chain)] == ["box", "inner"]
    assert [fx.name for fx in running_effects(chain, lost=frozenset({"{1}"}))] == ["box"]
    assert list(running_effects(replace(chain, enabled=False))) == []


def test_a_display_is_needed_by_a_program_and_not_by_a_script(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    script = found(install(tmp_path / "script"))
    program = found(install(tmp_path / "program"))
    program.program.write_bytes(b"\x7fELF")
    ini, project = Path("/c/reaper.ini"), Path("/s/x.rpp")
    monkeypatch.setattr("sys.platform", "linux")
    monkeypatch.setenv("DISPLAY", ":0")
    plain = ["-newinst", "-nosplash", "-ignoreerrors", "-cfgfile", str(ini), "-renderproject", str(project)]
    assert command_line(program, ini, project) == [str(program.program), *plain]
    monkeypatch.delenv("DISPLAY")
    monkeypatch.delenv("WAYLAND_DISPLAY", raising=False)
    assert command_line(script, ini, project) == [str(script.program), *plain]
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(EngineError, match="install Xvfb"):
        command_line(program, ini, project)
    virtual = tmp_path / "xvfb-run"
    virtual.touch()
    virtual.chmod(0o755)
    assert command_line(program, ini, project) == [str(virtual), "-a", str(program.program), *plain]
    monkeypatch.setattr("sys.platform", "darwin")
    assert command_line(program, ini, project)[0] == str(program.program)


def test_limits_come_from_the_environment() -> None:
    assert Limits.from_environment({}) == Limits()
    told = Limits.from_environment({"STEMKIT_REAPER_START_S": "5", "STEMKIT_REAPER_SLOWEST": "2.5"})
    assert (told.start_s, told.stall_s, told.slowest) == (5.0, Limits().stall_s, 2.5)
    for text in ("soon", "-1", "0"):
        with pytest.raises(EngineError, match="positive numbers"):
            Limits.from_environment({"STEMKIT_REAPER_STALL_S": text})


def test_the_tests_use_no_reaper_that_happens_to_be_installed() -> None:
    assert os.environ.get(REAPER_VARIABLE) is None  # taken away for this module; see conftest.py for all others


def test_the_doctor_names_the_reaper_to_start_and_what_would_make_it_wait(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    program = install(tmp_path / "reaper")
    (program.parent / "reaper-license.rk").unlink()

    def told() -> list[tuple[str, str, str]]:
        wanted = {"REAPER to start", "Unattended"}
        return [(c.name, c.verdict, c.found) for c in examine(tmp_path / "settings") if c.name in wanted]

    monkeypatch.setenv(REAPER_VARIABLE, "off")
    assert told() == [("REAPER to start", "note", "none found")]
    monkeypatch.setenv(REAPER_VARIABLE, str(tmp_path / "gone"))
    assert told() == [("REAPER to start", "note", "not there")]
    monkeypatch.setenv(REAPER_VARIABLE, str(program))
    named, waits = told()
    assert named == ("REAPER to start", "ok", f"REAPER at {program}")
    assert waits[:2] == ("Unattended", "note")
    assert "no licence" in waits[2]
