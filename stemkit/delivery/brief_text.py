"""`Brief.md`: the brief in plain sentences, for somebody who opens nothing but this file. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from stemkit.rules.words import stem_of, without_number, words

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from stemkit.model.audio import FileFacts
    from stemkit.model.delivery import Brief, ReferenceNote
    from stemkit.model.plan import RenderPlan

__all__ = ["BriefStem", "brief_markdown", "gain_sentence"]


@dataclass(frozen=True, slots=True, kw_only=True)
class BriefStem:
    """One stem as the brief lists it."""

    path: str
    trim_db: float
    reason: str = ""


def gain_sentence(mode: str, trims_db: Iterable[float], *, low_dbfs: float | None, high_dbfs: float | None) -> str:
    """Explain in one sentence how the stems were levelled.

    Parameters
    ----------
    mode
        ``window``, ``common`` or ``none``.
    trims_db
        The trim of each stem.
    low_dbfs, high_dbfs
        The profile's window for peaks.
    """
    trims = list(trims_db)
    if mode == "none" or not any(trims):
        return "No stem was made louder or quieter: with all faders at 0 dB you hear the balance of the rough mix."
    if mode == "common":
        by_db = next(trim for trim in trims if trim)
        return (
            f"All stems were changed by the same {by_db:+.1f} dB, so with all faders at one height you hear the "
            "balance of the rough mix."
        )
    window = f"between {low_dbfs:g} and {high_dbfs:g} dBFS" if low_dbfs is not None and high_dbfs is not None else ""
    return (
        f"Each stem was brought by itself to a peak {window or 'that leaves headroom'}; the faders in Session.rpp "
        "and Session.dawproject are set so that you still hear the balance of the rough mix."
    )


def brief_markdown(
    brief: Brief,
    plan: RenderPlan,
    stems: Sequence[BriefStem],
    references: Sequence[FileFacts],
    *,
    gain: str,
    left_out: Sequence[str] = (),
) -> str:
    """Write the brief.

    Parameters
    ----------
    brief
        What the artist said; what is empty is left out.
    plan
        What was rendered.
    stems
        Every stem of the package, in order.
    references
        The measured reference files of the package.
    gain
        How the stems were levelled, one sentence.
    left_out
        What was planned and is not there, with the reason.
    """
    title = f"{brief.artist} - {brief.title}" if brief.artist else brief.title or plan.project
    parts = [f"# {_plain(title)}", *_about(brief), *_files(plan, stems, gain, left_out), *_notes(brief, stems)]
    parts += [*_effects(brief), *_references(brief, references), *_practical(brief)]
    return "\n\n".join(parts) + "\n"


def _plain(text: str) -> str:
    """Keep a text from being read as markup: one line, and nothing that begins a tag, link or heading."""
    line = " ".join(text.split())
    return "".join(f"\\{sign}" if sign in "\\`*_[]<>#|" else sign for sign in line)


def _sentence(text: str) -> str:
    text = _plain(text)
    return text if text.endswith((".", "!", "?")) else f"{text}."


def _about(brief: Brief) -> list[str]:
    told = []
    if brief.genre:
        told.append(f"The genre is {_sentence(brief.genre)}")
    if brief.platform:
        told.append(f"It will be released on {_sentence(brief.platform)}")
    if brief.mood:
        told.append(f"The mood is {_sentence(brief.mood)}")
    if brief.goal:
        told.append(f"What the mix should achieve: {_sentence(brief.goal)}")
    music = []
    if brief.tempo:
        music.append(f"The tempo is {_plain(brief.tempo)}")
    if brief.meter:
        music.append(f"the meter {_plain(brief.meter)}")
    if brief.key:
        music.append(f"the key {_plain(brief.key)}")
    if music:
        told.append(f"{', '.join(music)}. MIDI/Tempo\\_Map.mid holds tempo, meter and markers.")
    return [" ".join(told)] if told else []


def _files(plan: RenderPlan, stems: Sequence[BriefStem], gain: str, left_out: Sequence[str]) -> list[str]:
    form = {"pcm24": "24-bit", "float32": "32-bit float"}[plan.encoding]
    count = f"are {len(stems)} stems" if len(stems) != 1 else "is 1 stem"
    intro = (
        f"There {count}, {form} WAV at {plan.sample_rate / 1000:g} kHz, all with the same start and length. "
        f"{_sentence(plan.bounds.explanation or 'They start at bar 1')} {gain}"
    )
    rows = [f"- {_plain(stem.path)}{_trim(stem.trim_db)}" for stem in stems]
    missing = [f"Not in the package: {_sentence(entry)}" for entry in left_out]
    return ["## The files", intro, "\n".join(rows), *missing]


def _trim(trim_db: float) -> str:
    return f" ({'raised' if trim_db > 0 else 'lowered'} by {abs(trim_db):.1f} dB)" if trim_db else ""


def _notes(brief: Brief, stems: Sequence[BriefStem]) -> list[str]:
    if not brief.notes:
        return []
    by_words = {words(without_number(stem_of(stem.path))): stem_of(stem.path) for stem in stems}
    rows = []
    for name, note in brief.notes:
        stem = by_words.get(words(without_number(stem_of(name))), name)
        rows.append(f"- {_plain(stem)}: {_sentence(note)}")
    return ["## Notes for single stems", "\n".join(rows)]


def _effects(brief: Brief) -> list[str]:
    if not brief.effects_left_on:
        return []
    rows = [f"- {_plain(stem)}: {_sentence(effects)}" for stem, effects in brief.effects_left_on]
    return ["## Effects that are printed because they make the sound", "\n".join(rows)]


def _references(brief: Brief, files: Sequence[FileFacts]) -> list[str]:
    rows = [f"- {_plain(file.path)}: {_measured(file)}{_why(brief.references, file.path)}" for file in files]
    rows += [
        f"- {_plain(entry.link)}{f': {_sentence(entry.note)}' if entry.note else ''}"
        for entry in brief.references
        if entry.link
    ]
    return ["## References", "\n".join(rows)] if rows else []


def _measured(file: FileFacts) -> str:
    audio = file.audio
    if audio is None or audio.integrated_lufs is None:
        return "it could not be measured."
    peak = "" if audio.true_peak_dbtp is None else f", true peak {audio.true_peak_dbtp:.1f} dBTP"
    lossy = " It is a lossy file: good for the sound as a whole, not for its treble."
    packed = file.container.container in {"mp3", "ogg", "m4a"}
    return f"{audio.integrated_lufs:.1f} LUFS{peak}.{lossy if packed else ''}"


def _why(notes: Iterable[ReferenceNote], path: str) -> str:
    name = stem_of(path)
    note = next((entry.note for entry in notes if entry.note and words(stem_of(entry.file)) == words(name)), "")
    return f" {_sentence(note)}" if note else ""


def _practical(brief: Brief) -> list[str]:
    asked = [("multitrack or groups", brief.stems), ("effects", brief.effects), ("sample format", brief.depth)]
    told = [f"{what}: {_plain(text)}" for what, text in asked if text]
    lines = [f"What was asked for: {'; '.join(told)}."] if told else []
    if brief.markers:
        sections = ", ".join(f"{_plain(name)} at {_plain(place)}" for place, name in brief.markers)
        lines.append(f"Sections: {sections}.")
    if brief.lyrics:
        lines.append(f"Lyrics: {_sentence(brief.lyrics)}")
    if brief.deadline:
        lines.append(f"The deadline is {_sentence(brief.deadline)}")
    if brief.contact:
        lines.append(f"Contact: {_sentence(brief.contact)}")
    return ["## Practical", "\n\n".join(lines)] if lines else []
