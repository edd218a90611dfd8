"""Everything of a package but its rendered audio: references, session files, MIDI, brief, report, manifest, hashes."""

from __future__ import annotations

import hashlib
import shutil
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from stemkit._version import __version__
from stemkit.render.layout import MIX_KEYS

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import datetime

    from stemkit.app.prepare import Prepared
    from stemkit.app.render import Rendered
    from stemkit.delivery.session_layout import SessionLayout
    from stemkit.model.audio import FileFacts
    from stemkit.model.delivery import Brief, Manifest, ManifestFile
    from stemkit.model.report import Report

__all__ = ["PackageJob", "copy_audio", "gain_of", "write_lists", "write_papers"]

_KINDS = {"rpp": "session", "dawproject": "session", "mid": "midi"}


@dataclass(frozen=True, slots=True, kw_only=True)
class PackageJob:
    """One package on its way. `folder` is the hidden one; `name` the final one's."""

    folder: Path
    name: str
    prepared: Prepared
    rendered: Rendered
    brief: Brief
    made_at: datetime

    @property
    def title(self) -> str:
        """The song."""
        return self.brief.title or self.prepared.session.title or self.prepared.plan.project

    @property
    def artist(self) -> str:
        """Who made it; empty where nobody said."""
        return self.brief.artist or self.prepared.session.author


def copy_audio(folder: Path, references: Sequence[Path], rough_mix: Path | None) -> None:
    """Copy references and a given rough mix in as they are, under names that every system takes."""
    from stemkit.delivery.zip_names import folded, safe_name

    taken: set[str] = set()
    for source in references:
        stem, suffix = safe_name(source.stem, "Reference"), source.suffix.lower()
        name = next(
            candidate
            for number in range(1, len(references) + 2)
            if folded(candidate := f"{stem}{'' if number == 1 else f'_{number}'}{suffix}") not in taken
        )
        taken.add(folded(name))
        (folder / "References").mkdir(exist_ok=True)
        shutil.copyfile(source, folder / "References" / name)
    if rough_mix is not None:
        (folder / "Mix").mkdir(exist_ok=True)
        shutil.copyfile(rough_mix, folder / "Mix" / f"Rough_Mix{rough_mix.suffix.lower()}")


def gain_of(job: PackageJob) -> str:
    """Explain in one sentence how the stems were levelled."""
    from stemkit.delivery.brief_text import gain_sentence

    limits = job.prepared.profile.peak
    trims = [file.trim_db for file in job.rendered.written if file.key not in MIX_KEYS]
    mode = job.prepared.plan.gain
    return gain_sentence(mode, trims, low_dbfs=limits.min_dbfs, high_dbfs=limits.max_dbfs)


def write_papers(job: PackageJob, files: Sequence[FileFacts]) -> None:
    """Write session files, MIDI and the brief into the package."""
    from stemkit.delivery.session_dawproject import session_dawproject
    from stemkit.delivery.session_layout import lay_out
    from stemkit.delivery.session_rpp import session_rpp

    trims = {file.path: file.trim_db or 0.0 for file in files if file.role == "stem"}
    layout = lay_out(job.prepared.session, job.prepared.plan, files, trims, title=job.title, artist=job.artist)
    (job.folder / "Session.rpp").write_bytes(session_rpp(layout))
    packed = session_dawproject(layout, genre=job.brief.genre, made_at=job.made_at)
    (job.folder / "Session.dawproject").write_bytes(packed)
    _write_midi(job, layout)
    _write_brief(job, files)


def _write_midi(job: PackageJob, layout: SessionLayout) -> None:
    from stemkit.delivery.midi import instrument_midi, tempo_map_midi

    folder = job.folder / "MIDI"
    folder.mkdir(exist_ok=True)
    (folder / "Tempo_Map.mid").write_bytes(tempo_map_midi(layout))
    tracks = {track.guid: track for track in job.prepared.session.tracks}
    origin_s = job.prepared.plan.bounds.start_s - layout.position_s
    for stem in job.prepared.plan.stems:
        if stem.variant == "stem" and stem.cut_guid in tracks:
            notes = instrument_midi(job.prepared.session, tracks[stem.cut_guid], origin_s)
            if notes is not None:
                (folder / f"{stem.file_name}.mid").write_bytes(notes)


def _write_brief(job: PackageJob, files: Sequence[FileFacts]) -> None:
    from stemkit.delivery.brief_text import BriefStem, brief_markdown

    stems = [BriefStem(path=f.path, trim_db=f.trim_db or 0.0) for f in files if f.role == "stem"]
    references = [f for f in files if f.role == "reference"]
    text = brief_markdown(
        replace(job.brief, title=job.title, artist=job.artist),
        job.prepared.plan,
        stems,
        references,
        gain=gain_of(job),
        left_out=[entry.told for entry in job.rendered.left_out],
    )
    (job.folder / "Brief.md").write_text(text, encoding="utf-8", errors="replace", newline="\n")


def write_lists(job: PackageJob, report: Report) -> Manifest:
    """Write the report, the manifest and the checksums, in this order, each about all that is there by then."""
    from stemkit.delivery.checksums import CHECKSUMS_NAME, MANIFEST_NAME, checksum_lines
    from stemkit.delivery.manifest import manifest_bytes
    from stemkit.report.html import render_html

    page = render_html(report)
    (job.folder / "Report.html").write_text(page, encoding="utf-8", errors="replace", newline="\n")
    manifest = _manifest(job, report)
    data = manifest_bytes(manifest)
    (job.folder / MANIFEST_NAME).write_bytes(data)
    hashes = {file.path: file.sha256 for file in manifest.files}
    lines = checksum_lines(hashes | {MANIFEST_NAME: hashlib.sha256(data).hexdigest()})
    (job.folder / CHECKSUMS_NAME).write_text(lines, encoding="utf-8", newline="\n")
    return manifest


def _manifest(job: PackageJob, report: Report) -> Manifest:
    from stemkit.delivery.package import package_files
    from stemkit.model.delivery import Manifest
    from stemkit.report.json import report_dict

    plain = report_dict(report)
    session, plan = job.prepared.session, job.prepared.plan
    facts = {entry["path"]: entry for entry in plain["files"]}
    audio = {file.path: file for file in report.files}
    project = job.prepared.path.read_bytes()
    return Manifest(
        files=tuple(
            _listed(job, label, path, audio.get(label), facts.get(label))
            for label, path, _ in package_files(job.folder)
            if not label.startswith(".")
        ),
        tool=__version__,
        created=job.made_at.strftime("%Y-%m-%dT%H:%M:%SZ"),
        title=job.title,
        artist=job.artist,
        profile=plain["profile"],
        project={
            "file": job.prepared.path.name,
            "sha256": hashlib.sha256(project).hexdigest(),
            "reaper_version": session.reaper_version,
        },
        tempo={
            "bpm": session.tempo_bpm,
            "meter": list(session.meter),
            "points": [
                {"time_s": p.time_s, "bpm": p.bpm, "numerator": p.numerator, "denominator": p.denominator}
                | {"linear": p.linear}
                for p in session.tempo_points
            ],
        },
        key=job.brief.key,
        sample_rate=plan.sample_rate,
        bounds={**plain["plan"]["bounds"], "frames": _frames(report)},
        gain={"mode": plan.gain, "explanation": gain_of(job)},
        engine={"name": job.rendered.engine, "reason": job.rendered.engine_reason},
        proof=plain["set"]["sum"],
        excluded=tuple(plain["plan"]["excluded"]),
        left_out=tuple({"key": e.key, "reasons": list(e.reasons)} for e in job.rendered.left_out),
        findings=tuple(plain["findings"]),
    )


def _frames(report: Report) -> int:
    """Return the length that all stems have, which may be shorter than planned where all end in silence."""
    return max((f.audio.frames for f in report.files if f.role == "stem" and f.audio is not None), default=0)


def _listed(
    job: PackageJob, label: str, path: Path, file: FileFacts | None, facts: Mapping[str, Any] | None
) -> ManifestFile:
    from stemkit.model.delivery import ManifestFile

    size = path.stat().st_size
    if file is None or facts is None:
        kind = _KINDS.get(label.rpartition(".")[2], "document")
        digest = hashlib.sha256(path.read_bytes()).hexdigest()
        return ManifestFile(path=label, kind=kind, size_bytes=size, sha256=digest)  # type: ignore[arg-type]  # the table's values are kinds
    stems = {stem.file_name: stem for stem in job.prepared.plan.stems}
    stem = stems.get(Path(label).stem) if file.role == "stem" else None
    tracks = {track.guid: track for track in job.prepared.session.tracks}
    notes = dict(job.brief.notes)
    own = {"path", "role", "role_reason", "variant", "partner", "trim_db", "file_sha256", "audio_sha256"}
    return ManifestFile(
        path=label,
        kind="audio",
        size_bytes=size,
        sha256=file.file_sha256 or hashlib.sha256(path.read_bytes()).hexdigest(),
        audio_sha256=file.audio_sha256,
        role=file.role,
        variant=file.variant,
        partner=file.partner,
        number=None if stem is None else stem.number,
        source_tracks=tuple(
            {"guid": guid, "index": tracks[guid].index, "name": tracks[guid].name}
            for guid in (() if stem is None else stem.tracks or (stem.cut_guid,))
            if guid in tracks
        ),
        trim_db=file.trim_db,
        note=None if stem is None else notes.get(stem.name) or notes.get(stem.file_name),
        facts={key: value for key, value in facts.items() if key not in own},
    )
