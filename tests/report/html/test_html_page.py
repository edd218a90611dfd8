from __future__ import annotations

import base64
import json
import re
from dataclasses import replace
from html.parser import HTMLParser

import pytest
from hypothesis import given
from hypothesis import strategies as st

from stemkit.model.report import Finding
from stemkit.report.html import render_html
from stemkit.report.html.view import page_view
from stemkit.report.html.waves import packed_peaks, wave_path
from tests.report.html.reports import HOSTILE, check_report, plan_report


class Page(HTMLParser):
    """Counts elements and collects attributes and text, as a browser would see them."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.attributes: list[tuple[str, str, str | None]] = []
        self.words: list[str] = []
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self.attributes += [(tag, name, value) for name, value in attrs]

    def handle_data(self, data: str) -> None:
        self.words.append(data)


def embedded(text: str, identifier: str) -> object:
    found = re.search(rf'<script type="application/json" id="{identifier}">(.*?)</script>', text, flags=re.DOTALL)
    assert found
    return json.loads(found[1])


def test_hostile_names_stay_text() -> None:
    plain, hostile = Page(render_html(check_report())), Page(render_html(check_report(names=HOSTILE)))
    assert set(hostile.tags) == set(plain.tags)
    assert hostile.tags.count("script") == plain.tags.count("script") == 3
    assert "img" not in hostile.tags
    assert not [name for _, name, _ in hostile.attributes if name.startswith("on")]
    assert any(HOSTILE[0] in words for words in hostile.words)
    assert any("{{ 7 * 7 }}" in words for words in hostile.words)


def test_the_page_names_no_host() -> None:
    page = Page(render_html(check_report()))
    assert not [v for _, n, v in page.attributes if n in {"src", "href"} and v and not v.startswith("#")]
    policy = next(v for _, n, v in page.attributes if n == "content" and v and v.startswith("default-src"))
    assert policy.startswith("default-src 'none'")
    assert "unsafe" not in policy
    assert not [n for _, n, _ in page.attributes if n == "style"]


def test_machines_find_the_report_inside() -> None:
    report = embedded(render_html(check_report()), "report-data")
    assert isinstance(report, dict)
    assert report["schema"] == "stemkit.report/1"
    assert report["verdict"] == "fail"


def test_sixty_stems_of_four_minutes_stay_below_three_megabytes() -> None:
    assert len(render_html(check_report(60, columns=12_000)).encode()) < 3_000_000


def test_a_step_that_was_not_judged_is_not_called_fine() -> None:
    text = render_html(check_report())
    brief = text[text.index("Brief</h3>") :]
    assert brief.index("Not checked in this report.") < brief.index("</section>")


def test_a_step_with_an_error_comes_first_and_an_accepted_one_moves_nothing() -> None:
    error = Finding(rule="SK802", name="guilty-stem", severity="error", subject="A.wav", message="Inverted.")
    report = replace(check_report(), findings=(error,))
    assert page_view(report)["steps"][0]["title"] == "Beyond the guide"
    accepted = replace(report, findings=(replace(error, accepted="meant"),))
    assert [step["step"] for step in page_view(accepted)["steps"]] == ["G1", "G2", "G3", "G4", "G5", "G6", ""]


def test_the_same_report_gives_the_same_bytes() -> None:
    assert render_html(check_report()) == render_html(check_report())


def test_a_plan_shows_tracks_in_place_of_files() -> None:
    page = Page(render_html(plan_report()))
    text = " ".join(page.words)
    for expected in ("Drums", "01_Kick", "it is muted", "Needs REAPER:", "it has an instrument", HOSTILE[0]):
        assert expected in text
    assert "img" not in page.tags


@pytest.mark.parametrize("click", [0, 5_999, 11_999])
def test_a_single_click_survives_the_packing(click: int) -> None:
    envelope = [(0.0, 0.0)] * 12_000
    envelope[click] = (-0.0005, 0.0005)
    peaks = base64.b64decode(packed_peaks(envelope))
    assert peaks[2 * click : 2 * click + 2] == b"\xff\x01"  # -1 and 1, not 0
    assert sum(map(bool, peaks)) == 2


@given(st.lists(st.tuples(st.floats(-2, 0), st.floats(0, 2)), max_size=700), st.floats(0.01, 1))
def test_a_drawing_stays_inside_its_box(envelope: list[tuple[float, float]], share: float) -> None:
    numbers = re.findall(r"-?[\d.]+ -?[\d.]+", wave_path(envelope, share))
    assert bool(numbers) == bool(envelope)
    for pair in numbers:
        x, y = map(float, pair.split())
        assert 0 <= x <= 600
        assert 0 <= y <= 60
