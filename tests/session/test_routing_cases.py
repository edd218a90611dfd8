from __future__ import annotations

import time
from dataclasses import replace

import pytest

from stemkit.model.session import ChannelRange, Envelope, MainSend, Master, Session, Track
from stemkit.session.routing import Routing, build
from tests.session.made_sessions import OFF, SIDECHAIN, effect, folder, item, made, midi, notes, send, synth, track


def silence(routing: Routing, name: str) -> tuple[str, str] | None:
    found = routing.nodes[f"{{{name}}}"].silence
    return None if found is None else (found.code, found.reason)


def names(guids: tuple[str, ...] | frozenset[str]) -> list[str]:
    return sorted(guid.strip("{}") for guid in guids)


def test_folders_give_parents_and_children() -> None:
    routing = build(
        made(
            *folder(track("Drums"), track("Kick"), *folder(track("Snares"), track("Top"), track("Bottom"))),
            track("Bass"),
        )
    )
    assert {n.label: n.parent for n in routing.order} == {
        "Drums": None,
        "Kick": "{Drums}",
        "Snares": "{Drums}",
        "Top": "{Snares}",
        "Bottom": "{Snares}",
        "Bass": None,
    }
    assert routing.nodes["{Drums}"].children == ("{Kick}", "{Snares}")


def test_folders_that_close_more_than_is_open_end_at_the_top() -> None:
    routing = build(made(replace(track("A"), depth_change=-3), track("B"), replace(track("C"), depth_change=1)))
    assert [node.parent for node in routing.order] == [None, None, None]


@pytest.mark.parametrize(
    ("session", "name", "expected"),
    [
        (made(track("Kick", item(), mute=True)), "Kick", ("muted", "it is muted")),
        (
            made(*folder(track("Drums", mute=True), *folder(track("Kit"), track("Kick", item())))),
            "Kick",
            ("folder_muted", "its folder 'Drums' is muted"),
        ),
        (made(track("Kick", item(), volume=0.0)), "Kick", ("fader_down", "its fader is all the way down")),
        (
            made(track("Kick", item(), main_send=OFF)),
            "Kick",
            ("main_send_off", "its main send is off and no send of it is open"),
        ),
        (
            made(track("Key", item(), main_send=OFF), track("Bass", item(), fx=["ReaComp"], channels=4), sends=[send("Key", "Bass", **SIDECHAIN)]),
            "Key",
            ("sidechain_only", "it only steers an effect on 'Bass'"),
        ),
        (
            made(track("Kick", item(), main_send=OFF), track("Bus", mute=True), sends=[send("Kick", "Bus")]),
            "Kick",
            ("no_route", "it only reaches 'Bus', which is not heard"),
        ),
        (
            made(track("Kick", item(), channels=4, main_send=MainSend(channel_offset=2))),
            "Kick",
            ("no_route", "its channels are not among those of the master"),
        ),
        (
            made(track("Kick", item()), track("Bass", item(), solo=1)),
            "Kick",
            ("solo_elsewhere", "another track is soloed"),
        ),
        (made(track("Kick", item())), "Kick", None),
    ],
)  # fmt: skip
def test_silence_has_a_reason(session: Session, name: str, expected: tuple[str, str] | None) -> None:
    routing = build(session)
    assert silence(routing, name) == expected
    assert routing.nodes[f"{{{name}}}"].audible == (expected is None)


def test_solo_silences_but_everything_is_still_heard() -> None:
    routing = build(made(track("Kick", item()), track("Bass", item(), solo=1)))
    assert [node.heard for node in routing.order] == [True, True]
    assert routing.soloed == ("{Bass}",)


def test_solo_keeps_what_feeds_and_what_follows_a_soloed_track() -> None:
    session = made(
        *folder(track("Drums", solo=1), track("Kick", item()), track("Snare", item())),
        track("Bass", item()),
        track("Safe", item(), solo_defeat=True),
        track("Verb", fx=["ReaVerbate"]),
        sends=[send("Snare", "Verb"), send("Bass", "Verb")],
    )
    audible = [node.label for node in build(session).order if node.audible]
    assert audible == ["Drums", "Kick", "Snare", "Safe", "Verb"]


def test_an_envelope_in_place_of_the_fader_lets_sound_through() -> None:
    moved = Envelope(tag="VOLENV2", target="volume", stage="post_fx", active=True)
    for mode, silent in ((0, True), (1, False)):
        kick = track("Kick", item(), volume=0.0, automation_mode=mode, envelopes=(moved,))
        assert (silence(build(made(kick)), "Kick") is not None) == silent


def test_a_pre_fader_send_sounds_although_the_fader_is_down() -> None:
    session = made(
        track("Kick", item(), volume=0.0),
        track("Bus"),
        track("Other"),
        sends=[send("Kick", "Bus", mode=3), send("Kick", "Other")],
    )
    routing = build(session)
    assert routing.downstream("{Kick}") == ("{Bus}",)


def test_a_send_at_zero_is_closed_unless_an_envelope_moves_it() -> None:
    moved = Envelope(tag="AUXVOLENV", target="volume", stage="send", active=True)
    for envelopes, role in (((), "closed"), ((moved,), "audible")):
        session = made(
            track("Kick", item()), track("Verb"), sends=[send("Kick", "Verb", volume=0.0, envelopes=envelopes)]
        )
        assert [edge.role for edge in build(session).edges if edge.kind == "send"] == [role]


@pytest.mark.parametrize(
    ("channels", "effects", "taken_from", "role"),
    [
        (4, ["ReaComp"], None, "sidechain"),
        (4, [], None, "unheard"),  # nothing listens on 3/4
        (2, ["ReaComp"], None, "unheard"),  # the channels do not exist
        (4, ["ReaComp"], ChannelRange(first=2, count=2), "audible"),  # a send carries 3/4 on
        (4, [], ChannelRange(first=2, count=2), "audible"),
    ],
)
def test_a_send_to_3_and_4_is_a_sidechain_when_no_output_carries_them(
    channels: int, effects: list[str], taken_from: ChannelRange | None, role: str
) -> None:
    sends = [send("Kick", "Bass", **SIDECHAIN)]
    if taken_from is not None:
        sends.append(send("Bass", "Out", source_channels=taken_from))
    session = made(
        track("Kick", item()), track("Bass", item(), fx=effects, channels=channels), track("Out"), sends=sends
    )
    routing = build(session)
    assert next(e.role for e in routing.edges if e.source == "{Kick}" and e.kind == "send") == role
    assert any(edge.role == "sidechain" for edge in routing.edges) == (role == "sidechain")


@pytest.mark.parametrize(("channels", "role"), [(4, "sidechain"), (8, "audible")])
def test_a_key_that_runs_on_into_the_folder_is_still_a_key_but_surround_is_sound(channels: int, role: str) -> None:
    session = made(
        track("Kick", item()),
        *folder(
            track("Mix", fx=["ReaComp"], channels=channels), track("Bass", item(), fx=["ReaComp"], channels=channels)
        ),
        sends=[send("Kick", "Bass", **SIDECHAIN)],
    )
    assert next(e.role for e in build(session).edges if e.kind == "send") == role


def test_wide_sends_keep_their_place_through_a_bus_without_effects() -> None:
    session = made(
        track("A", item(), main_send=OFF),
        track("B", item(), main_send=OFF),
        track("Wide", channels=4),
        sends=[send("A", "Wide"), send("B", "Wide", **SIDECHAIN)],
    )
    heard = {node.label: node.heard for node in build(session).order}
    assert heard == {"A": True, "B": False, "Wide": True}  # the master takes 1/2 alone
    surround = replace(session, master=Master(channels=4))
    assert build(surround).nodes["{B}"].heard


def test_a_mono_send_reaches_one_channel_or_both() -> None:
    one, two = ChannelRange(first=0, count=1), ChannelRange(first=2, count=1)
    for destination, heard in ((one, True), (two, False)):
        session = made(
            track("A", item(), main_send=OFF),
            track("Wide", channels=4),
            sends=[send("A", "Wide", source_channels=one, destination_channels=destination)],
        )
        assert build(session).nodes["{A}"].heard == heard


def test_cycles_are_named_and_not_followed() -> None:
    session = made(
        track("A", item()),
        track("B"),
        track("C", item()),
        sends=[send("A", "B"), send("B", "A"), send("C", "C", mute=True)],
    )
    routing = build(session)
    assert routing.cycles == (("{A}", "{B}"),)
    assert routing.downstream("{A}") == ("{B}",)


def test_an_instrument_sounds_where_notes_reach_it() -> None:
    midi_only = {"source_channels": None}
    session = made(
        track("Player", notes(), main_send=OFF),
        track("Synth", fx=[synth()]),
        track("Idle", fx=[synth()]),
        track("Notes", notes()),
        track("Off", notes(), fx=[effect("ReaSynth", is_instrument=True, enabled=False)]),
        sends=[send("Player", "Synth", **midi_only)],
    )
    nodes = build(session).nodes
    assert {
        name.strip("{}"): (node.source, node.unfed_instrument, node.feeds_instrument) for name, node in nodes.items()
    } == {
        "Player": (None, False, True),
        "Synth": ("instrument", False, False),
        "Idle": (None, True, False),
        "Notes": (None, False, False),
        "Off": (None, False, False),
    }


def test_notes_reach_an_instrument_on_the_folder() -> None:
    nodes = build(
        made(*folder(track("Keys", fx=[synth()]), track("Left hand", notes()), track("Right hand", notes(mute=True))))
    ).nodes
    assert nodes["{Keys}"].source == "instrument"
    assert nodes["{Left hand}"].feeds_instrument
    assert not nodes["{Right hand}"].feeds_instrument


@pytest.mark.parametrize(
    ("made_track", "source"),
    [
        (track("T", item()), "items"),
        (track("T", item(), visible_in_arrange=False, visible_in_mixer=False), "items"),
        (track("T", item(), freeze_count=1), "items"),
        (track("T", item(mute=True)), None),
        (track("T", item(kind="empty")), None),
        (track("T", item(length_s=0.0)), None),
        (track("T", item(file="gone.wav")), "items"),
        (track("T", item(lane_top=0.0), free_mode=2, lane_count=2, lanes_playing=0b10), None),
        (track("T", item(lane_top=0.5), free_mode=2, lane_count=2, lanes_playing=0b10), "items"),
        (track("T", notes()), None),
        (track("T", notes(), fx=[synth()]), "instrument"),
        (track("T", midi(b"\x90\x3c\x64"), fx=[synth()]), "instrument"),
        (track("T", midi(b"\x90\x3c\x00", b"\xb0\x07\x64", b"\xff\x03Verse"), fx=[synth()]), None),
        (track("T", midi(), fx=[synth()]), None),
    ],
)
def test_what_makes_a_sound(made_track: Track, source: str | None) -> None:
    assert build(made(made_track)).nodes["{T}"].source == source


def test_returns_and_what_they_carry() -> None:
    session = made(
        track("Vox", item(), fx=["ReaComp"]),
        track("Gtr", item()),
        track("Verb", fx=["ReaVerbate"]),
        track("Delay", fx=["ReaDelay"]),
        sends=[send("Vox", "Verb"), send("Vox", "Delay"), send("Delay", "Verb"), send("Gtr", "Verb")],
    )
    routing = build(session)
    assert names(routing.roles.returns) == ["Delay", "Verb"]
    assert routing.contains("{Verb}") == ("{Vox}", "{Gtr}")


def test_hardware_outs_are_kept() -> None:
    from stemkit.model.session import HardwareOut

    cue = HardwareOut(output=2)
    assert build(made(track("Cue", item(), hardware_outs=(cue,)))).nodes["{Cue}"].hardware_outs == (cue,)


def test_ten_thousand_tracks_in_depth_and_in_width() -> None:
    count = 10_000
    deep = made(*(track(f"T{n}", item(), depth_change=1) for n in range(count)))
    names_in_row = [f"T{n}" for n in range(count)]
    row = made(
        *(track(name, item(), main_send=MainSend(enabled=name == names_in_row[-1])) for name in names_in_row),
        sends=[],
    )
    chained = replace(
        row,
        tracks=tuple(
            replace(t, receives=(send(names_in_row[n - 1], t.name),) if n else ()) for n, t in enumerate(row.tracks)
        ),
    )
    for session in (deep, chained):
        began = time.process_time()
        assert all(node.heard for node in build(session).order)
        assert time.process_time() - began < 10  # well under 1 s on an idle core
