"""The audio of a package: rendered anew, or taken over from a run that was interrupted behind the rendering."""

from __future__ import annotations

import hashlib
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from stemkit._version import __version__

if TYPE_CHECKING:
    from collections.abc import Callable

    from stemkit.app.prepare import Prepared
    from stemkit.app.render import Rendered
    from stemkit.delivery.building import Building

    Progress = Callable[[float, str], None]

__all__ = ["DeliveryOrder", "fingerprint", "render_into"]

_BYTES_A_SAMPLE = 4
_PAPERS_BYTES = 32 << 20  # room for session files, report and manifest


@dataclass(frozen=True, slots=True, kw_only=True)
class DeliveryOrder:
    """What the user asked for, behind the inspection."""

    target: Path
    extras: list[Path]
    absent: tuple[str, ...]
    rough_mix: Path | None
    engine: str
    reaper: Path | None
    skip_impossible: bool
    overwrite: bool
    archive: bool
    select: tuple[str, ...]
    ignore: tuple[str, ...]
    accept: dict[str, str]
    jobs: int


def fingerprint(prepared: Prepared, order: DeliveryOrder) -> str:
    """Sum up what the audio depends on."""
    media = []
    for path in sorted(prepared.media):
        status = Path(path).stat()
        media.append((path, status.st_size, status.st_mtime_ns))
    is_open = prepared.session.source == "live"  # then its file may be older than what is open, or missing
    project = prepared.session if is_open else hashlib.sha256(prepared.path.read_bytes()).hexdigest()
    told = (__version__, project, prepared.choices, prepared.profile, media, order.engine, order.reaper)
    return hashlib.sha256(repr((told, order.skip_impossible, prepared.plan.rough_mix)).encode()).hexdigest()


def render_into(prepared: Prepared, building: Building, order: DeliveryOrder, progress: Progress | None) -> Rendered:
    """Render all audio, or take over what an interrupted run rendered completely."""
    from stemkit.app.render import render_prepared
    from stemkit.delivery.building import require_room

    if building.rendered is not None and _is_whole(building):
        building.keep_only(entry["path"] for entry in building.rendered["written"])
        return _recalled(building)
    building.rendered = None
    files = len(prepared.plan.stems) + 2
    audio = files * prepared.plan.bounds.frames * 2 * _BYTES_A_SAMPLE
    copies = sum(path.stat().st_size for path in (*order.extras, *([order.rough_mix] if order.rough_mix else [])))
    times = 3 if order.archive else 2  # staging, the finished files, and their zip
    require_room(building.folder, times * audio + copies + _PAPERS_BYTES)
    rendered = render_prepared(
        prepared,
        building.folder,
        engine=order.engine,
        reaper=order.reaper,
        skip_impossible=order.skip_impossible,
        overwrite=True,
        progress=progress,
    )
    building.remember(
        {
            "engine": rendered.engine,
            "engine_reason": rendered.engine_reason,
            "remarks": list(rendered.remarks),
            "left_out": [asdict(entry) for entry in rendered.left_out],
            "written": [
                {
                    "key": file.key,
                    "path": file.path.relative_to(building.folder).as_posix(),
                    "size": file.path.stat().st_size,
                    "trim_db": file.trim_db,
                    "level": file.fidelity.level,
                    "reasons": list(file.fidelity.reasons),
                }
                for file in rendered.written
            ],
        }
    )
    return rendered


def _is_whole(building: Building) -> bool:
    entries = (building.rendered or {}).get("written", [])
    paths = [(building.folder / entry["path"], entry["size"]) for entry in entries]
    return bool(paths) and all(path.is_file() and path.stat().st_size == size for path, size in paths)


def _recalled(building: Building) -> Rendered:
    from stemkit.app.render import LeftOut, Rendered, WrittenFile
    from stemkit.model.plan import Fidelity

    told: dict[str, Any] = building.rendered or {}
    return Rendered(
        engine=told["engine"],
        engine_reason=told["engine_reason"],
        written=tuple(
            WrittenFile(
                key=entry["key"],
                path=building.folder / entry["path"],
                trim_db=entry["trim_db"],
                fidelity=Fidelity(level=entry["level"], reasons=tuple(entry["reasons"])),
            )
            for entry in told["written"]
        ),
        remarks=tuple(told["remarks"]),
        left_out=tuple(LeftOut(key=e["key"], reasons=tuple(e["reasons"])) for e in told["left_out"]),
    )
