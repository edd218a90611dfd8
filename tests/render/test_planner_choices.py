from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest

from stemkit.errors import UsageError
from stemkit.model.audio import MediaInfo
from stemkit.model.delivery import Choices
from stemkit.render.planner import make_plan
from tests.session.made_sessions import OFF, effect, folder, item, made, notes, send, synth, track

if TYPE_CHECKING:
    from stemkit.model.plan import RenderPlan
    from stemkit.model.session import Session


def planned(session: Session, media: Any = None, **choices: Any) -> RenderPlan:
    return make_plan(session, Choices(**choices), media=media, project_name="Song")


SONG = made(
    *folder(track("Drums"), track("Kick", item(), color=0x10000FF), track("Snare", item())),
    track("Guide Vox", item()),
    track("Vox", item()),
    track("Verb", fx=["ReaVerbate"]),
    sends=[send("Vox", "Verb"), send("Guide Vox", "Verb")],
)


@pytest.mark.parametrize(
    ("choices", "names"),
    [
        ({"exclude": ("guide*",)}, ["Kick", "Snare", "Vox", "Verb"]),
        ({"exclude": ("{Kick}",)}, ["Snare", "Guide_Vox", "Vox", "Verb"]),
        ({"exclude": ("kick",)}, ["Snare", "Guide_Vox", "Vox", "Verb"]),
        ({"exclude": ("folder:drums",)}, ["Guide_Vox", "Vox", "Verb"]),
        ({"exclude": ("color:#FF0000",)}, ["Snare", "Guide_Vox", "Vox", "Verb"]),
        ({"include": ("folder:Drums", "Vox")}, ["Kick", "Snare", "Vox"]),
        ({"include": ("*Vox",), "exclude": ("Guide*",)}, ["Vox"]),
    ],
)
def test_tracks_are_chosen_by_name_guid_folder_and_colour(choices: dict[str, Any], names: list[str]) -> None:
    plan = planned(SONG, **choices)
    assert [stem.name for stem in plan.stems] == names
    assert [stem.number for stem in plan.stems] == list(range(1, len(names) + 1))
    assert not plan.adds_up.possible
    left_out = [t for t in plan.excluded if t.code == "excluded_by_user"]
    assert len(left_out) == 5 - len(names)
    assert all("left out as asked" in t.reason or "not among" in t.reason for t in left_out)


def test_a_return_that_is_left_out_stays_out_of_the_other_stems() -> None:
    plan = planned(SONG, exclude=("Verb",))
    assert "{Verb}" in plan.stops
    assert all("{Verb}" not in stem.through for stem in plan.stems)
    assert plan.adds_up.obstacles == ("'Verb' is in the mix but left out",)


def test_a_return_says_what_it_still_holds_of_a_track_that_is_left_out() -> None:
    notes_by_stem = {stem.name: stem.notes for stem in planned(SONG, exclude=("Guide Vox",)).stems if stem.notes}
    assert notes_by_stem == {"Verb": ("Still holds what 'Guide Vox' sends into it.",)}


def test_leaving_out_a_folder_by_its_bare_name_says_that_nothing_changed() -> None:
    plan = planned(SONG, exclude=("Drums",))
    assert len(plan.stems) == 5
    assert plan.notes == (
        "'Drums' is no stem of its own, so leaving it out changes nothing; folder:Drums means all in it.",
    )


@pytest.mark.parametrize("option", ["include", "exclude", "dry", "wet"])
def test_a_pattern_that_fits_nothing_is_an_error(option: str) -> None:
    with pytest.raises(UsageError, match=rf"--{option} 'Guide Vxo' fits no track; did you mean 'Guide Vox'\?"):
        planned(SONG, **{option: ("Guide Vxo",)})


def test_own_names_and_notes() -> None:
    plan = planned(SONG, names=(("Vox", "Vocals_Lead"), ("gone", "X")), notes=(("Vox", "the breath in bar 9 stays"),))
    vox = next(stem for stem in plan.stems if stem.cut_guid == "{Vox}")
    assert (vox.name, vox.notes) == ("Vocals_Lead", ("the breath in bar 9 stays",))
    assert plan.notes == ("'gone' in the names and notes fits no track.",)


def test_unnamed_tracks_take_the_name_of_their_recording() -> None:
    session = made(
        replace(track("a", item(file="03-Kick-240101_1203.wav")), name=""),
        replace(
            track("b", notes(), fx=[effect("Kontakt 7 (Native Instruments) (64 out)", is_instrument=True)]), name=""
        ),
        replace(track("c", item(file="05-240101_1203.wav")), name=" "),
    )
    assert [stem.name for stem in planned(session).stems] == ["Kick", "Kontakt_7", "Track_3"]


def test_namesakes_in_folders() -> None:
    session = made(
        *folder(track("Verse"), track("v", item())), *folder(track("Chorus"), track("c", item())), track("Gtr", item())
    )
    renamed = replace(
        session, tracks=tuple(replace(t, name="Gtr") if t.guid in ("{v}", "{c}") else t for t in session.tracks)
    )
    assert [stem.name for stem in planned(renamed).stems] == ["Gtr_Verse", "Gtr_Chorus", "Gtr"]


def test_the_order_of_instruments() -> None:
    session = made(
        track("Vox", item()),
        *folder(track("Kick"), track("In", item()), track("Out", item())),
        track("Thing", item()),
        track("Riser", item()),
        track("Bass", item()),
        track("Space", fx=["ReaVerbate"]),
        sends=[send("Vox", "Space")],
    )
    ordered = planned(session, order="instrument")
    assert [stem.name for stem in ordered.stems] == ["In", "Out", "Bass", "Vox", "Thing", "Space", "Riser"]
    assert [stem.name for stem in planned(session).stems] == ["Vox", "In", "Out", "Thing", "Riser", "Bass", "Space"]


def info(rate: int, channels: int = 2) -> MediaInfo:
    return MediaInfo(sample_rate=rate, channels=channels, frames=rate)


@pytest.mark.parametrize(
    ("facts", "choices", "media", "rate", "reason"),
    [
        ({"sample_rate": 96000, "sample_rate_forced": True}, {}, {}, 96000, "own rate"),
        ({"sample_rate": 96000, "sample_rate_forced": True}, {"sample_rate": 44100}, {}, 44100, "asked for"),
        ({"sample_rate": 96000}, {}, {"/media/a.wav": info(44100)}, 44100, "3 of 3 sounding items"),
        ({}, {}, {"/media/a.wav": info(44100), "/media/b.wav": info(88200)}, 44100, "2 of 3"),
        ({}, {}, {"/media/a.wav": None, "/media/b.wav": info(88200)}, 88200, "1 of 1"),
        ({}, {}, {"/media/a.wav": info(11025)}, 44100, "items have 11025 Hz, which is too low for a delivery"),
        ({}, {}, {"/media/a.wav": info(32000)}, 48000, "items have 32000 Hz"),
        ({"sample_rate": 22050, "sample_rate_forced": True}, {}, {"/media/a.wav": info(11025)}, 22050, "own rate"),
        ({}, {}, {"/media/a.wav": None}, 48000, "no media that sounds tells one"),
        ({}, {}, None, 48000, "not looked at"),
    ],
)
def test_the_rate_and_where_it_comes_from(
    facts: dict[str, Any], choices: dict[str, Any], media: dict[str, MediaInfo | None] | None, rate: int, reason: str
) -> None:
    muted = item(file="b.wav", mute=True)
    last = "a.wav" if media is None or "/media/b.wav" not in media else "b.wav"
    session = made(track("A", item(), item(), muted, muted, muted), track("B", item(file=last)), **facts)
    plan = planned(session, media, **choices)
    assert plan.sample_rate == rate
    assert reason in plan.sample_rate_reason


def test_the_higher_rate_wins_a_tie() -> None:
    session = made(track("A", item(file="a.wav")), track("B", item(file="b.wav")))
    assert planned(session, {"/media/a.wav": info(44100), "/media/b.wav": info(48000)}).sample_rate == 48000


def test_channels_follow_the_wish() -> None:
    session = made(
        track("Mono", item(file="m.wav")),
        track("Stereo", item(file="s.wav")),
        track("Quad", item(file="q.wav"), channels=4),
        track("Wide", item(file="q.wav")),
        track("Synth", notes(), fx=[synth()]),
        track("Unknown", item(file="u.wav")),
    )
    media = {f"/media/{n}.wav": info(48000, count) for n, count in (("m", 1), ("s", 2), ("q", 4))}
    widths = {
        wish: [stem.channels for stem in planned(session, dict(media), channels=wish).stems]
        for wish in ("auto", "stereo", "source")
    }
    assert widths == {"auto": [None] * 6, "stereo": [2] * 6, "source": [None, 2, 4, 2, 2, 2]}


AMP = made(
    track("Gtr", item(), fx=["ReaEQ", "Guitar Rig 6", "ReaDelay"]),
    track("Vox", item(), fx=["ReaComp", "Auto-Tune Pro"]),
    track("Verb", fx=["ReaVerbate"]),
    sends=[send("Vox", "Verb")],
)


def variants(plan: RenderPlan) -> list[tuple[str, str, tuple[str, ...]]]:
    return [(s.file_name, s.variant, s.bypassed) for s in plan.stems if s.variant != "stem"]


def test_a_dry_version_loses_the_creative_effects_alone() -> None:
    plan = planned(AMP, dry=("Gtr",))
    assert variants(plan) == [("01_Gtr_Dry", "dry", ("{fx Guitar Rig 6}", "{fx ReaDelay}"))]
    dry = plan.stems[-1]
    assert (dry.number, dry.name, dry.cut_guid) == (1, "Gtr", "{Gtr}")
    assert dry.reason == "Gtr without 'Guitar Rig 6' and 'ReaDelay'"


def test_a_dry_version_of_nothing_creative_is_not_made() -> None:
    plan = planned(AMP, dry=("Vox",))
    assert variants(plan) == []
    assert plan.notes == ("Vox has no creative effect that is on, so its dry version would be the stem itself.",)


def test_dry_all_takes_every_insert_but_instruments() -> None:
    session = made(
        *AMP.tracks, track("Synth", notes(), fx=[synth(), "ReaEQ"]), track("Plain", item()), sends=[send("Vox", "Verb")]
    )
    plan = planned(session, dry=("all",))
    assert {name: bypassed for name, _, bypassed in variants(plan)} == {
        "01_Gtr_Dry": ("{fx ReaEQ}", "{fx Guitar Rig 6}", "{fx ReaDelay}"),
        "02_Vox_Dry": ("{fx ReaComp}", "{fx Auto-Tune Pro}"),
        "04_Synth_Dry": ("{fx ReaEQ}",),
    }
    none = "No stem has an effect that is on, so there is no dry version of any."
    assert none not in plan.notes
    assert none in planned(made(track("Plain", item())), dry=("all",)).notes
    assert [name for name, _, _ in variants(planned(session, dry=("all", "Vox")))] == ["02_Vox_Dry"]


def test_a_return_has_no_dry_version() -> None:
    plan = planned(AMP, dry=("Verb",))
    assert variants(plan) == []
    assert plan.notes == ("Verb is a return: without its effects it would be the tracks once more.",)


def test_an_effect_without_id_cannot_be_left_out() -> None:
    plan = planned(made(track("Gtr", item(), fx=[effect("Guitar Rig 6", guid="")])), dry=("Gtr",))
    assert variants(plan) == []
    assert plan.notes == ("'Guitar Rig 6' on Gtr has no id in the project, so no dry version can be made.",)


def test_a_wet_version_runs_through_its_returns() -> None:
    plan = planned(AMP, wet=("Vox",))
    wet = next(stem for stem in plan.stems if stem.variant == "wet")
    assert (wet.file_name, wet.through) == ("02_Vox_Wet", ("{Verb}",))
    assert wet.reason == "Vox with its share of 'Verb'"
    assert plan.stems[1].through == ()
    assert planned(AMP, wet=("Gtr",)).notes == (
        "Gtr is sent to no return, so its wet version would be the stem itself.",
    )


def test_a_strong_insert_suggests_a_pair_until_one_is_asked_for() -> None:
    suggestions = {stem.name: stem.notes for stem in planned(AMP).stems if stem.notes}
    assert suggestions == {
        "Gtr": (
            "'Guitar Rig 6' (amp) makes the sound as an insert: some engineers want a dry version beside it (--dry 'Gtr').",
        )
    }
    assert not any(stem.notes for stem in planned(AMP, dry=("Gtr",)).stems)
    assert not any(stem.notes for stem in planned(AMP, bypass_fx=True).stems)


def test_a_track_whose_main_send_is_off_keeps_its_number_after_others_are_left_out() -> None:
    session = made(track("A", item()), track("B", item(), main_send=OFF), track("Bus"), sends=[send("B", "Bus")])
    assert [s.file_name for s in planned(session, exclude=("A",)).stems] == ["01_B"]
