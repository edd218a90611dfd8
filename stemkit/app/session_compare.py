"""In which fields the open project differs from its file."""

from __future__ import annotations

from dataclasses import fields, is_dataclass
from typing import Any

__all__ = ["session_differences"]

# What the functions do not tell (see `stemkit.reaper.live.NOT_TOLD`), by class; a session's origin is no difference.
_NOT_COMPARED = {
    "Marker": {"name"},
    "Region": {"name"},
    "Source": {"file", "searched", "file_flags", "offline", "midi", "section_overlap_s"},
    "RenderSettings": {"resample_mode"},
    "Effect": {"identifier"},
    "Session": {"source", "path", "reaper_version", "locked", "pooled_envelopes"},
    "Track": {"lanes_playing", "selected"},
}
_TOLERANCE = 1e-6


def session_differences(one: Any, other: Any, where: str = "") -> list[str]:
    """Name the fields in which two sessions differ, by place and without their values, which may be private.

    Parameters
    ----------
    one, other
        Sessions, or the same part of each.
    where
        The name of that part.
    """
    if is_dataclass(one) and type(one) is type(other):
        skipped = _NOT_COMPARED.get(type(one).__name__, set())
        return [
            found
            for field in fields(one)
            if field.name not in skipped
            for found in session_differences(
                getattr(one, field.name), getattr(other, field.name), f"{where}.{field.name}"
            )
        ]
    if isinstance(one, tuple) and isinstance(other, tuple):
        one = tuple(entry for entry in one if getattr(entry, "tag", "") != "PROGRAMENV")  # modulation is not told
        if len(one) != len(other):
            return [f"{where} (count)"]
        return [
            found
            for place, pair in enumerate(zip(one, other, strict=True))
            for found in session_differences(*pair, f"{where}[{place}]")
        ]
    numbers = isinstance(one, float) and isinstance(other, (int, float))
    same = abs(one - other) <= _TOLERANCE * max(1.0, abs(one)) if numbers else one == other
    return [] if same else [where]
