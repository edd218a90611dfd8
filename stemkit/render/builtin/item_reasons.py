"""What of an item REAPER alone can play, and what this engine plays only nearly as REAPER does."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from stemkit.errors import EngineError
from stemkit.render.builtin.channels import DOWNMIX, RIGHT
from stemkit.render.builtin.fades import curve_number, effective_length_s, is_exact
from stemkit.render.builtin.grid import to_frame
from stemkit.render.builtin.item_mix import heard_items, silenced_spans
from stemkit.render.builtin.items import item_frames, play_offset_s, source_ratio
from stemkit.render.builtin.media import open_media
from stemkit.render.builtin.mp3 import HEADERLESS_SKIP_FRAMES, decoded_frames, has_delay_header
from stemkit.render.builtin.resample import EXACT_MODE, PHASES, phases_of
from stemkit.render.builtin.strip_reasons import audible_effects
from stemkit.session.sound import playing_takes

if TYPE_CHECKING:
    from stemkit.model.plan import RenderPlan
    from stemkit.model.session import Fade, Item, Session, Source, Take, Track
    from stemkit.render.builtin.reasons import Reasons

__all__ = ["ItemJudge"]

# A filter of 192 taps reaches 2 ms back. Under a fade-in of so long, sound or silence there differ by less than -110 dB
# of an item of a second; REAPER's own items have it.
_HIDING_FADE_S = 0.01
_LOSSLESS = frozenset({"wave", "flac", "aiff", "wavpack"})
_GENERATED = {
    "click": "a metronome click",
    "ltc": "a time-code generator",
    "rpp_project": "another REAPER project",
    "video": "video",
    "midi": "MIDI",
    "midipool": "MIDI",
}


@dataclass(frozen=True, slots=True)
class _Media:
    rate: int
    frames: int


class ItemJudge:
    """Judges the items of tracks; each media file's header is read once."""

    def __init__(self, session: Session, plan: RenderPlan) -> None:
        self._session, self._rate = session, plan.sample_rate
        self._start, self._end = plan.bounds.start_frame, plan.bounds.start_frame + plan.bounds.frames
        self._media: dict[str, _Media | None] = {}

    def judge(self, track: Track, label: str, reasons: Reasons) -> None:
        """Add the reasons of every item of a track that is heard inside the bounds."""
        offset_s = play_offset_s(track, self._rate)
        items = list(heard_items(track))
        replaced = silenced_spans(track, items, self._session.item_mix)
        for index, item in enumerate(items):
            start, end = item_frames(item, offset_s, self._rate)
            if end <= self._start or start >= self._end:
                continue
            if index in replaced:
                reasons.tally(f"another item takes the place of {{n}} on '{label}': REAPER's own way was not compared")
            if item.all_takes and len(item.takes) > 1:
                reasons.tally(f"all takes at once on {{n}} of '{label}': not compared with REAPER")
            self._fade(item.fade_in, reasons)
            self._fade(item.fade_out, reasons)
            if effective_length_s(item.fade_in) + effective_length_s(item.fade_out) > item.length_s + 1 / self._rate:
                reasons.tally("fades that overlap inside {n}: how REAPER joins them was not compared")
            for take in playing_takes(item):
                if take.source is not None and take.source.media.kind != "empty":
                    self._take(take, item, label, reasons)

    def _fade(self, fade: Fade, reasons: Reasons) -> None:
        if effective_length_s(fade) <= 0 or is_exact(fade):
            return
        bent = " with a bend" if fade.curvature else ""
        reasons.tally(f"fade shape {curve_number(fade.shape)}{bent} on {{n}}: REAPER's own curve is not known exactly")

    def _take(self, take: Take, item: Item, label: str, reasons: Reasons) -> None:
        assert take.source is not None
        name = f"'{take.name}' on '{label}'" if take.name else f"an item on '{label}'"
        self._source(take.source, name, reasons)
        self._processing(take, name, reasons)
        self._levels(take, label, reasons)
        media = self._probe(take.source)
        if media is not None:
            self._reading(take, item, media, reasons)

    def _source(self, source: Source, name: str, reasons: Reasons) -> None:
        media = source.media
        if media.kind in _GENERATED:
            reasons.impossible(f"{name} plays {_GENERATED[media.kind]}, which only REAPER can render")
        elif media.offline:
            reasons.impossible(f"the media of {name} is set offline in REAPER")
        elif media.resolved_path is None:
            reasons.impossible(f"the media file of {name} is missing: {media.file or 'no file name'}")
        elif self._probe(source) is None:
            reasons.impossible(f"the media file of {name} cannot be read without REAPER: {media.file}")
        elif media.kind not in _LOSSLESS:
            self._lossy(media, reasons)

    def _lossy(self, media: Source, reasons: Reasons) -> None:
        if media.kind != "mp3":
            reasons.tally(f"{{n}} in {media.kind} format: REAPER's decoder was not compared")
        elif media.resolved_path is not None and has_delay_header(media.resolved_path):
            reasons.tally("{n} in MP3 with an encoder's header: where REAPER begins it is known from one measurement")
        elif "1" not in media.file_flags[:1]:
            reasons.tally("{n} in MP3 that REAPER does not read without gaps: where it begins is not known")

    def _untold_length(self, media: Source, known_frames: int, reasons: Reasons) -> None:
        """Refuse an item that plays what libsndfile cannot reach of an MP3 whose length it has to guess."""
        path = media.resolved_path
        if path is not None and not has_delay_header(path) and decoded_frames(path) > known_frames:
            reasons.impossible(f"the MP3 {media.file} does not tell its length: convert it to WAV first")

    def _probe(self, source: Source) -> _Media | None:
        path = source.media.resolved_path
        if path is None or source.media.kind in _GENERATED:
            return None
        if path not in self._media:
            try:
                with open_media(path) as file:
                    self._media[path] = _Media(int(file.samplerate), int(file.frames))
            except EngineError:
                self._media[path] = None
        return self._media[path]

    def _processing(self, take: Take, name: str, reasons: Reasons) -> None:
        effects = audible_effects(take.fx)
        if effects:
            reasons.impossible(
                f"{name} has take effects that only REAPER can run: {', '.join(e.name for e in effects)}"
            )
        if take.stretch_markers:
            reasons.impossible(f"{name} has stretch markers, which only REAPER can follow")
        moved = any(e.active and e.target == "pitch" for e in take.envelopes)
        if take.pitch_semitones or moved:
            reasons.impossible(f"{name} is shifted in pitch, which only REAPER can do")
        elif take.play_rate != 1.0 and take.preserve_pitch:
            reasons.impossible(f"{name} is stretched in time at its pitch, which only REAPER can do")

    def _levels(self, take: Take, label: str, reasons: Reasons) -> None:
        if take.pan:
            reasons.tally(f"take pan on {{n}} of '{label}': REAPER's curve is known from one measurement only")
        if take.channel_mode == DOWNMIX or take.channel_mode > RIGHT:
            what = "mono downmix" if take.channel_mode == DOWNMIX else f"channel mode {take.channel_mode}"
            reasons.tally(f"{what} on {{n}}: REAPER's level there was not compared")
        if any(e.active and (e.points or e.automation_items) for e in take.envelopes):
            reasons.tally(f"take envelopes on {{n}} of '{label}': how REAPER smooths them is not known")

    def _reading(self, take: Take, item: Item, media: _Media, reasons: Reasons) -> None:
        source = take.source
        assert source is not None
        if source.child is not None:
            reasons.tally("{n} playing a section or backwards: not compared with REAPER")
        if take.play_rate != 1.0:
            reasons.tally("{n} at another play rate: how REAPER resamples there was not compared")
        elif media.rate != self._rate and self._session.render.resample_mode != EXACT_MODE:
            reasons.tally("{n} resampled in a mode other than REAPER's standard one, which was not compared")
        ratio = source_ratio(take, media.rate, self._rate)
        if take.play_rate == 1.0 and PHASES % phases_of(ratio):
            kilohertz = f"{media.rate / 1000:g} to {self._rate / 1000:g} kHz"
            reasons.tally(f"{{n}} converted from {kilohertz}: REAPER's filter for that pair was not compared")
        first = to_frame(take.source_offset_s, media.rate)
        if ratio != 1 and first > 0 and effective_length_s(item.fade_in) < _HIDING_FADE_S:
            reasons.tally("{n} converted from inside the source on without a fade-in: its first 2 ms are not confirmed")
        last = first + item.length_s * self._rate * float(ratio)
        if source.media.kind == "mp3" and last > media.frames - HEADERLESS_SKIP_FRAMES + 1:
            self._untold_length(source.media, media.frames, reasons)
        if item.loop and (last > media.frames + 1 or take.source_offset_s < 0):
            reasons.tally("{n} looping the source: how REAPER joins the ends is not confirmed")
