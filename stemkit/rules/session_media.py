"""Rules about the media that items play."""

from __future__ import annotations

from typing import TYPE_CHECKING

from stemkit.model.report import Where
from stemkit.rules.registry import Problem, Unknown, rule
from stemkit.rules.session_context import PROJECT, counted, listed, spans
from stemkit.session.media import is_missing, played_sources
from stemkit.session.sound import playing_items, playing_takes

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from stemkit.model.audio import AudioFacts, Gap
    from stemkit.model.session import Item, Session, Source, Take, Track
    from stemkit.rules.session_context import SessionContext

__all__: list[str] = []

_AUDIO_KINDS = frozenset({"wave", "flac", "mp3", "vorbis"})  # what libsndfile can read where the file is sound
_LOSSY_KINDS = frozenset({"mp3", "vorbis", "opus"})
_LOSSY_ENDINGS = (".mp3", ".ogg", ".opus", ".m4a", ".aac", ".wma")
_NOBODY_LOOKED = object()
_SHOWN = 3


def _missing(track: Track) -> dict[str, tuple[Source, list[Item]]]:
    """Return the missing media of what plays on a track: by file as written, with the items that need it."""
    found: dict[str, tuple[Source, list[Item]]] = {}
    for item, source in played_sources(track):
        if is_missing(source):
            found.setdefault(source.media.file or "a file without a name", (source.media, []))[1].append(item)
    return found


@rule("SK113", "missing-media", severity="error", scope="session", guide="G2")
def missing_media(session: Session, context: SessionContext) -> Iterator[Problem]:
    """Every audio file that the song plays is there, online and whole.

    Why: A missing file is silence in the stem, and nobody hears that something should have been there. REAPER even
    stops and waits for an answer when it opens such a project to render it.

    Fix in REAPER: View > Project Media/FX Bay: right-click the missing file and replace it; for offline media,
    Actions > Show action list > Item: Set all media online. Then File > Save project as, with "Copy all media into
    project directory".

    Fix in any DAW: Relink the missing file, or collect all files into the project folder.

    Source: reaper-facts.md 0.10, 5.3 (``_OFFLINE_``) and 7.
    """
    missing = {track.guid: found for track in session.tracks if (found := _missing(track))}
    alone = not any(_is_there(source) for track in session.tracks for _, source in played_sources(track))
    heard = [files for guid, files in missing.items() if context.heard(guid) and not context.excluded(guid)]
    every = {file: media for files in heard for file, (media, _) in files.items()}
    if alone and len(every) > 1:
        said = f"None of the {len(every)} media files is there: the project seems to have been copied without them."
        yield Problem(subject=PROJECT, message=f"{said}{_searched(every.values())}", measured=len(every), expected="0")
    for track in session.tracks:
        if track.guid not in missing:
            continue
        found = missing[track.guid]
        items = [item for _, needing in found.values() for item in needing]
        offline = all(media.offline for media, _ in found.values())
        places = "" if alone and len(every) > 1 else _searched(media for media, _ in found.values())
        silent = None if context.heard(track.guid) else "the track is not heard"
        yield Problem(
            subject=context.labels[track.guid],
            message=(
                f"{counted(len(found), 'media file')} {'offline' if offline else 'not found'}, "
                f"{counted(len(items), 'item')} silent: {listed(found, _SHOWN)}.{places}"
            ),
            measured=len(found),
            expected="0",
            where=spans(items),
            severity=None if silent is None else "note",
            handled=context.excluded(track.guid) or silent,
        )
    yield from _broken_media(session, context)


def _broken_media(session: Session, context: SessionContext) -> Iterator[Problem]:
    for track in session.tracks:
        sources = {source.media.file: source.media for _, source in played_sources(track)}
        broken = {file: said for file, media in sources.items() if (said := _what_is_broken(media, context))}
        if broken:
            told = [f"{file} ({said})" for file, said in broken.items()]
            yield Problem(
                subject=context.labels[track.guid],
                message=f"{counted(len(broken), 'media file')} not whole: {listed(told, _SHOWN)}.",
                measured=len(broken),
                expected="0",
                severity=None
                if any(media.resolved_path in context.damage for media in sources.values())
                else "warning",
                handled=context.excluded(track.guid)
                or (None if context.heard(track.guid) else "the track is not heard"),
            )


def _what_is_broken(media: Source, context: SessionContext) -> str | None:
    """Say what is wrong with a file that is there; None where nothing is, or where only REAPER knows its kind."""
    path = media.resolved_path
    if media.kind not in _AUDIO_KINDS or path is None or media.offline:
        return None
    if path in context.damage:
        return context.damage[path]
    return "it cannot be read" if context.media.get(path, _NOBODY_LOOKED) is None else None


@rule("SK127", "lossy-media", severity="warning", scope="session", guide="G2")
def lossy_media(session: Session, context: SessionContext) -> Iterator[Problem]:
    """No MP3, Ogg or other lossy file plays in the song.

    Why: What a lossy codec threw away does not come back in a WAV: a stem of an MP3 sounds like one, the more so the
    more it is worked on, and a checker on the other side finds it.

    Fix in REAPER: select the item, Item properties (F2) > Choose new file, and take the recording that the file was
    made from; where there is none, say so in the brief.

    Fix in any DAW: Put the original recordings back in the place of lossy files; where there are none, say so.

    Source: Guide G2 ("never MP3, AAC or another lossy format").
    """
    for track in session.tracks:
        if not context.heard(track.guid):
            continue
        files = dict.fromkeys(s.media.file for _, s in played_sources(track) if _is_lossy(s.media))
        if files:
            yield Problem(
                subject=context.labels[track.guid],
                message=f"{counted(len(files), 'lossy file')} played: {listed(files, _SHOWN)}.",
                measured=len(files),
                expected="0",
                handled=context.excluded(track.guid),
            )


def _is_lossy(media: Source) -> bool:
    return media.kind in _LOSSY_KINDS or media.file.lower().endswith(_LOSSY_ENDINGS)


def _is_there(source: Source) -> bool:
    return source.media.resolved_path is not None and not source.media.offline


def _searched(sources: Iterable[Source]) -> str:
    """Say where the first of the files was looked for, and in how many other places."""
    looked = next((source.searched for source in sources if source.searched and not source.offline), ())
    if not looked:
        return ""
    return f" Looked for {looked[0]}" + (f" and in {counted(len(looked) - 1, 'other place')}." if looked[1:] else ".")


def _noisy(facts: AudioFacts, limit_dbfs: float) -> tuple[Gap, ...]:
    return tuple(g for g in facts.gaps if not g.digital and g.noise_dbfs is not None and g.noise_dbfs > limit_dbfs)


def _in_song(item: Item, take: Take, gap: Gap, rate: int) -> Where | None:
    """Return where an item plays a stretch of its media; None where it does not, or where the way is not plain."""
    source = take.source
    if source is None or source.child is not None or take.stretch_markers or take.play_rate <= 0:
        return None
    start = item.position_s + (gap.start_frame / rate - take.source_offset_s) / take.play_rate
    end = item.position_s + (gap.end_frame / rate - take.source_offset_s) / take.play_rate
    start, end = max(start, item.position_s), min(end, item.end_s)
    return Where(start_s=start, end_s=end) if end - start > 0 else None


def _noise_in(track: Track, context: SessionContext, limit_dbfs: float) -> list[tuple[Where, float]]:
    """Return where in the song a track's items hold noise in gaps, and how loud it is, in order of time."""
    found: list[tuple[Where, float]] = []
    for item in playing_items(track):
        for take in playing_takes(item):
            path = None if take.source is None else take.source.media.resolved_path
            facts = None if path is None else context.audio.get(path)
            if facts is None:
                continue
            for gap in _noisy(facts, limit_dbfs):
                place = _in_song(item, take, gap, facts.sample_rate)
                if place is not None and place.end_s - place.start_s >= context.profile.content.gap_min_s:
                    found.append((place, gap.noise_dbfs or limit_dbfs))
    return sorted(found, key=lambda row: row[0].start_s)


@rule("SK118", "noisy-gap", severity="note", scope="session", guide="G3")
def noisy_gap(session: Session, context: SessionContext) -> Iterator[Problem | Unknown]:
    """Gaps inside items are silent.

    Why: Hiss, hum and headphone spill between the phrases of forty tracks add up to a noise floor.

    Fix in REAPER: Item > Item processing > Dynamic split items, then short fades; or split at the gap by hand (S)
    and delete it.

    Fix in any DAW: Strip silence, or cut the gaps and fade the edges.

    Source: Guide G3; the limit is the profile's `gap_noise_max_dbfs`.
    """
    limit = context.profile.content.gap_noise_max_dbfs
    if not context.audio or limit is None:
        reason = context.audio_unknown if limit is not None else "the profile sets no limit for noise in gaps"
        yield Unknown(subject=PROJECT, reason=reason)
        return
    for track in session.tracks:
        if not context.heard(track.guid):
            continue
        noise = _noise_in(track, context, limit)
        if noise:
            loudest = max(level for _, level in noise)
            total = sum(place.end_s - place.start_s for place, _ in noise)
            yield Problem(
                subject=context.labels[track.guid],
                message=f"{counted(len(noise), 'gap')}, {total:.1f} s in all, with noise of up to {loudest:.0f} dBFS.",
                measured=round(loudest, 1),
                expected=f"at most {limit:g}",
                unit="dBFS",
                where=tuple(place for place, _ in noise[:5]),
                handled=context.excluded(track.guid),
            )
