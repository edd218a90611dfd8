"""A second mixer, written apart from the engine: whole arrays, pulled from the master, no shared code.

It knows the same facts (mixing-math sheet) and nothing of the engine. Slow and plain on purpose.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from tests.render.builtin.engine_reference_takes import envelope_values, fade_curve, half_up, take_sound

if TYPE_CHECKING:
    from collections.abc import Mapping

    from stemkit.model.plan import PlannedStem, RenderPlan
    from stemkit.model.session import Envelope, Item, Send, Session

    Sound = Any
MASTER = "the master"


class Reference:
    """Whole-array mixes of a session over frames `start` … `start + frames`."""

    def __init__(self, song: Session, wish: RenderPlan) -> None:
        self.song, self.plan, self.rate = song, wish, wish.sample_rate
        self.start, self.frames = wish.bounds.start_frame, wish.bounds.frames
        self.tracks = {t.guid: t for t in song.tracks}
        self.times = (self.start + np.arange(self.frames)) / self.rate
        self.parent: dict[str, str] = {}
        folders: list[str] = []
        for t in song.tracks:
            self.parent[t.guid] = folders[-1] if folders else MASTER
            if t.depth_change > 0:
                folders.append(t.guid)
            for _ in range(-t.depth_change):
                folders.pop()

    def automation(self, own: int) -> int:
        return own if self.song.automation_override < 0 else self.song.automation_override

    def silent(self, guid: str) -> bool:
        return guid != MASTER and (
            self.tracks[guid].mute or (self.parent[guid] != MASTER and self.silent(self.parent[guid]))
        )

    def own(self, guid: str) -> Sound:
        out = np.zeros((self.frames, 2))
        track = self.tracks[guid]
        shift = 0.0 if track.play_offset_flags & 1 else track.play_offset
        shift = shift / self.rate if track.play_offset_flags & 2 else shift
        heard = [it for it in track.items if not it.mute]
        for it in heard:
            first = half_up((it.position_s + shift) * self.rate)
            last = half_up((it.position_s + it.length_s + shift) * self.rate)
            if last <= first:
                continue
            takes = it.takes if it.all_takes else [it.active_take]
            sound = sum(take_sound(self.song, it, t, last - first, self.rate) for t in takes if t and t.source)
            k = np.arange(last - first)
            for fade, distance in ((it.fade_in, k), (it.fade_out, (last - first) - k)):
                length = fade.auto_length_s if fade.auto_length_s > 0 else fade.length_s
                if length > 0:
                    sound = sound * fade_curve(fade, distance / (length * self.rate))[:, None]
            for hole, end in self.holes(it, heard) if self.song.item_mix == 0 else ():
                a, b = half_up((hole + shift) * self.rate), half_up((end + shift) * self.rate)
                sound[max(0, a - first) : max(0, b - first)] = 0
            a, b = max(first, self.start), min(last, self.start + self.frames)
            if a < b:
                out[a - self.start : b - self.start] += sound[a - first : b - first]
        return out

    def holes(self, it: Item, heard: list[Item]) -> list[tuple[float, float]]:
        """Where items that lie wholly inside this one take its place; of two alike the later in the list is inside."""
        inside = []
        for other in heard:
            within = it.position_s <= other.position_s and other.end_s <= it.end_s
            alike = it.position_s == other.position_s and other.end_s == it.end_s
            later = [x is it for x in heard].index(True) < [x is other for x in heard].index(True)
            if other is not it and within and (later or not alike):
                inside.append((other.position_s, other.end_s))
        return inside

    def value(self, envs: tuple[Envelope, ...], target: str, stage: tuple[str, ...], neutral: float) -> Sound | None:
        found = [e for e in envs if e.active and e.target == target and e.stage in stage]
        return envelope_values(self.song, found[0], self.times, neutral) if found else None

    def controls(
        self, envs: tuple[Envelope, ...], mode: int, fader: float, knob: float, stage: tuple[str, ...]
    ) -> tuple[Sound, Sound]:
        volume, pan = self.value(envs, "volume", stage, 1.0), self.value(envs, "pan", stage, 0.0)
        mute = self.value(envs, "mute", stage, 1.0)
        gain = np.full(self.frames, fader) if volume is None else volume * (fader if mode == 0 else 1.0)
        place = np.full(self.frames, knob) if pan is None else (knob if mode == 0 else 0.0) - pan
        return gain if mute is None else gain * (mute >= 0.5), np.clip(place, -1, 1)

    def panned(self, sound: Sound, gain: Sound, p: Sound, mode: int, law: float) -> Sound:
        if mode == 0:
            return sound * np.stack([gain * np.minimum(1, 1 - p), gain * np.minimum(1, 1 + p)], axis=1)
        g = (np.sqrt(2) - 1 / np.cos(np.pi * np.abs(p) / 4)) / (np.sqrt(2) - 1)
        k = gain * (1 + (law * np.sqrt(2) - 1) * g)
        left, right = k * np.cos((1 + p) * np.pi / 4), k * np.sin((1 + p) * np.pi / 4)
        if law == 0.5:
            left, right = gain * (1 - p) / 2, gain * (1 + p) / 2
        if mode == 3:
            return np.stack([sound[:, 0] * left, sound[:, 1] * right], axis=1)
        r, m = np.maximum(p, 0), np.maximum(-p, 0)
        lower = sound[:, 0] / (1 + m) + sound[:, 1] * m / (1 + m)
        upper = sound[:, 1] / (1 + r) + sound[:, 0] * r / (1 + r)
        return np.stack([left * lower, right * upper], axis=1)

    def taps(self, guid: str, sound: Sound) -> dict[int, Sound]:
        """Sound before the effects (1), before the fader (3) and after everything (0)."""
        t = self.tracks[guid]
        mode = self.automation(t.automation_mode)
        before, _ = self.controls(t.envelopes, 0, 1.0, 0.0, ("pre_fx",))
        pre_fx = sound * before[:, None]
        pre_fader = -pre_fx if t.phase_inverted else pre_fx
        gain, pan = self.controls(t.envelopes, mode, t.volume, t.pan, ("post_fx",))
        trim, _ = self.controls(t.envelopes, 0, 1.0, 0.0, ("trim",))
        law = self.song.pan.law if t.pan_law is None else t.pan_law
        pan_mode = self.song.pan.mode if t.pan_mode is None else t.pan_mode
        return {1: pre_fx, 3: pre_fader, 0: self.panned(pre_fader, gain * trim, pan, pan_mode, law)}

    def sent(self, send: Send, sound: Sound) -> Sound:
        source = self.tracks[send.source_guid]
        mode = self.automation(source.automation_mode if send.automation_mode < 0 else send.automation_mode)
        gain, pan = self.controls(send.envelopes, mode, send.volume, send.pan, ("send",))
        if send.mono:
            sound = np.repeat(sound.mean(axis=1, keepdims=True), 2, axis=1)
        law = self.song.pan.law if send.pan_law is None else send.pan_law
        return self.panned(sound, gain * (-1 if send.phase_inverted else 1), pan, 3, law)

    def arriving(self, guid: str, cuts: Mapping[str, str], stops: frozenset[str]) -> Sound:
        """What reaches a track (or the master) of the sound that enters at the cuts."""
        out = np.zeros((self.frames, 2))
        if guid in cuts:
            everything = {g: "items" for g in self.tracks if not self.silent(g)}
            out += self.own(guid) if cuts[guid] == "items" else self.arriving(guid, everything, frozenset())
        if guid in stops:
            return out
        for child in self.tracks.values():
            if self.parent[child.guid] == guid and child.main_send.enabled and not self.silent(child.guid):
                out += self.taps(child.guid, self.arriving(child.guid, cuts, stops))[0]
        for send in () if guid == MASTER else self.tracks[guid].receives:
            if not send.mute and not self.silent(send.source_guid) and not self.silent(guid):
                out += self.sent(
                    send, self.taps(send.source_guid, self.arriving(send.source_guid, cuts, stops))[send.mode]
                )
        return out

    def stem(self, wish: PlannedStem) -> Sound:
        cuts = {guid: inputs for guid, inputs in wish.cuts if not self.silent(guid)}
        return self.arriving(MASTER, cuts, self.plan.stops)

    def proof(self) -> Sound:
        return self.arriving(MASTER, {g: "items" for g in self.tracks if not self.silent(g)}, frozenset())

    def rough(self) -> Sound:
        m = self.song.master
        gain, pan = self.controls(
            m.envelopes, self.automation(m.automation_mode), m.volume, m.pan, ("master", "post_fx")
        )
        out = self.panned(self.proof(), gain, pan, self.song.pan.mode, self.song.pan.law)
        return np.repeat(out.mean(axis=1, keepdims=True), 2, axis=1) if m.mute_solo & 4 else out
