from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import soundfile

from stemkit.app.demo_song import write_demo_project
from stemkit.app.prepare import prepare
from stemkit.delivery.fix_gaps import GapLimits, cut_items, pieces_of
from stemkit.model.audio import AudioFacts, Gap
from stemkit.model.session import Item, Source, Take
from stemkit.render.builtin import BuiltinEngine

RATE = 48_000
LIMITS = GapLimits(noise_max_dbfs=-70.0, min_s=0.5)


def facts(*gaps: tuple[float, float], noise_dbfs: float = -60.0, seconds: float = 20.0) -> dict[str, AudioFacts]:
    found = tuple(
        Gap(start_frame=int(start * RATE), end_frame=int(end * RATE), digital=False, noise_dbfs=noise_dbfs)
        for start, end in gaps
    )
    return {"a.wav": AudioFacts(sample_rate=RATE, channels=1, frames=int(seconds * RATE), gaps=found)}


def item(**take: object) -> Item:
    source = Source(kind="wave", file="a.wav", resolved_path="a.wav")
    return Item(position_s=3.0, length_s=10.0, takes=(Take(source=source, active=True, **take),))  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("gaps", "kept"),
    [
        (((4.0, 6.0),), [(0.0, 4.01), (5.99, 10.0)]),
        (((0.0, 2.0), (4.0, 6.0), (9.0, 10.0)), [(1.99, 4.01), (5.99, 9.01)]),
        (((4.0, 4.3),), None),  # too short to count
        ((), None),
        (((0.0, 10.0),), None),  # nothing would be left
    ],
)
def test_what_stays_are_the_parts_between_gaps_with_room_for_fades(
    gaps: tuple[tuple[float, float], ...], kept: list[tuple[float, float]] | None
) -> None:
    found = pieces_of(item(), facts(*gaps), LIMITS)
    assert (found is None) == (kept is None)
    if kept is not None and found is not None:
        assert [edge for piece in found for edge in piece] == pytest.approx([edge for piece in kept for edge in piece])


def test_a_start_in_the_file_moves_the_gaps() -> None:
    found = pieces_of(item(source_offset_s=2.0), facts((4.0, 6.0)), LIMITS)
    assert found is not None
    assert found[0][1] == pytest.approx(2.01)


@pytest.mark.parametrize(
    "odd", [{"play_rate": 2.0}, {"stretch_markers": 1}, {"source_offset_s": -1.0}, {"source_offset_s": 15.0}]
)
def test_an_item_that_plays_its_file_otherwise_is_left_alone(odd: dict[str, object]) -> None:
    assert pieces_of(item(**odd), facts((4.0, 6.0)), LIMITS) is None


def test_noise_below_the_limit_is_no_reason_to_cut() -> None:
    assert pieces_of(item(), facts((4.0, 6.0), noise_dbfs=-80.0), LIMITS) is None


def test_pieces_play_what_the_item_played_outside_the_gaps_to_the_bit(tmp_path: Path) -> None:
    source = write_demo_project(tmp_path / "song")
    before = prepare(source)
    bass = before.session.tracks[4]
    path = str(tmp_path / "song/media/bass.wav")
    audio = {path: replace(facts((4.0, 6.0), (10.0, 12.0), seconds=19.2)["a.wav"])}
    assert bass.items[0].takes[0].source is not None
    audio = {bass.items[0].takes[0].source.resolved_path or "": audio[path]}
    kept = pieces_of(bass.items[0], audio, LIMITS)
    assert kept is not None
    data = cut_items(source.read_bytes(), "song.rpp", before.session, {(4, 0): kept})
    output = source.with_name("Cut.rpp")
    output.write_bytes(data)
    after = prepare(output)
    pieces = after.session.tracks[4].items
    assert [round(piece.position_s, 3) for piece in pieces] == [0.0, 5.99, 11.99]
    assert len({piece.guid for piece in pieces} | {piece.takes[0].guid for piece in pieces}) == 6
    assert all(pieces_of(piece, audio, LIMITS) is None for piece in pieces), "a second run would cut again"
    sound = {}
    for name, prepared in (("before", before), ("after", after)):
        key = next(stem.file_name for stem in prepared.plan.stems if stem.name == "Bass")
        plan = replace(prepared.plan, bounds=before.plan.bounds)
        [rendered] = BuiltinEngine().render(prepared.session, plan, tmp_path / name, keys=frozenset({key}))
        sound[name], _ = soundfile.read(rendered.path, always_2d=True)
    for start, end in ((0.0, 4.0), (6.0, 10.0), (12.0, 19.2)):
        part = slice(int(start * RATE), int(end * RATE))
        assert np.array_equal(sound["before"][part], sound["after"][part])
    for start, end in ((4.02, 5.98), (10.02, 11.98)):
        assert not sound["after"][int(start * RATE) : int(end * RATE)].any()
    assert data.count(b"\n") > source.read_bytes().count(b"\n")
