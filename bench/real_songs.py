"""Songs of recorded sounds for the proof: loops and single hits, and a General MIDI band, with other programs' effects.

Nothing here is synthesised or processed by our own code: the sounds come from the samples of Sonic Pi and from a sound
font played by FluidSynth, the inserts and returns from SoX, the sum from SoX's mixer. Each seed gives another song.
"""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeAlias

import numpy as np
import soundfile

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from numpy.typing import NDArray

__all__ = ["REAL_SONGS", "lacking", "run"]

SAMPLES = Path("/usr/share/sonic-pi/samples")
SOUND_FONT = Path("/usr/share/sounds/sf2/FluidR3_GM.sf2")
SECONDS = 24
PEAK_DBFS = (-20, -9)  # of a stem, so that ten of them stay below full scale

Audio: TypeAlias = "NDArray[np.float32]"

# Debian package of each thing that is needed.
_NEEDED: dict[str, Callable[[], bool]] = {
    "sonic-pi-samples": SAMPLES.is_dir,
    "fluid-soundfont-gm": SOUND_FONT.is_file,
    "fluidsynth": lambda: shutil.which("fluidsynth") is not None,
    "sox": lambda: shutil.which("sox") is not None,
    "ffmpeg": lambda: shutil.which("ffmpeg") is not None,
}
_LOOPS = (
    "amen_full amen breakbeat compus electric garzul industrial mehackit1 mehackit2 mika perc1 perc2 safari tabla "
    "weirdo 3d_printer drone_g_97"
)
_EIGHTHS = tuple(float(x) for x in np.arange(0, 4, 0.5))
# Track, samples to choose from, beats of a bar.
_HITS: tuple[tuple[str, str, tuple[float, ...]], ...] = (
    ("Kick", "bd_ada bd_boom bd_fat bd_gas bd_haus bd_klub bd_sone bd_tek bd_zum drum_heavy_kick", (0, 2, 2.5)),
    ("Snare", "sn_dolf sn_dub sn_generic sn_zome drum_snare_hard elec_snare perc_snap", (1, 3)),
    ("Hats", "drum_cymbal_closed drum_cymbal_pedal elec_tick perc_snap2 elec_blip", _EIGHTHS),
    ("Bass", "bass_hit_c bass_hard_c bass_thick_c bass_woodsy_c bass_voxy_hit_c bass_dnb_f", (0, 1.5, 3)),
    ("Guitar", "guit_e_fifths guit_e_slide guit_em9 guit_harmonics", (0,)),
    ("Ambience", "ambi_choir ambi_drone ambi_glass_hum ambi_haunted_hum ambi_lunar_land ambi_piano", (0,)),
    ("Effects", "misc_cineboom perc_impact1 perc_swoosh ambi_swoosh perc_bell vinyl_rewind elec_chime", (0,)),
    ("Toms", "drum_tom_hi_hard drum_tom_lo_hard drum_tom_mid_soft drum_roll tabla_ghe3", (3, 3.25, 3.5)),
)
_EVERY_BARS = {"Guitar": 2, "Ambience": 3, "Effects": 4, "Toms": 2}
_INSERTS = (
    "",
    "",
    "equalizer 200 1q -4 equalizer 4000 0.8q 3",
    "compand 0.005,0.15 6:-60,-60,-20,-12,0,-4 0",
    "overdrive 12 20",
    "echo 0.9 0.8 370 0.3",
    "reverb 40 50 60",
    "highpass 120",
    "tremolo 5 40",
    "phaser 0.8 0.7 3 0.4 0.5",
)
# Track, program (0-based), lowest and highest note, length of a note and pause in beats, pan.
_PLAYERS = (
    ("Bass_Guitar", 33, (33, 45), 0.9, 0.1, 0.0),
    ("Piano", 0, (48, 72), 0.8, 0.2, 0.2),
    ("Strings", 48, (55, 76), 3.6, 0.4, 0.0),
    ("Guitar_L", 25, (45, 64), 0.45, 0.05, -1.0),
    ("Guitar_R", 25, (45, 64), 0.45, 0.05, 1.0),
    ("Choir", 52, (57, 72), 3.0, 1.0, 0.0),
    ("Sax", 65, (58, 74), 0.7, 0.8, -0.2),
    ("Organ", 17, (50, 70), 1.9, 0.1, 0.3),
    ("Flute", 73, (70, 86), 0.6, 2.4, -0.4),
    ("Lead", 29, (60, 78), 0.5, 0.5, 0.1),
)
_DRUMS = {
    "Kick": (36, (0, 1.5, 2)),
    "Snare": (38, (1, 3)),
    "Hats": (42, _EIGHTHS),
    "Crash": (49, (0,)),
}


def lacking() -> list[str]:
    """Return the Debian packages that are not installed."""
    return [package for package, there in _NEEDED.items() if not there()]


def run(*command: str | Path) -> None:
    """Run a tool; its words are shown when it fails."""
    done = subprocess.run([str(c) for c in command], check=False, capture_output=True, text=True)
    if done.returncode:
        raise RuntimeError(f"{' '.join(str(c) for c in command)}\n{done.stderr}")


def _through(audio: Audio, rate: int, effects: str, folder: Path) -> Audio:
    """Return a sound through SoX's effects."""
    if not effects:
        return audio
    before, after = folder / "before.wav", folder / "after.wav"
    soundfile.write(before, audio, rate, subtype="FLOAT")
    run("sox", before, "-b", "32", "-e", "floating-point", after, "gain", "-9", *effects.split())
    return soundfile.read(after, dtype="float32", always_2d=True)[0]


def _sample(name: str, rate: int, channels: int, folder: Path) -> Audio:
    path = folder / "sample.wav"
    run("sox", SAMPLES / f"{name}.flac", "-b", "24", "-r", str(rate), "-c", str(channels), path, "gain", "-6")
    return soundfile.read(path, dtype="float32", always_2d=True)[0]


def _finish(audio: Audio, frames: int, rng: np.random.Generator) -> Audio:
    out = np.zeros((frames, audio.shape[1]), np.float32)
    out[: len(audio)] = audio[:frames]
    peak = 10 ** (rng.uniform(*PEAK_DBFS) / 20)
    return np.asarray(out * np.float32(peak / max(float(np.abs(out).max()), 1e-9)), np.float32)


def _placed(sample: Audio, starts: Sequence[int], frames: int, rng: np.random.Generator) -> Audio:
    out = np.zeros((frames, sample.shape[1]), np.float32)
    for start in starts:
        part = sample[: max(0, frames - start)]
        out[start : start + len(part)] += np.float32(0.8 + 0.2 * rng.random()) * part
    return out


def loops(seed: int, rate: int, folder: Path, take: int = 0) -> dict[str, Audio]:
    """Recorded loops, single hits and textures, and a reverb return of two of them."""
    choose, play = np.random.default_rng([seed, 1]), np.random.default_rng([seed, 1, take])
    beat, frames = float(choose.uniform(0.45, 0.7)), SECONDS * rate
    out: dict[str, Audio] = {}
    for number, name in enumerate(choose.choice(_LOOPS.split(), 3, replace=False), 1):
        sample = _sample(f"loop_{name}", rate, 2, folder)
        first = int(choose.uniform(0, 6) * rate)
        starts = [
            first + int(0.01 * rate * abs(play.standard_normal())) * (take > 0) + k * len(sample) for k in range(40)
        ]
        out[f"Loop_{number}"] = _placed(sample, [s for s in starts if s < frames - rate // 4], frames, play)
    for name, samples, pattern in _HITS:
        sample = _sample(str(choose.choice(samples.split())), rate, int(choose.choice([1, 2])), folder)
        every, first = _EVERY_BARS.get(name, 1), int(choose.integers(0, 2))
        beats = [4 * bar + p for bar in range(first, 40, every) for p in pattern]
        starts = [int((b * beat + 0.003 * abs(play.standard_normal())) * rate) for b in beats]
        out[name] = _placed(sample, [s for s in starts if s < frames - rate // 4], frames, play)
    out["Noise"] = _placed(_sample("vinyl_hiss", rate, 2, folder), [0, 7 * rate, 14 * rate], frames, play)
    return _with_effects(out, ("Snare", "Guitar"), rate, folder, choose)


def fluid(seed: int, rate: int, folder: Path, take: int = 0) -> dict[str, Audio]:
    """A General MIDI band: each part played alone, by hand, with the synthesiser's own reverb and chorus."""
    choose, play = np.random.default_rng([seed, 2]), np.random.default_rng([seed, 2, take])
    beat = float(choose.uniform(0.45, 0.75))
    out: dict[str, Audio] = {}
    for name, (note, pattern) in _DRUMS.items():
        every = 4 if name == "Crash" else 1
        notes = [(4 * bar + p, note, 0.2) for bar in range(0, 20, every) for p in pattern]
        out[name] = _played(notes, 9, 0, 0.0, beat, rate, folder, play)
    picked = choose.choice(len(_PLAYERS), 7, replace=False)
    melody = np.random.default_rng([seed, 3])
    steps = melody.integers(-4, 5, 400)
    for index in sorted({*(int(k) for k in picked), *([4] if 3 in picked else [])}):
        name, program, (low, high), length, pause, pan = _PLAYERS[index]
        chords = 3 if name in {"Piano", "Strings", "Choir", "Organ"} else 1
        notes, at, pitch = [], float(4 * (index % 3)), (low + high) // 2
        for step in steps:
            pitch = int(np.clip(pitch + step, low, high))
            notes += [(at, pitch + 4 * c, length) for c in range(chords)]
            at += length + pause
        out[name] = _played(notes, 0, program, pan, beat, rate, folder, play)
    return _with_effects(out, ("Snare",), rate, folder, choose)


def _played(
    notes: list[tuple[float, int, float]],
    channel: int,
    program: int,
    pan: float,
    beat: float,
    rate: int,
    folder: Path,
    play: np.random.Generator,
) -> Audio:
    """Play notes (beat, pitch, length in beats) as a hand would, by FluidSynth."""
    from mido import Message, MetaMessage, MidiFile, MidiTrack

    events: list[tuple[float, Any]] = []
    for at, pitch, length in notes:
        start = max(0.0, at * beat + 0.006 * play.standard_normal())
        if start > SECONDS - 2:
            continue
        velocity = int(np.clip(88 + 14 * play.standard_normal(), 30, 127))
        events.append((start, Message("note_on", channel=channel, note=pitch, velocity=velocity)))
        stop = start + length * beat * float(play.uniform(0.85, 1.0))
        events.append((stop, Message("note_off", channel=channel, note=pitch)))
    track = MidiTrack(
        [
            Message("program_change", channel=channel, program=program),
            Message("control_change", channel=channel, control=10, value=int(64 + 63 * pan)),
        ]
    )
    before = 0
    for at, message in sorted(events, key=lambda e: e[0]):
        tick = round(at * 960)  # at 60 beats a minute
        track.append(message.copy(time=tick - before))
        before = tick
    track.insert(0, MetaMessage("set_tempo", tempo=1_000_000))
    score, path = folder / "part.mid", folder / "part.wav"
    MidiFile(ticks_per_beat=960, tracks=[track]).save(score)
    run("fluidsynth", "-ni", "-O", "float", "-r", str(rate), "-F", path, SOUND_FONT, score)
    return _finish(soundfile.read(path, dtype="float32", always_2d=True)[0], SECONDS * rate, play)


def _with_effects(
    stems: dict[str, Audio], sent: tuple[str, ...], rate: int, folder: Path, rng: np.random.Generator
) -> dict[str, Audio]:
    """Put an insert on each stem, add a reverb return, and set the levels."""
    frames = SECONDS * rate
    out = {k: _finish(_through(v, rate, str(rng.choice(_INSERTS)), folder), frames, rng) for k, v in stems.items()}
    dry = np.sum([np.broadcast_to(out[k], (frames, 2)) for k in sent], axis=0, dtype=np.float32)
    wet = _through(dry, rate, "reverb -w 70 40 90", folder)
    out["Reverb_Return"] = _finish(wet, frames, rng)
    return {f"{n:02d}_{k}": v for n, (k, v) in enumerate(out.items(), 1)}


REAL_SONGS: dict[str, Callable[..., dict[str, Audio]]] = {"loops": loops, "fluid": fluid}
