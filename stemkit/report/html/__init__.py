"""The report people look at: one self-contained page."""

from __future__ import annotations

from stemkit.report.html.page import render_html

__all__ = ["render_html"]
