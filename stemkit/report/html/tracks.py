"""The project in place of files: tracks as a tree, what is in, what is out and why, and the routing. Pure."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from stemkit.model.report import Report
    from stemkit.model.session import Track

__all__ = ["tracks_view"]

_ROW = 18  # height of a row in the routing drawing


def _depths(tracks: tuple[Track, ...]) -> list[int]:
    depth, depths = 0, []
    for track in tracks:
        depths.append(depth)
        depth = max(0, depth + track.depth_change)
    return depths


def _arcs(tracks: tuple[Track, ...]) -> list[dict[str, Any]]:
    """Return the sends as half circles between the rows of their tracks."""
    row = {track.guid: index for index, track in enumerate(tracks)}
    arcs = []
    for track in tracks:
        for send in track.receives:
            if send.source_guid not in row or send.source_channels is None:
                continue
            y1, y2 = ((row[g] + 0.5) * _ROW for g in (send.source_guid, track.guid))
            reach = min(110.0, 12 + abs(y2 - y1) / 3)
            arcs.append(
                {
                    "d": f"M4 {y1:.0f}C{reach:.0f} {y1:.0f} {reach:.0f} {y2:.0f} 4 {y2:.0f}",
                    "end": round(y2),
                    "muted": send.mute,
                    "text": f"{tracks[row[send.source_guid]].name or 'unnamed'} → {track.name or 'unnamed'}",
                }
            )
    return arcs


def tracks_view(report: Report) -> dict[str, Any] | None:
    """Return the rows of the track tree and the arcs of the sends; None where nothing was planned."""
    session, plan = report.session, report.plan
    if session is None or plan is None or not session.tracks:
        return None
    stems: dict[str, list[str]] = {}
    reasons: dict[str, str] = {}
    for stem in plan.stems:
        for guid, _ in stem.cuts:
            stems.setdefault(guid, []).append(stem.file_name)
            reasons.setdefault(guid, stem.reason)
    reasons |= {e.guid: e.reason for e in plan.excluded}
    hard = {key: "; ".join(f.reasons) for key, f in report.fidelity.items() if f.level == "impossible"}
    rows = []
    for track, depth in zip(session.tracks, _depths(session.tracks), strict=True):
        names = stems.get(track.guid, [])
        rows.append(
            {
                "number": track.index + 1,
                "name": track.name or "(no name)",
                "depth": min(depth, 8),
                "folder": track.depth_change > 0,
                "muted": track.mute,
                "stems": names,
                "inside": bool(names),
                "reason": reasons.get(track.guid, ""),
                "needs": next((hard[name] for name in names if name in hard), ""),
            }
        )
    arcs = _arcs(session.tracks)
    return {"rows": rows, "arcs": arcs, "height": len(rows) * _ROW, "row_height": _ROW}
