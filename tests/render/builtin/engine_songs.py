"""Sessions, plans and media made by hand for the engine's tests."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any, Literal

import numpy as np
import soundfile

from stemkit.model.plan import Bounds, Fidelity, PlannedStem, RenderPlan
from stemkit.model.session import Effect, Envelope, EnvelopePoint, FxChain, Item, Session, Source, Take, Track
from stemkit.render.builtin import BuiltinEngine

if TYPE_CHECKING:
    from pathlib import Path

    from numpy.typing import NDArray

    Sound = NDArray[Any]

RATE = 48_000
EQ = Effect(name="ReaEQ", kind="vst2", guid="{EQ}")
COMP = Effect(name="ReaComp", kind="vst2", guid="{COMP}")


def write_wav(path: Path, samples: Sound, rate: int = RATE, subtype: str = "DOUBLE") -> Source:
    """Write samples, shape (frames,) or (frames, channels), and give the source that plays them."""
    soundfile.write(path, samples, rate, subtype=subtype)
    return Source(kind="wave", file=path.name, resolved_path=str(path))


def item(
    source: Source | None,
    position_s: float = 0.0,
    length_s: float = 1.0,
    *,
    take: dict[str, Any] | None = None,
    **facts: Any,
) -> Item:
    """Build an item with one take; `take` holds facts of the take, the rest are facts of the item."""
    return Item(position_s=position_s, length_s=length_s, takes=(Take(source=source, **(take or {})),), **facts)


def track(guid: str, *items: Item, **facts: Any) -> Track:
    """Build a track whose name is its GUID; its index is set by `session`."""
    base: dict[str, Any] = {"guid": guid, "index": 0, "name": guid, "items": items}
    return Track(**(base | facts))


def session(*tracks: Track, **facts: Any) -> Session:
    """Build a session and number its tracks."""
    return Session(source="made", tracks=tuple(replace(t, index=i) for i, t in enumerate(tracks)), **facts)


def live(*effects: Effect, **facts: Any) -> FxChain:
    return FxChain(effects=effects, **facts)


def envelope(
    *points: tuple[float, float] | tuple[float, float, int] | tuple[float, float, int, float],
    target: Literal["volume", "pan", "mute", "width"] = "volume",
    stage: Literal["take", "pre_fx", "post_fx", "trim", "send", "master"] = "post_fx",
    **facts: Any,
) -> Envelope:
    """Build an active envelope from (time, value, shape, tension)."""
    names = ("time_s", "value", "shape", "tension")
    made = tuple(EnvelopePoint(**dict(zip(names, point, strict=False))) for point in points)  # type: ignore[arg-type]
    base: dict[str, Any] = {"tag": "ENV", "target": target, "stage": stage, "active": True, "points": made}
    return Envelope(**(base | facts))


def stem(guid: str, inputs: Literal["items", "all"] = "items", **facts: Any) -> PlannedStem:
    """Plan a stem whose key is the GUID of its track."""
    base: dict[str, Any] = {
        "number": 1,
        "name": guid,
        "file_name": guid,
        "kind": "track",
        "cut_guid": guid,
        "inputs": inputs,
    }
    return PlannedStem(**(base | facts))


def plan(*stems: PlannedStem, seconds: float = 1.0, rate: int = RATE, start_frame: int = 0, **facts: Any) -> RenderPlan:
    """Plan stems over `seconds` from `start_frame` on; stops are the cuts that take everything."""
    stops = frozenset(guid for s in stems for guid, inputs in s.cuts if inputs == "all")
    frames = round(seconds * rate)
    bounds = Bounds(
        start_s=start_frame / rate, end_s=(start_frame + frames) / rate, start_frame=start_frame, frames=frames
    )
    base: dict[str, Any] = {
        "project": "test",
        "by": "track",
        "stems": stems,
        "excluded": (),
        "stops": stops,
        "bounds": bounds,
        "sample_rate": rate,
        "sample_rate_reason": "test",
    }
    return RenderPlan(**(base | facts))


def render(
    song: Session,
    wish: RenderPlan,
    folder: Path,
    *,
    keys: frozenset[str] | None = None,
    block_frames: int = 65_536,
    **engine: Any,
) -> dict[str, Sound]:
    """Render and read back every file, shape (frames, channels)."""
    mixer = BuiltinEngine(**engine)
    mixer.block_frames = block_frames
    audio = mixer.render(song, wish, folder, keys=keys)
    return {a.key: soundfile.read(a.path, always_2d=True)[0] for a in audio}


def verdict(song: Session, wish: RenderPlan, key: str, **engine: Any) -> Fidelity:
    """Judge one key of a plan."""
    return BuiltinEngine(**engine).fidelity(song, wish)[key]


def noise(seed: int, frames: int, channels: int = 2) -> Sound:
    """Noise at about -20 dBFS, the same for the same seed."""
    return np.random.default_rng(seed).standard_normal((frames, channels)) * 0.1


def null_db(got: Sound, wanted: Sound) -> float:
    """Residual over the wanted sound in dB (RMS)."""
    size = float(np.sqrt(np.mean(np.square(wanted))))
    rest = float(np.sqrt(np.mean(np.square(got - wanted))))
    return float(20 * np.log10(max(rest, 1e-12) / max(size, 1e-4)))
