"""One plot: lines over a doubling scale on both axes, as SVG by hand."""

from __future__ import annotations

from math import log2
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

__all__ = ["plot"]

LOOKS = 'font-family="sans-serif" font-size="11" role="img" aria-label="CPU seconds against the amount of work"'
WIDTH, HEIGHT, LEFT, BELOW, ABOVE, GAP = 220, 200, 46, 40, 28, 26


def plot(panels: Sequence[tuple[str, str, Sequence[tuple[float, float]]]]) -> str:
    """Draw panels side by side.

    Parameters
    ----------
    panels
        Title, unit of the horizontal axis, and points (amount, CPU seconds). The dashed line is proportion to the
        first point: twice the work, twice the cost.
    """
    width = len(panels) * (WIDTH + LEFT + GAP)
    height = HEIGHT + BELOW + ABOVE
    drawn = [_panel(*panel, x0=LEFT + n * (WIDTH + LEFT + GAP)) for n, panel in enumerate(panels)]
    return "\n".join(
        [
            f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" {LOOKS}>',
            f'<rect width="{width}" height="{height}" fill="white"/>',
            *drawn,
            "</svg>",
            "",
        ]
    )


def _panel(title: str, unit: str, points: Sequence[tuple[float, float]], *, x0: int) -> str:
    first_x, first_y = points[0]
    proportion = [(x, first_y * x / first_x) for x, _ in points]
    xs = [log2(x) for x, _ in points]
    ys = [log2(max(1e-3, y)) for _, y in (*points, *proportion)]
    low_y, high_y = min(ys) - 0.3, max(ys) + 0.3
    span_x = (max(xs) - min(xs)) or 1.0

    def place(x: float, y: float) -> tuple[float, float]:
        across = x0 + 8 + (log2(x) - min(xs)) / span_x * (WIDTH - 16)
        return across, ABOVE + (high_y - log2(max(1e-3, y))) / (high_y - low_y) * HEIGHT

    def line(values: Sequence[tuple[float, float]], style: str) -> str:
        path = " ".join(f"{x:.1f},{y:.1f}" for x, y in (place(*value) for value in values))
        return f'<polyline points="{path}" fill="none" {style}/>'

    parts = [
        f'<text x="{x0}" y="16" font-weight="bold">{title}</text>',
        f'<rect x="{x0}" y="{ABOVE}" width="{WIDTH}" height="{HEIGHT}" fill="none" stroke="#999"/>',
        line(proportion, 'stroke="#999" stroke-dasharray="4 3"'),
        line(points, 'stroke="#06c" stroke-width="2"'),
    ]
    for x, y in points:
        across, down = place(x, y)
        parts += [
            f'<circle cx="{across:.1f}" cy="{down:.1f}" r="3" fill="#06c"/>',
            f'<text x="{across:.1f}" y="{ABOVE + HEIGHT + 14}" text-anchor="middle">{x:g}</text>',
            f'<text x="{across:.1f}" y="{down - 7:.1f}" text-anchor="middle" fill="#06c">{y:.2g}</text>',
        ]
    parts.append(f'<text x="{x0 + WIDTH / 2}" y="{ABOVE + HEIGHT + 30}" text-anchor="middle">{unit}</text>')
    parts.append(
        f'<text x="{x0 - 10}" y="{ABOVE + HEIGHT / 2}" text-anchor="middle"'
        f' transform="rotate(-90 {x0 - 10} {ABOVE + HEIGHT / 2})">CPU seconds</text>'
    )
    return "\n".join(parts)
