"""The words by which files and folders of a delivery are recognised."""

from __future__ import annotations

__all__ = [
    "AUDIO_EXTENSIONS",
    "IGNORED_EXTENSIONS",
    "IGNORED_NAMES",
    "MIX_FOLDERS",
    "MIX_PHRASES",
    "MIX_WORDS",
    "PART_WORDS",
    "REFERENCE_FOLDERS",
    "REFERENCE_WORDS",
    "STEM_FOLDERS",
    "TRAILING_NOISE",
]

AUDIO_EXTENSIONS = frozenset(
    {"wav", "wave", "bwf", "rf64", "bw64", "w64", "aif", "aiff", "aifc", "caf", "flac"}
    | {"ogg", "oga", "opus", "mp2", "mp3", "m4a", "aac", "wma", "wv", "ape"}
)
IGNORED_EXTENSIONS = frozenset({"reapeaks", "reapindex", "asd", "pek", "sfk", "ovw", "gpk", "overview", "wfm"})
IGNORED_NAMES = frozenset({"thumbs.db", "desktop.ini", "icon\r", "__macosx"})

# Whole phrases that can only be a mix, wherever they stand at the edge of a name.
MIX_PHRASES: frozenset[tuple[str, ...]] = frozenset(
    {("rough", "mix"), ("roughmix",), ("ruff", "mix"), ("rough",), ("rough", "master"), ("rough", "bounce")}
    | {("full", "mix"), ("fullmix",), ("final", "mix"), ("guide", "mix"), ("stereo", "mix"), ("demo", "mix")}
    | {("ref", "mix"), ("reference", "mix"), ("mixdown",), ("mix", "down"), ("premaster",), ("pre", "master")}
    | {("2", "mix"), ("two", "mix"), ("print", "mix"), ("mix", "print"), ("stereo", "master"), ("proof", "mix")}
    | {("stereo", "out"), ("stereo", "output"), ("main", "out"), ("master", "out"), ("stereo", "bounce")}
    | {("full", "bounce"), ("rough", "print")}
    | {("mixture",), ("full", "preview"), ("full", "song")}
)
# Words that mean a mix only where nothing else in the name or the set speaks for a stem.
MIX_WORDS = frozenset({"mix", "master", "bounce", "mixed", "mastered"})
REFERENCE_WORDS = frozenset({"reference", "ref"})
REFERENCE_FOLDERS: frozenset[tuple[str, ...]] = frozenset(
    {("reference",), ("references",), ("ref",), ("refs",), ("reference", "track"), ("reference", "tracks")}
    | {("ref", "tracks"), ("reference", "songs")}
)
MIX_FOLDERS: frozenset[tuple[str, ...]] = frozenset(
    {("mix",), ("mixes",), ("rough",), ("rough", "mix"), ("roughmix",), ("mixdown",), ("rough", "mixes")}
)
STEM_FOLDERS: frozenset[str] = frozenset({"stems", "stem", "multitrack", "multitracks", "tracks"})
TRAILING_NOISE = frozenset({"v", "ver", "version", "rev", "bit", "bits", "b", "k", "khz", "hz", "bpm", "lufs", "db"})

# A name with one of these is a part of the song, whatever else it says: Mix_Bus_FX, Drum_Mix, Master_Keys.
PART_WORDS = frozenset(
    {"bus", "buss", "fx", "sfx", "efx", "return", "send", "aux", "reverb", "verb", "delay", "room", "ambience"}
    | {"kick", "bd", "kik", "snare", "sn", "sd", "hat", "hats", "hihat", "hihats", "hh", "tom", "toms", "ride", "crash"}
    | {"cymbal", "cymbals", "overhead", "overheads", "oh", "clap", "claps", "perc", "percussion", "shaker", "tamb"}
    | {"drum", "drums", "drm", "beat", "loop", "loops", "cajon", "conga", "bongo", "rim", "snap", "snaps"}
    | {"bass", "sub", "808", "guitar", "guitars", "gtr", "gtrs", "gt", "git", "acoustic", "electric", "banjo"}
    | {"key", "keys", "piano", "rhodes", "organ", "wurli", "clav", "synth", "synths", "pad", "pads", "lead", "leads"}
    | {"arp", "pluck", "plucks", "stab", "stabs", "bell", "bells", "string", "strings", "violin", "viola", "cello"}
    | {"brass", "horn", "horns", "sax", "trumpet", "trombone", "flute", "clarinet", "oboe", "harp", "choir", "orch"}
    | {"vox", "vocal", "vocals", "voc", "vocs", "bv", "bvs", "bgv", "bgvs", "backing", "harmony", "harmonies", "adlib"}
    | {"adlibs", "double", "doubles", "dbl", "rap", "voice", "voices", "shout", "spoken", "talk", "noise", "riser"}
    | {"impact", "sweep", "click", "metronome", "count", "scratch", "remix", "instrumental", "acapella", "amp", "di"}
    | {"dry", "wet", "chorus", "verse", "bridge", "intro", "outro", "marimba", "vibes", "glock", "mallet", "texture"}
)
