"""The page in a real browser: nothing breaks, nothing is asked of the network, everybody can use it."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from stemkit.report.html import render_html
from tests.report.html.reports import HOSTILE, check_report, plan_report

BROWSER = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)
REQUIRED = bool(os.environ.get("STEMKIT_REQUIRE_BROWSER"))
pytestmark = pytest.mark.skipif(
    BROWSER is None and not REQUIRED, reason="no Chromium on this machine: the page was not tried in a browser"
)
FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]


@pytest.fixture(scope="module")
def browser() -> Iterator[Any]:
    sync_api = (
        pytest.importorskip("playwright.sync_api") if not REQUIRED else __import__("playwright.sync_api").sync_api
    )
    with sync_api.sync_playwright() as playwright:
        instance = playwright.chromium.launch(executable_path=BROWSER, args=FLAGS)
        yield instance
        instance.close()


class Opened:
    """A page that was opened from disk, with everything it complained about or asked for."""

    def __init__(self, browser: Any, path: Path, **context: Any) -> None:
        self.context = browser.new_context(**context)
        self.page = self.context.new_page()
        self.complaints: list[str] = []
        self.requests: list[str] = []
        self.page.on("console", lambda m: self.complaints.append(m.text) if m.type in {"error", "warning"} else None)
        self.page.on("pageerror", lambda e: self.complaints.append(str(e)))
        self.page.on("dialog", self._refuse)
        self.page.on("request", lambda r: self.requests.append(r.url))
        self.page.goto(path.as_uri())
        self.page.wait_for_timeout(150)

    def _refuse(self, dialog: Any) -> None:
        self.complaints.append(f"dialog {dialog.message}")
        dialog.dismiss()


@pytest.fixture
def opened(browser: Any, tmp_path: Path) -> Iterator[Any]:
    pages: list[Opened] = []

    def open_page(text: str, **context: Any) -> Opened:
        path = tmp_path / f"report-{len(pages)}.html"
        path.write_text(text, encoding="utf-8")
        pages.append(Opened(browser, path, **context))
        return pages[-1]

    yield open_page
    for page in pages:
        page.context.close()


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [375, 768, 1440])
@pytest.mark.parametrize("kind", ["check", "plan"])
def test_no_error_no_request_no_overflow_and_accessible(opened: Any, kind: str, width: int, scheme: str) -> None:
    axe_module = pytest.importorskip("axe_playwright_python.sync_playwright")
    text = render_html(check_report(8, names=HOSTILE) if kind == "check" else plan_report())
    shown = opened(text, viewport={"width": width, "height": 900}, color_scheme=scheme)
    assert shown.complaints == []
    assert len(shown.requests) == 1  # the page itself
    assert shown.page.evaluate("document.documentElement.scrollWidth") <= width
    result = axe_module.Axe().run(shown.page)
    assert result.violations_count == 0, result.generate_report()


def test_it_reads_without_javascript(opened: Any) -> None:
    shown = opened(render_html(check_report()), java_script_enabled=False)
    assert shown.page.locator(".still").first.is_visible()
    assert not shown.page.locator("#copy").is_visible()
    assert shown.page.get_by_text("12 runs of clipped samples.").first.is_visible()


def test_sorting_by_a_column(opened: Any) -> None:
    page = opened(render_html(check_report())).page
    page.get_by_role("button", name="Peak dBFS").click()
    peaks = [
        float(t) for t in page.locator("#files tbody td[data-sort]").evaluate_all("c => c.map(x => x.dataset.sort)")
    ]
    assert peaks == sorted(peaks)
    assert len(set(peaks)) > 1
    page.get_by_role("button", name="Peak dBFS").click()
    assert page.locator("#files th[aria-sort=descending]").count() == 1
    again = page.locator("#files tbody td[data-sort]").evaluate_all("c => c.map(x => Number(x.dataset.sort))")
    assert again == sorted(peaks, reverse=True)


def test_filtering_by_severity(opened: Any) -> None:
    page = opened(render_html(check_report())).page
    assert page.locator(".finding:visible").count() == 4
    page.get_by_label("errors").uncheck()
    assert page.locator(".finding.error:visible").count() == 0
    page.get_by_label("taken care of").uncheck()
    assert page.locator(".finding:visible").count() == 2


def test_zooming_by_keyboard_mouse_and_from_a_finding(opened: Any) -> None:
    page = opened(render_html(check_report())).page
    span = page.locator("#span")
    assert span.text_content() == "0:00.0 – 4:00.0"
    page.locator("#lanes").focus()
    page.keyboard.press("+")
    page.wait_for_timeout(50)
    assert span.text_content() == "1:00.0 – 3:00.0"
    page.keyboard.press("ArrowLeft")
    page.wait_for_timeout(50)
    assert span.text_content() == "0:36.0 – 2:36.0"
    page.keyboard.press("0")
    page.locator(".finding .place").first.click()
    page.wait_for_timeout(50)
    assert span.text_content() == "0:11.850 – 0:12.450"
    page.get_by_role("button", name="Whole song").click()
    page.wait_for_timeout(50)
    assert span.text_content() == "0:00.0 – 4:00.0"
    box = page.locator(".wave").first.bounding_box()
    page.mouse.move(box["x"] + box["width"] / 2, box["y"] + 10)
    page.keyboard.down("Control")
    page.mouse.wheel(0, -300)
    page.keyboard.up("Control")
    page.wait_for_timeout(80)
    assert span.text_content() != "0:00.0 – 4:00.0"


def test_a_waveform_is_really_drawn(opened: Any) -> None:
    page = opened(render_html(check_report())).page
    inked = page.locator("#lane-1 canvas").evaluate(
        "c => c.getContext('2d').getImageData(0, 0, c.width, c.height).data.reduce((n, v, i) => n + (i % 4 === 3 && v > 0), 0)"
    )
    assert inked > 1000


def test_copying_the_message(opened: Any) -> None:
    shown = opened(render_html(check_report()), permissions=["clipboard-read", "clipboard-write"])
    shown.page.locator("#copy").click()
    shown.page.wait_for_timeout(100)
    assert shown.page.locator("#copied").text_content() == "Copied."


def test_listening_shows_buttons_only_for_files_that_lie_beside_the_page(opened: Any, tmp_path: Path) -> None:
    import numpy as np
    import soundfile

    (tmp_path / "Stems").mkdir()
    soundfile.write(tmp_path / "Stems" / "01_Stem.wav", np.zeros((48000, 2)), 48000, subtype="PCM_16")
    shown = opened(render_html(check_report(3)))
    assert shown.page.locator(".play:visible").count() == 0
    shown.page.locator("#listen").click()
    shown.page.wait_for_timeout(500)
    assert shown.page.locator(".play:visible").count() == 1
    assert shown.page.locator("#listen-answer").text_content() == "1 files can be played."


def test_print_layout_uses_the_still_drawings(opened: Any) -> None:
    page = opened(render_html(check_report())).page
    page.emulate_media(media="print")
    assert page.locator(".still").first.is_visible()
    assert not page.locator(".zoom").is_visible()
    assert len(page.pdf(format="A4")) > 10_000


def test_sixty_stems_take_less_than_a_second_and_zoom_above_30_frames_a_second(opened: Any) -> None:
    """In seconds of the page's own thread: how long a busy machine lets it wait is nothing that the page can help."""
    shown = opened(render_html(check_report(60, columns=12_000)), viewport={"width": 1440, "height": 900})
    chrome = shown.page.context.new_cdp_session(shown.page)
    chrome.send("Performance.enable", {"timeDomain": "threadTicks"})

    def busy_s() -> float:
        told = {metric["name"]: metric["value"] for metric in chrome.send("Performance.getMetrics")["metrics"]}
        return float(told["TaskDuration"])

    before = busy_s()
    shown.page.reload()
    ready_s = busy_s() - before
    before = busy_s()
    frames = shown.page.evaluate(
        """async () => {
          const lanes = document.getElementById('lanes');
          for (let frame = 0; frame < 80; frame += 1) {
            lanes.dispatchEvent(new KeyboardEvent('keydown', { key: frame % 40 < 20 ? '+' : '-' }));
            await new Promise((done) => requestAnimationFrame(done));
          }
          return 80;
        }"""
    )
    zoom_s = busy_s() - before
    print(f"60 stems: {ready_s:.2f} s to load, {frames / zoom_s:.0f} frames for a second of work")
    assert 0 < ready_s < 1
    assert 0 < zoom_s < frames / 30
