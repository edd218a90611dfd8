from __future__ import annotations

import re
from pathlib import Path

import pytest

from stemkit.errors import InputError, StemkitError, UsageError
from stemkit.rules.profiles import load_profile, profile_names, profile_text

SHIPPED = (
    "mix-prep",
    "atmos-music-source",
    "game-music",
    "library-music",
    "mix-prep-lenient",
    "netflix-music-archive",
    "stem-mastering",
)


def write(folder: Path, text: str, name: str = "mine.toml", *, head: bool = True) -> str:
    start = '[profile]\nid = "mine"\ntitle = "Mine"\nsource = "me"\n' if head else ""
    (folder / name).write_text(start + text, encoding="utf-8")
    return str(folder / name)


def test_all_profiles_are_shipped_the_default_first() -> None:
    assert profile_names() == SHIPPED


@pytest.mark.parametrize("name", SHIPPED)
def test_each_shipped_profile_loads_and_says_where_it_comes_from(name: str) -> None:
    profile = load_profile(name)
    assert profile.id == name
    assert profile.title
    assert len(profile.head.source) > 10
    assert re.fullmatch(r"\d{4}-\d\d-\d\d", profile.head.read or "")
    assert f'id = "{name}"' in profile_text(name)


@pytest.mark.parametrize("name", SHIPPED)
def test_the_example_of_a_name_has_the_form_of_its_pattern(name: str) -> None:
    limits = load_profile(name).name
    assert (limits.pattern is None) == (limits.example is None) or name == "mix-prep-lenient"
    if limits.pattern is not None and limits.example is not None:
        assert re.fullmatch(limits.pattern, limits.example)


def test_the_default_profile_holds_the_guides_figures() -> None:
    profile = load_profile()
    assert (profile.peak.min_dbfs, profile.peak.max_dbfs) == (-6.0, -3.0)  # G1
    assert profile.format.encoding == ("pcm24", "float32")  # G2
    assert profile.format.sample_rate == "project"  # G2
    assert profile.timeline.equal_length
    assert profile.package.require == ("rough_mix", "references", "brief")  # G5, G6
    assert profile.peak.max_raise_db == 12.0


# The gain that a profile asks for: a window for mixing, one gain where the stems must give back the mix.
@pytest.mark.parametrize(
    ("name", "gain"), [("mix-prep", "window"), ("stem-mastering", "common"), ("game-music", "none")]
)
def test_gain(name: str, gain: str) -> None:
    assert load_profile(name).gain == gain


def test_an_extending_profile_takes_over_changes_and_unsets() -> None:
    lenient = load_profile("mix-prep-lenient")
    assert lenient.timeline.equal_length
    assert lenient.gain == "window"
    assert lenient.peak.min_dbfs is None
    assert lenient.peak.max_dbfs == -0.1
    assert lenient.name.pattern is None
    assert lenient.severity("SK302", "note") == "off"
    assert lenient.head.source != load_profile().head.source


def test_a_users_file_works_like_a_shipped_one(tmp_path: Path) -> None:
    path = write(tmp_path, 'extends = "mix-prep"\n[peak]\nmax_dbfs = -1\n[severity]\nSK503 = "off"\nSK301 = "error"\n')
    mine = load_profile(path)
    assert (mine.peak.max_dbfs, mine.peak.min_dbfs) == (-1.0, -6.0)
    assert mine.severities == {"SK503": "off", "SK301": "error"}
    assert profile_text(path).startswith("[profile]")


def test_extends_reaches_over_files_and_none_gives_a_rule_its_own_severity_back(tmp_path: Path) -> None:
    write(tmp_path, 'extends = "mix-prep"\n[severity]\nSK503 = "off"\nSK301 = "error"\n', "base.toml")
    path = write(tmp_path, 'extends = "base.toml"\n[severity]\nSK503 = "none"\n')
    mine = load_profile(path)
    assert mine.severities == {"SK301": "error"}
    assert mine.format.channels == (1, 2)


def test_roles_can_be_named_for_a_rule(tmp_path: Path) -> None:
    mine = load_profile(write(tmp_path, '[applies_to]\nSK301 = ["stem", "mix"]\nSK303 = "reference"\n'))
    assert mine.applies_to == {"SK301": ("stem", "rough_mix", "proof_mix"), "SK303": ("reference",)}


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("[peak]\nmax_dbsf = 1\n", "nearest is 'max_dbfs'"),
        ("[peek]\nmax_dbfs = 1\n", "nearest is 'peak'"),
        ('[severity]\nSK30 = "off"\n', "nearest is 'SK30"),
        ('[severity]\nSK301 = "fatal"\n', "error, warning, note, off"),
        ('[applies_to]\nSK301 = ["stems"]\n', "'stems'; roles are mix, stem"),
        ('[peak]\nmax_dbfs = "loud"\n', "a number or 'none'"),
        ("[peak]\nclip_run_samples = 2.5\n", "a whole number"),
        ("[peak]\nmax_dbfs = true\n", "a number"),
        ("[peak]\nmax_dbfs = nan\n", "ordinary number"),
        ("[peak]\nclip_run_samples = 0\n", "must be 1 or more"),
        ("[peak]\nmin_dbfs = -1\nmax_dbfs = -2\n", "min_dbfs -1.0 above max_dbfs -2.0"),
        ('[format]\nencoding = ["pcm25"]\n', "'pcm24'"),
        ('[format]\nencoding = "pcm24"\n', "a list of"),
        ('[format]\nsample_rate = "fast"\n', "'project'"),
        ("[timeline]\nequal_length = 1\n", "true or false"),
        ('[name]\npattern = "(01"\n', "no regular expression"),
        ('[name]\npattern = "a"\nagree_with_header = ["rate"]\n', "no group (?P<rate>"),
        ('[name]\nagree_with_header = ["rate"]\n', "no pattern"),
        ('peak = 3\n[profile]\nid = "a"\ntitle = "a"\nsource = "a"\n', "must be a table"),
        ("[peak\n", "not valid TOML"),
        ('[profile]\nid = "a"\ntitle = "a"\n', "lacks 'source'"),
        ('[profile]\nid = "a"\ntitle = "a"\nsource = "a"\ngain = "loud"\n', "'window'"),
        ('[profile]\nid = "a"\ntitle = "a"\nsource = "a"\nextends = 1\n', "extends is 1, but should be a text"),
    ],
)
def test_what_is_wrong_with_a_file_is_told_with_file_and_key(tmp_path: Path, text: str, told: str) -> None:
    path = write(tmp_path, text, head=not text.startswith(("peak =", "[profile]")))
    with pytest.raises(InputError, match=re.escape(told)) as raised:
        load_profile(path)
    assert "mine.toml" in raised.value.message
    assert raised.value.exit_code == 2


def test_every_file_of_a_chain_needs_its_source(tmp_path: Path) -> None:
    path = write(tmp_path, '[profile]\nid = "x"\ntitle = "x"\nextends = "mix-prep"\n', head=False)
    with pytest.raises(InputError, match="lacks 'source'"):
        load_profile(path)


def test_a_circle_is_told_with_its_way(tmp_path: Path) -> None:
    write(tmp_path, 'extends = "b.toml"\n', "a.toml")
    write(tmp_path, 'extends = "a.toml"\n', "b.toml")
    with pytest.raises(InputError, match=r"a\.toml → b\.toml → a\.toml"):
        load_profile(str(tmp_path / "a.toml"))


@pytest.mark.parametrize(
    ("name", "kind", "told"),
    [
        ("mixprep", UsageError, "nearest is 'mix-prep'"),
        ("", UsageError, "stemkit profiles"),
        ("nowhere/mine.toml", InputError, "cannot be read: No such file"),
    ],
)
def test_a_profile_that_is_not_there(name: str, kind: type[StemkitError], told: str) -> None:
    with pytest.raises(kind, match=re.escape(told)):
        load_profile(name)


def test_a_file_that_is_no_text(tmp_path: Path) -> None:
    (tmp_path / "x.toml").write_bytes(b"\xff\xfe\x00")
    with pytest.raises(InputError, match="not UTF-8"):
        load_profile(str(tmp_path / "x.toml"))
