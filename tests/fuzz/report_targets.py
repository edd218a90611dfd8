"""Names from strangers in everything that is printed: terminal, page, JUnit, JSON, annotations, message."""

from __future__ import annotations

import json
from html.parser import HTMLParser
from typing import TYPE_CHECKING, Any
from xml.etree import ElementTree as ET

from stemkit.report import FORMATS, render
from tests.fuzz.mutate import mutate_bytes
from tests.fuzz.target import Target
from tests.report.reports import finding
from tests.rules.stems import mix, report_on, stem

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from stemkit.model.report import Report

__all__ = ["TARGETS"]

_LEADING = frozenset({"href", "xlink:href", "src", "srcset", "action", "formaction", "data", "poster"})
_COMMANDS = ("::error ", "::warning ", "::notice ")


def _names() -> list[bytes]:
    return [
        b"01_Kick.wav",
        b"01_\x1b[2J\x1b]0;owned\x07.wav",
        "01_\N{RIGHT-TO-LEFT OVERRIDE}vaw.exe".encode(),
        b"\r\n::error::fake\r\n::set-output name=x::y",
        b"<script>alert(1)</script>",
        b"\" onmouseover='alert(1)' x=\"",
        b"]]></failure><testcase/>&amp;&#0;",
        b"</script><!--{{ 7 * 7 }}",
        b"\xff\xfe\xed\xa0\x80",
        b"\xe2\x80\xa8\xe2\x80\xa9 \xc2\x85\x0b\x0c",
        b"[bold]x[/bold]",
        b'=HYPERLINK("http://x")',
        "e\N{COMBINING ACUTE ACCENT}\N{ZERO WIDTH JOINER}\N{FAMILY}".encode() * 20,
        b"A" * 300,
    ]


class _Page(HTMLParser):
    """Counts what can run."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.tags: dict[str, int] = {}
        self.risky: set[str] = set()
        self.feed(text)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags[tag] = self.tags.get(tag, 0) + 1
        for name, value in attrs:
            leads = name in _LEADING and (value or "").strip().lower().startswith(("javascript:", "http:", "https:"))
            if name.startswith("on") or leads:
                self.risky.add(f"{tag} {name}")


def _report(name: str) -> Report:
    facts: dict[str, Any] = {"sample_peak_dbfs": 0.0, "image": "left_only", "channels": 2}
    report = report_on(stem(f"{name}.wav", **facts), mix(frames=600_000), others=(name,))
    extra = finding(subject=name, message=f"{name} clips")
    from dataclasses import replace

    return replace(report, subject=name, findings=(*report.findings, extra))


def _open_reports(_scratch: Path) -> Callable[[bytes], None]:
    from stemkit.report.html import render_html

    plain = _Page(render_html(_report("Kick")))

    def one(data: bytes) -> None:
        report = _report(data[:400].decode("utf-8", "surrogateescape").replace("/", "_"))
        told = {name: render(report, name) for name in FORMATS}
        for name in ("text", "message", "github"):
            assert all(c.isprintable() or c == "\n" for c in told[name]), name
        json.loads(told["json"], parse_constant=lambda _: 1 / 0)
        ET.fromstring(told["junit"])
        commands = [line for line in told["github"].splitlines() if line.startswith("::")]
        assert all(line.startswith(_COMMANDS) for line in commands)
        assert len(commands) == len(report.open_findings)
        page = render_html(report)
        page.encode()
        seen = _Page(page)
        assert seen.risky == plain.risky
        assert {tag: seen.tags.get(tag) for tag in ("script", "iframe", "img", "link", "style")} == {
            tag: plain.tags.get(tag) for tag in ("script", "iframe", "img", "link", "style")
        }

    return one


TARGETS = (Target(name="names", seeds=_names, open=_open_reports, mutate=mutate_bytes),)
