"""A second mixer, written apart from the engine: whole arrays, pulled from the master, no shared code.

It knows the same facts (mixing-math sheet) and nothing of the engine. Slow and plain on purpose.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import soundfile

if TYPE_CHECKING:
    from collections.abc import Mapping

    from stemkit.model.plan import PlannedStem, RenderPlan
    from stemkit.model.session import Envelope, EnvelopePoint, Fade, Item, Send, Session, Take

    Sound = Any
MASTER = "the master"


def half_up(x: float) -> int:
    return int(np.floor(x + 0.5))


def bezier_y(x: Sound, x1: float, y1: float, x2: float, y2: float) -> Sound:
    """Invert the abscissa by Newton's method kept inside a bracket."""
    lo, hi = np.zeros_like(x), np.ones_like(x)
    s = x.copy()
    for _ in range(80):
        at = ((1 - 3 * x2 + 3 * x1) * s + (3 * x2 - 6 * x1)) * s * s + 3 * x1 * s
        lo, hi = np.where(at < x, s, lo), np.where(at < x, hi, s)
        slope = (3 * (1 - 3 * x2 + 3 * x1) * s + 2 * (3 * x2 - 6 * x1)) * s + 3 * x1
        step = s - (at - x) / np.where(np.abs(slope) < 1e-9, 1.0, slope)
        s = np.where((step > lo) & (step < hi), step, (lo + hi) / 2)
    return ((1 - 3 * y2 + 3 * y1) * s + (3 * y2 - 6 * y1)) * s * s + 3 * y1 * s


def to_fader(gain: Sound) -> Sound:
    top = 3.981071705534973  # +12 dB
    return np.cbrt((-1 + np.sqrt(1 + 8 * np.asarray(gain) / top)) / 2)


def from_fader(slider: Sound) -> Sound:
    return 3.981071705534973 / 2 * (slider**3 + slider**6)


def curve_values(points: tuple[EnvelopePoint, ...], times: Sound, *, fader: bool, square: bool = False) -> Sound:
    known = sorted(points, key=lambda p: p.time_s)
    if square:
        found = np.searchsorted([p.time_s for p in known], times, side="right") - 1
        return np.array([p.value for p in known])[np.maximum(found, 0)]
    level = [float(to_fader(p.value)) if fader else p.value for p in known]
    out = np.full(len(times), level[0])
    for i, point in enumerate(known):
        here = times >= point.time_s
        if i + 1 == len(known):
            out[here] = level[i]
            break
        u = np.clip((times - point.time_s) / max(known[i + 1].time_s - point.time_s, 1e-300), 0, 1)
        b = 1 - abs(point.tension)
        shape = {
            0: lambda u: u,
            1: lambda u: 0 * u,
            2: lambda u: 3 * u**2 - 2 * u**3,
            3: lambda u: 3 * u - 3 * u**2 + u**3,
            4: lambda u: u * u * u,
        }.get(point.shape)
        if shape is None:
            p = (b / 4, 1 - 7 * b / 8, 3 * b / 4, 1 - b / 8) if fader else (b / 4, 1 - 3 * b / 4, 3 * b / 4, 1 - b / 4)
            q = (1 - p[2], 1 - p[3], 1 - p[0], 1 - p[1])
            bent = u if point.tension == 0 else bezier_y(u, *(p if point.tension < 0 else q))
        else:
            bent = shape(u)
        out[here] = (level[i] + (level[i + 1] - level[i]) * bent)[here]
    return from_fader(out) if fader else out


def envelope_values(song: Session, env: Envelope, times: Sound, neutral: float) -> Sound:
    square = env.target == "mute"
    plain = np.full(len(times), neutral)
    if env.points:
        plain = curve_values(env.points, times, fader=env.fader_scaled, square=square)
    for inst in sorted(env.automation_items, key=lambda a: a.position_s):
        pool = next(p for p in song.pooled_envelopes if p.pool_id == inst.pool_id)
        inside = (times >= inst.position_s) & (times < inst.position_s + inst.length_s)
        local = (times[inside] - inst.position_s) * inst.play_rate + inst.start_offset_s
        if inst.loop:
            local = local % pool.length_s
        if not inst.muted:
            plain[inside] = curve_values(pool.points, local, fader=env.fader_scaled, square=square)
    return plain


def fade_curve(fade: Fade, t: Sound) -> Sound:
    t = np.clip(t, 0, 1)
    s = 2 * t - t * t
    return {
        0: t,
        10: s,
        11: 0.7853981633974483 * s + 0.21460183660255172 * s * s,
        20: t**2,
        30: 1 - (1 - t) ** 4,
        40: t**4,
        50: np.sin(np.pi * t / 2) ** 2,
    }[round(fade.shape * 10)]


def filtered(sound: Sound, positions: Sound, ratio: float, phases: int) -> Sound:
    """192-tap Blackman-Harris sinc, straight lines between its phases; `sound` is (frames, channels)."""
    cut = min(1.0, 1 / (1.03 * ratio)) if ratio > 1 else 1.0

    def weight(d: Sound) -> Sound:
        w = 2 * np.pi * (d + 96) / 192
        return np.sinc(cut * d) * (0.35875 - 0.48829 * np.cos(w) + 0.14128 * np.cos(2 * w) - 0.01168 * np.cos(3 * w))

    total = weight(np.arange(-96 * phases, 96 * phases) / phases).sum() / phases
    base = np.floor(positions + 1e-9).astype(int)
    phase = np.maximum(0, (positions - base) * phases)
    low = np.floor(phase)
    out = np.zeros((len(positions), sound.shape[1]))
    for k in range(-95, 97):
        a, b = weight(k - low / phases), weight(k - (low + 1) / phases)
        coefficient = (a + (b - a) * (phase - low)) / total
        index = base + k
        good = (index >= 0) & (index < len(sound))
        out[good] += coefficient[good, None] * sound[index[good]]
    return out


def take_sound(song: Session, it: Item, take: Take, frames: int, rate: int) -> Sound:
    assert take.source is not None
    assert take.source.resolved_path is not None
    sound, source_rate = soundfile.read(take.source.resolved_path, always_2d=True)
    first = half_up(take.source_offset_s * source_rate)
    ratio = take.play_rate * source_rate / rate
    sounding = len(sound)
    if it.loop and first + (frames - 1) * ratio >= len(sound) - 1e-9:
        copies = int((first + frames * ratio + 400) / len(sound)) + 1
        sound = np.concatenate([sound] * copies)
        sounding = len(sound)
    if ratio == 1:
        out = np.zeros((frames, sound.shape[1]))
        part = sound[first : first + frames]
        out[: len(part)] = part
    else:
        period = next((n for n in range(1, 65) if abs(n * ratio - round(n * ratio)) < 1e-9), 32)
        out = filtered(sound, first + np.arange(frames) * ratio, ratio, period)
        out[max(0, int(np.ceil((sounding - first) / ratio - 0.5 - 1e-9))) :] = 0
    if out.shape[1] == 1:
        out = np.repeat(out, 2, axis=1)
    left, right = out[:, 0], out[:, 1]
    picked = {0: (left, right), 1: (right, left), 2: ((left + right) / 2,) * 2, 3: (left, left), 4: (right, right)}
    out = np.stack(picked[take.channel_mode], axis=1) * (it.volume * take.volume)
    pan = np.full(frames, take.pan)
    times = np.arange(frames) / rate * take.play_rate
    for env in (e for e in take.envelopes if e.active):
        if env.target == "volume":
            out *= envelope_values(song, env, times, 1.0)[:, None]
        elif env.target == "pan":
            pan = np.clip(pan - envelope_values(song, env, times, 0.0), -1, 1)
        elif env.target == "mute":
            out[envelope_values(song, env, times, 1.0) < 0.5] = 0
    out[:, 0] *= np.where(pan > 0, 1 - pan, 1)
    out[:, 1] *= np.where(pan < 0, 1 + pan, 1)
    return out


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
