"""Clean sounds that have frames of their own: clicks, loops, blocks and processing on the grids that codecs use."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

import numpy as np

from tests.audio.music import bass, play

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from numpy.typing import NDArray

    Sound = NDArray[np.float64]
    Spectral = Callable[[NDArray[np.complex128]], NDArray[np.complex128]]

RATE = 44100
SECONDS = 2.0
FRAMES = round(RATE * SECONDS)


def _both(x: Sound) -> Sound:
    return np.stack([x, x], axis=1)


def _strikes(period: int, strike: Sound, first: int = 333) -> Sound:
    out = np.zeros(FRAMES + strike.size)
    for start in range(first, FRAMES, period):
        out[start : start + strike.size] += strike
    return _both(out[:FRAMES])


def _ping(hertz: float) -> Sound:
    t = np.arange(2200) / RATE
    return np.asarray(0.6 * np.cos(2 * np.pi * hertz * t) * np.exp(-200 * t))


def _steps(period: int) -> Sound:
    return _both(0.4 * np.where(np.arange(FRAMES) // period % 2, 1.0, -1.0))


def _saw(period: int) -> Sound:
    return _both(0.8 * (np.arange(FRAMES) % period / period - 0.5))


def _ducked_sub(beat_s: float, *, hard: bool) -> Sound:
    """Notes that begin without a fade, ducked on every beat: all that sounds above 200 Hz are single clicks."""
    t = np.arange(3 * FRAMES) / RATE
    hertz = np.array([43.65, 51.9, 38.9, 49.0])[(t / beat_s).astype(int) % 4]
    duck = np.where(t % beat_s < beat_s / 2, 1, 0.3) if hard else 1 - 0.7 * np.exp(-(t % beat_s) / 0.12)
    return _both(0.5 * duck * np.sin(2 * np.pi * np.cumsum(hertz) / RATE))


def _gain_in_blocks(voice: str, block: int, *, gate: bool) -> Sound:
    rng = np.random.default_rng(block)
    x = bass(RATE, SECONDS, rng) if voice == "bass" else play(voice, RATE, SECONDS)
    gains = rng.random(FRAMES // block + 1)
    steps = (gains > 0.5).astype(np.float64) if gate else 0.5 + gains / 2
    return np.asarray(x * np.repeat(steps, block)[: len(x), None])


def _loop(voice: str, period: int) -> Sound:
    return np.tile(play(voice, RATE, SECONDS)[30000 : 30000 + period], (FRAMES // period + 1, 1))


def _blips(seed: int) -> Sound:
    rng = np.random.default_rng(seed)
    x = np.zeros(FRAMES)
    for start in rng.integers(0, FRAMES - 1024, seed):
        x[start : start + 1024] += 0.3 * rng.standard_normal(1024)
    return _both(x)


def _in_spectra(voice: str, hop: int, change: Spectral) -> Sound:
    """Change the spectra of frames of two hops under a sine window, as denoisers and vocoders do."""
    window = np.sin(np.pi / (2 * hop) * (np.arange(2 * hop) + 0.5))
    x = play(voice, RATE, SECONDS)[:, 0]
    out = np.zeros(x.size)
    for start in range(0, x.size - 2 * hop, hop):
        spectrum = np.fft.rfft(window * x[start : start + 2 * hop])
        out[start : start + 2 * hop] += window * np.fft.irfft(change(spectrum))
    return _both(np.clip(out, -1, 1))


def _gate(spectrum: NDArray[np.complex128]) -> NDArray[np.complex128]:
    return np.where(np.abs(spectrum) < 0.08 * np.abs(spectrum).max(), 0, spectrum)


def _robot(spectrum: NDArray[np.complex128]) -> NDArray[np.complex128]:
    return np.abs(spectrum).astype(complex)


def _in_lines(voice: str, hop: int, threshold: float) -> Sound:
    """Set weak lines of a codec's own transform to zero, but round none."""
    n = np.arange(2 * hop)
    window = np.sin(np.pi / (2 * hop) * (n + 0.5)) * np.sqrt(2 / hop)
    basis = np.cos(np.pi / hop * (n + 0.5 + hop / 2) * (np.arange(hop)[:, None] + 0.5)) * window
    frames = np.lib.stride_tricks.sliding_window_view(play(voice, RATE, SECONDS)[:, 0], 2 * hop)[::hop]
    lines = frames @ basis.T
    back = np.where(np.abs(lines) < threshold, 0, lines) @ basis
    return _both((back[1:, :hop] + back[:-1, hop:]).ravel())


def _choked_machine(step: int) -> Sound:
    """A drum machine on the sample grid whose sounds stop dead."""
    x = _strikes(step, np.random.default_rng(step).standard_normal(9000) * 0.2 * np.exp(-np.arange(9000) / 3000))
    return x * (((np.arange(FRAMES) - 333) % step) < 0.6 * step)[:, None]


def _held(voice: str, times: int) -> Sound:
    return np.repeat(play(voice, RATE, SECONDS)[::times], times, axis=0)


def _crushed(voice: str, bits: int) -> Sound:
    return np.asarray(np.round(play(voice, RATE, SECONDS) * 2 ** (bits - 1)) / 2 ** (bits - 1))


def _modulated(depth: float) -> Sound:
    t = np.arange(FRAMES) / RATE
    return _both(0.4 * np.sin(2 * np.pi * 117 * t + depth * np.sin(2 * np.pi * RATE / 1024 * 2 * t)))


def framed_sounds() -> Iterator[tuple[str, int, Callable[[], Sound]]]:
    """Yield name, sample rate and a function that makes the sound, float64 [frames, 2]."""
    made: list[tuple[str, Callable[[], Sound]]] = []
    for beat_s in (60 / 126, 60 / 100):
        made += [(f"sub ducked every {beat_s:.2f} s", partial(_ducked_sub, beat_s, hard=h)) for h in (False, True)]
    for period in (576, 1024, 1152, 2048, 22050):
        made.append((f"a click every {period}", partial(_strikes, period, np.array([0.8]))))
        made.append((f"a ping every {period}", partial(_strikes, period, _ping(900.0))))
        made.append((f"a step every {period}", partial(_steps, period)))
    made += [(f"saw of {period} samples", partial(_saw, period)) for period in (64, 96, 512, 1024, 1152, 2048)]
    made += [(f"square of {period} samples", partial(_steps, period // 2)) for period in (64, 96, 144, 384)]
    for block in (512, 1024, 1152, 2048):
        for voice in ("piano", "bass"):
            gate = (block // 64 + len(voice)) % 2 == 0
            made.append((f"{voice} with gain in blocks of {block}", partial(_gain_in_blocks, voice, block, gate=gate)))
    made += [(f"loop of {period}", partial(_loop, "plucked", period)) for period in (1024, 2304, 4096, 8192)]
    made += [(f"{count} blips", partial(_blips, count)) for count in (1, 2, 3, 5, 8)]
    for hop in (576, 1024):
        made.append((f"gated in spectra, hop {hop}", partial(_in_spectra, "mix", hop, _gate)))
        made.append((f"robot voice, hop {hop}", partial(_in_spectra, "vocals", hop, _robot)))
    for voice in ("mix", "pad"):
        made += [
            (f"{voice} gated at {low} in lines", partial(_in_lines, voice, 1024, low)) for low in (1e-3, 1e-2, 0.1)
        ]
    made += [(f"choked machine, step {step}", partial(_choked_machine, step)) for step in (5120, 5184, 6000)]
    made += [(f"every {times}th sample held", partial(_held, "mix", times)) for times in (4, 16, 64)]
    made += [(f"crushed to {bits} bits", partial(_crushed, "vocals", bits)) for bits in (3, 4, 8)]
    made += [(f"modulated by {depth}", partial(_modulated, depth)) for depth in (4.0, 12.0)]
    yield from ((name, RATE, make) for name, make in made)
