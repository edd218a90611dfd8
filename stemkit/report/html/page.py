"""Put the page together: template, style and script in one file that asks no host for anything."""

from __future__ import annotations

import base64
import hashlib
from functools import cache
from importlib.resources import files
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from jinja2 import Template

    from stemkit.model.report import Report

__all__ = ["content_security_policy", "render_html"]


def _part(name: str) -> str:
    return (files("stemkit.report.html") / name).read_text(encoding="utf-8")


def _source_hash(text: str) -> str:
    digest = hashlib.sha256(text.encode()).digest()
    return f"'sha256-{base64.b64encode(digest).decode()}'"


def content_security_policy(style: str, script: str) -> str:
    """Return the policy of the page: its own style and script by their hashes, audio beside it, nothing else."""
    return (
        f"default-src 'none'; style-src {_source_hash(style)}; script-src {_source_hash(script)}; "
        "media-src 'self' file:; base-uri 'none'; form-action 'none'"
    )


@cache
def _template() -> Template:
    from jinja2 import Environment, StrictUndefined  # noqa: PLC0415  (only reports need it)

    environment = Environment(autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True)
    return environment.from_string(_part("page.html.j2"))


def render_html(report: Report) -> str:
    """Render a report as one HTML page.

    Parameters
    ----------
    report
        Of any kind; files, plan and session are shown as far as they are there.

    Returns
    -------
    str
        A whole document. Names of tracks and files are escaped; the page makes no request.
    """
    from stemkit.report.html.view import page_view  # noqa: PLC0415  (only a page pays for it)

    style, script = _part("style.css"), _part("script.js")
    page = _template().render(
        page=page_view(report), style=style, script=script, policy=content_security_policy(style, script)
    )
    # A name that is no text to the system has halves of characters in it, which no file can hold.
    return page.encode("utf-8", "backslashreplace").decode()
