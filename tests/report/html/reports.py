"""Reports to look at, made from nothing but numbers."""

from __future__ import annotations

import math
import random

from stemkit.model.audio import AudioFacts, ContainerFacts, FileFacts, Gap, SumFacts
from stemkit.model.plan import Bounds, ExcludedTrack, Fidelity, PlannedStem, RenderPlan
from stemkit.model.report import Finding, Report, Skip, Where
from stemkit.model.session import Marker, Send, Session, Track

HOSTILE = (
    "<img src=x onerror=alert(1)>",
    '"><script>alert(2)</script>',
    "</script><script>alert(3)</script>",
    "\u202eevil\u0301\u0302",
    "long" * 75,
    "{{ 7 * 7 }}",
)


def audio(seed: int, columns: int, seconds: float = 240.0) -> AudioFacts:
    rng = random.Random(seed)
    envelope = []
    for index in range(columns):
        level = 0.0 if (index * 8 // columns + seed) % 4 == 0 else abs(math.sin(index / columns * 13 + seed)) * 0.6
        high = level * rng.random()
        envelope.append((-high, high * 0.9))
    return AudioFacts(
        sample_rate=48000,
        channels=2,
        frames=round(48000 * seconds),
        sample_peak_dbfs=-4.5 + seed % 3,
        true_peak_dbtp=-4.2,
        integrated_lufs=-20.1,
        crest_db=12.3,
        image="stereo",
        gaps=(Gap(start_frame=48000 * 20, end_frame=48000 * 25, digital=False, noise_dbfs=-61.0),),
        tail_cut=seed == 2,
        envelope=tuple(envelope),
    )


def file(path: str, seed: int, columns: int = 600) -> FileFacts:
    return FileFacts(
        path=path,
        role="rough_mix" if path.startswith("Mix/") else "stem",
        container=ContainerFacts(container="wav", size_bytes=1, encoding="pcm24", sample_rate=48000, channels=2),
        audio=audio(seed, columns),
        trim_db=1.5,
    )


def check_report(stems: int = 6, *, columns: int = 600, names: tuple[str, ...] = ()) -> Report:
    paths = ["Mix/Rough_Mix.wav", *(f"Stems/{name}.wav" for name in names)]
    paths += [f"Stems/{n:02d}_Stem.wav" for n in range(1, stems + 1 - len(names))]
    findings = (
        Finding(
            rule="SK303",
            name="clipping",
            severity="error",
            subject=paths[2],
            message="12 runs of clipped samples.",
            guide="G1",
            where=(Where(start_s=12.1, end_s=12.2), Where(start_s=100, end_s=100.01)),
        ),
        Finding(rule="SK302", name="peak-below-window", severity="note", subject=paths[1], message="Low.", guide="G1"),
        Finding(rule="SK505", name="noise-in-gaps", severity="warning", subject=paths[1], message="Noise.", guide="G3"),
        Finding(
            rule="SK502",
            name="one-sided",
            severity="note",
            subject=paths[1],
            message="One side is silent.",
            handled="the track is panned hard",
            guide="G3",
        ),
    )
    return Report(
        kind="check",
        subject="/x/Artist - Song",
        profile_id="mix-prep",
        profile_title="Stems for a mixing engineer",
        findings=findings,
        checked=("SK201", "SK302", "SK303", "SK502", "SK505"),
        skipped=(Skip(rule="SK401", subject="the set", reason="no project"),),
        files=tuple(file(path, seed, columns) for seed, path in enumerate(paths)),
        sum=SumFacts(
            reference="Mix/Rough_Mix.wav",
            null_db=-138,
            verdict="The stems add up to the mix, −138 dB.",
            per_second_db=tuple(-90.0 + second % 60 for second in range(240)),
        ),
        session=Session(source="rpp", markers=(Marker(index=1, position_s=60, name="Chorus"),)),
    )


def plan_report() -> Report:
    tracks = (
        Track(guid="{1}", index=0, name="Drums", depth_change=1),
        Track(guid="{2}", index=1, name=HOSTILE[0], depth_change=-1),
        Track(guid="{3}", index=2, name="Reverb", receives=(Send(source_guid="{2}", destination_guid="{3}"),)),
        Track(guid="{4}", index=3, name="Old take", mute=True),
    )
    stem = PlannedStem(
        number=1, name="Kick", file_name="01_Kick", kind="track", cut_guid="{2}", inputs="items", reason="it has items"
    )
    plan = RenderPlan(
        project="Song",
        by="track",
        stems=(stem,),
        excluded=(ExcludedTrack(guid="{4}", index=3, name="Old take", reason="it is muted", code="muted"),),
        stops=frozenset(),
        bounds=Bounds(start_s=0, end_s=10, start_frame=0, frames=480000),
        sample_rate=48000,
        sample_rate_reason="the project's",
    )
    return Report(
        kind="plan",
        subject="/x/Song.rpp",
        profile_id="mix-prep",
        profile_title="Stems for a mixing engineer",
        session=Session(source="rpp", tracks=tracks),
        plan=plan,
        fidelity={"01_Kick": Fidelity(level="impossible", reasons=("it has an instrument",))},
    )
