"""Numbers that no project has: hand-made and damaged lines must not stop the reading of the rest."""

from __future__ import annotations

from pathlib import Path

import pytest

from stemkit.errors import InputError
from stemkit.model.session import ChannelRange
from stemkit.reaper.project_file import session_from_document
from stemkit.reaper.rpp import parse
from stemkit.session.routing import build

HUGE = "99999999999999999999999"


def project(*lines: str, head: str = '<REAPER_PROJECT 0.1 "7.0" 1') -> bytes:
    return "\n".join([head, *lines, ">", ""]).encode()


@pytest.mark.parametrize("number", [HUGE, f"-{HUGE}", "1e308", "1e400", "-inf", "nan", '""', "x"])
@pytest.mark.parametrize(
    "line",
    [
        "NCHAN {}",
        "MAINSEND 1 {}",
        "MAINSEND_NCH {}",
        "ISBUS 1 {}",
        "VOLPAN {} 0 -1",
        "VOLPAN 1 {} -1",
        "PLAYOFFS {} 0",
        "AUXRECV 0 0 1 0 0 0 0 {} 0",
        "AUXRECV 0 0 1 0 0 0 0 0 {}",
    ],
)
def test_an_absurd_number_is_taken_for_none(line: str, number: str) -> None:
    data = project("  <TRACK {A}", "  >", "  <TRACK {B}", f"    {line.format(number)}", "  >")
    session = session_from_document(parse(data, name="odd.rpp"), None)
    assert [node.guid for node in build(session).order] == ["{A}", "{B}"]


def test_a_send_has_no_more_channels_than_a_track_can_have() -> None:
    # AUXRECV: source channels in the low 10 bits, how many pairs above them (State Chunk Definitions, HWOUT)
    data = project("  <TRACK {A}", "  >", "  <TRACK {B}", f"    AUXRECV 0 0 1 0 0 0 0 {5000 << 10} 0", "  >")
    session = session_from_document(parse(data, name="odd.rpp"), None)
    assert session.tracks[1].receives[0].source_channels == ChannelRange(first=0, count=128)


def test_a_first_line_with_a_closing_sign_is_still_a_project() -> None:
    data = project("  TEMPO 97 4 4", head='<REAPER_PROJECT 0.1 "7.0/win64" 1700000000>')
    assert session_from_document(parse(data, name="made.rpp"), None).tempo_bpm == 97


def test_other_text_in_angle_brackets_is_not() -> None:
    with pytest.raises(InputError, match="no REAPER project"):
        parse(b'<Project version="1.0">\n</Project>\n', name="other.xml")


def test_names_in_the_code_page_of_an_old_windows_are_read(tmp_path: Path) -> None:
    (tmp_path / "Gitärre.wav").write_bytes(b"RIFF")
    lines = ("  <TRACK {A}", "    NAME Größe", "    <ITEM", '      NAME "für €"', "      <SOURCE WAVE")
    text = "\n".join([*lines, '        FILE "Gitärre.wav"', "      >", "    >", "  >"])
    data = b'<REAPER_PROJECT 0.1 "4.0" 1\n' + text.encode("cp1252") + b"\n>\n"
    document = parse(data, name="old.rpp")
    track = session_from_document(document, tmp_path / "old.rpp").tracks[0]
    take = track.items[0].takes[0]
    assert (track.name, take.name) == ("Größe", "für €")
    assert take.source is not None
    assert take.source.resolved_path == str(tmp_path / "Gitärre.wav")
    assert document.to_bytes() == data


def test_names_in_utf_8_stay_as_they_are() -> None:
    data = project("  <TRACK {A}", "    NAME 日本語", "  >")
    assert session_from_document(parse(data, name="new.rpp"), None).tracks[0].name == "日本語"
