"""What the second mixer knows of single sounds: envelopes, fades, resampling and takes, with no code of the engine.

Facts are those of the mixing-math sheet. Slow and plain on purpose.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import soundfile

if TYPE_CHECKING:
    from stemkit.model.session import Envelope, EnvelopePoint, Fade, Item, Session, Take

    Sound = Any


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
