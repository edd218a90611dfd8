"""What goes wrong with stems, and what a mix bus does: each as one function of arrays."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from tests.audio.proof_songs import RATES, SONGS, Audio, Song

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from numpy.typing import NDArray

HEADROOM = np.float32(0.7)  # so that every sum of stems stays below full scale
DRIFT_PPM = 100.0


def song(name: str, *, take: int = 0) -> Song:
    return {label: audio * HEADROOM for label, audio in SONGS[name](take=take).items()}


def two(audio: Audio) -> Audio:
    return np.broadcast_to(audio, (len(audio), 2))


def mixdown(stems: Song) -> Audio:
    return np.asarray(sum(two(s).astype(np.float64) for s in stems.values()), np.float32)


def gained(db: float) -> Callable[[Audio, Audio, int], Audio]:
    return lambda audio, _take, _rate: audio * np.float32(10 ** (db / 20))


def late(frames: int) -> Callable[[Audio, Audio, int], Audio]:
    def move(audio: Audio, _take: Audio, _rate: int) -> Audio:
        out = np.zeros_like(audio)
        if frames >= 0:
            out[frames:] = audio[: len(audio) - frames]
        else:
            out[:frames] = audio[-frames:]
        return out

    return move


def drifting(audio: Audio, _take: Audio, rate: int, ppm: float = DRIFT_PPM) -> Audio:
    import soxr

    out = soxr.resample(audio, rate, rate * (1 + ppm * 1e-6), "VHQ")
    return np.asarray(np.pad(out, ((0, max(0, len(audio) - len(out))), (0, 0)))[: len(audio)], np.float32)


def late_in_part(audio: Audio, samples: float) -> Audio:
    """Delay by parts of a sample, in the frequency domain."""
    spectrum = np.fft.rfft(np.pad(audio, ((0, 256), (0, 0))), axis=0)
    turn = np.exp(-2j * np.pi * samples * np.arange(len(spectrum)) / (len(audio) + 256))
    turn[-1] = turn[-1].real
    return np.fft.irfft(spectrum * turn[:, None], len(audio) + 256, axis=0)[: len(audio)].astype(np.float32)


def cut_tail(audio: Audio, _take: Audio, rate: int) -> Audio:
    """Stop where the stem sounds, at about three quarters of what it plays."""
    level = np.convolve(np.abs(audio).max(axis=1), np.ones(1024) / 1024, "same")
    sounding = np.flatnonzero(level > 0.02 * level.max())
    at = int(sounding[int(0.75 * len(sounding))])
    near = np.arange(at, min(int(sounding[-1]), at + 2 * rate))
    out = audio.copy()
    out[near[np.argmax(level[near])] :] = 0
    return out


def left_missing(audio: Audio, _take: Audio, _rate: int) -> Audio:
    out = two(audio).copy()
    out[:, 0] = 0
    return out


def swapped(audio: Audio, _take: Audio, _rate: int) -> Audio:
    return two(audio)[:, ::-1].copy()


# Each fault: what it does to the stem, and the names under which the proof may report it.
FAULTS: dict[str, tuple[Callable[[Audio, Audio, int], Audio], set[str]]] = {
    "inverted": (lambda audio, _take, _rate: -audio, {"inverted"}),
    "-1 dB": (gained(-1), {"gain"}),
    "-4 dB": (gained(-4), {"gain"}),
    "+2 dB": (gained(2), {"gain"}),
    "late 1": (late(1), {"late"}),
    "late 480": (late(480), {"late"}),
    "late 24000": (late(24000), {"late"}),
    "drifting": (drifting, {"drift"}),
    "doubled": (lambda audio, _take, _rate: audio, {"doubled"}),
    "other take": (lambda _audio, take, _rate: take, {"other_take"}),
    "tail cut": (cut_tail, {"tail_cut"}),
    "channel missing": (left_missing, {"channel_missing"}),
    "channels swapped": (swapped, {"channels_swapped"}),
    "missing": (lambda audio, _take, _rate: audio, set()),
}


# Noise under a fixed envelope: another take differs from the first as one render of a random effect from the next, and
# the proof has to say that the stem differs by something that does not repeat.
TEXTURES = {"07_Brushes", "07_Field"}


def names_for(fault: str, audio: Audio) -> set[str]:
    """Return the names under which a fault may be reported; a stem of one side that loses this side is silent."""
    if fault == "channel missing" and not two(audio)[:, -1].any():
        return {"silent"}
    return FAULTS[fault][1]


def with_fault(stems: Song, name: str, fault: str, take: Audio, rate: int) -> Song:
    """Return the delivery with one stem at fault; a copy is called like its original, with `_Copy`."""
    out = dict(stems)
    if fault == "missing":
        del out[name]
    elif fault == "doubled":
        out[f"{name}_Copy"] = stems[name]
    else:
        out[name] = FAULTS[fault][0](stems[name], take, rate)
    return out


def makes_no_difference(audio: Audio, fault: str, take: Audio) -> bool:
    """Tell whether a fault leaves the stem as it was: a mono stem with exchanged sides, a sound without any chance."""
    if fault == "other take":
        return bool(np.array_equal(audio, take))
    left, right = two(audio)[:, 0], two(audio)[:, -1]
    if fault == "channels swapped":
        return bool(np.array_equal(left, right))
    return fault == "channel missing" and not left.any()


def _envelope(x: Audio, rate: int, attack_s: float, release_s: float) -> NDArray[Any]:
    """Follow the peaks in steps of 16 frames, as a level detector does."""
    step = 16
    peaks = np.abs(x).max(axis=1)
    peaks = np.pad(peaks, (0, -len(peaks) % step)).reshape(-1, step).max(axis=1)
    up, down = (float(np.exp(-step / (t * rate))) for t in (attack_s, release_s))
    out, state = np.empty(len(peaks)), 0.0
    for index, peak in enumerate(peaks.tolist()):
        keep = up if peak > state else down
        state = keep * state + (1 - keep) * peak
        out[index] = state
    return np.interp(np.arange(len(x)), np.arange(len(out)) * step + step / 2, out)


def limiter(x: Audio, rate: int, threshold_db: float = -8.0) -> Audio:
    """Look ahead 2 ms, hold the ceiling, release in 80 ms."""
    from scipy.ndimage import minimum_filter1d

    ceiling = 10 ** (threshold_db / 20)
    ahead = int(0.002 * rate)
    loud = _envelope(x, rate, 1e-5, 0.08)
    wanted = np.minimum(1, ceiling / np.maximum(np.maximum(loud, np.abs(x).max(axis=1)), 1e-9))
    window = np.hanning(2 * ahead + 1)
    gain = np.convolve(
        np.pad(minimum_filter1d(wanted, 2 * ahead + 1), ahead, mode="edge"), window / window.sum(), "valid"
    )
    return np.asarray(x * gain[:, None], np.float32)


def compression(key: Audio, rate: int, threshold_db: float = -20.0, ratio: float = 3.0) -> Audio:
    """Return the gain of a compressor that listens to `key`, shape (frames, 1)."""
    over = np.maximum(0, 20 * np.log10(_envelope(key, rate, 0.01, 0.15) + 1e-9) - threshold_db)
    return np.asarray(10 ** (-over * (1 - 1 / ratio) / 20), np.float32)[:, None]


def compressor(x: Audio, rate: int) -> Audio:
    return np.asarray(1.6 * x * compression(x, rate), np.float32)


def saturator(x: Audio, _rate: int, drive: float = 1.8) -> Audio:
    return np.asarray(np.tanh(drive * x) / 1.5, np.float32)


def equaliser(x: Audio, rate: int) -> Audio:
    """Four bells in series, as minimum-phase filters (bilinear peaking filters)."""
    from scipy.signal import lfilter

    y: NDArray[Any] = x
    for hz, db, q in ((90, 3, 0.7), (400, -3, 1.0), (3000, 2, 0.8), (11000, 3, 0.7)):
        a = 10 ** (db / 40)
        omega = 2 * np.pi * hz / rate
        alpha = np.sin(omega) / (2 * q)
        top = [1 + alpha * a, -2 * np.cos(omega), 1 - alpha * a]
        bottom = [1 + alpha / a, -2 * np.cos(omega), 1 - alpha / a]
        y = lfilter(top, bottom, y, axis=0)
    return np.asarray(y, np.float32)


BUSSES: dict[str, Callable[[Audio, int], Audio]] = {
    "plain": lambda x, _rate: x,
    "limiter": limiter,
    "compressor": compressor,
    "saturator": saturator,
    "EQ": equaliser,
    "16-bit": lambda x, _rate: x,
    "MP3 128": lambda x, _rate: x,
    "MP3 320": lambda x, _rate: x,
}
_MP3_LEVEL = {"MP3 128": 2 / 3, "MP3 320": 0.0}  # libsndfile: 320 kbit/s at 0, 32 at 1


def write_mix(folder: Path, stems: Song, bus: str, rate: int) -> Path:
    """Write the mix of whole stems through a bus; an MP3 by libsndfile's own LAME."""
    import soundfile

    mixed = BUSSES[bus](mixdown(stems), rate)
    if bus in _MP3_LEVEL:
        path = folder / f"mix {bus}.mp3"
        soundfile.write(
            path,
            mixed,
            rate,
            format="MP3",
            subtype="MPEG_LAYER_III",
            bitrate_mode="CONSTANT",
            compression_level=_MP3_LEVEL[bus],
        )
    else:
        path = folder / f"mix {bus}.wav"
        soundfile.write(path, mixed, rate, subtype="PCM_16" if bus == "16-bit" else "PCM_24")
    return path


def rate_of(name: str) -> int:
    return RATES[name]
