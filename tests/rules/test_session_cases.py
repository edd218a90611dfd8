"""For each session rule the smallest project that it passes and the smallest that it fails.

What the fields mean stands in `projects.py` and in the modules that look at each rule closely.
"""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from stemkit.model.audio import AudioFacts, Gap
from stemkit.model.report import StemLevel
from tests.rules.projects import HEADER, chain, changed, fx, item, judged, song, track

if TYPE_CHECKING:
    from tests.rules.stems import Case

KICK = track("Kick", item())
LIMITER = fx("VST: ReaLimit (Cockos)")
COMP = fx("VST: ReaComp (Cockos)")
FROM_FIRST = "0 0 1 0 0 0 0 0 0 -1:U 0 -1 ''"  # AUXRECV
GONE = '    <ITEM\n      POSITION 0\n      LENGTH 9\n      <SOURCE WAVE\n        FILE "gone.wav"\n      >\n    >\n'
NOTES = "    <ITEM\n      POSITION 0\n      LENGTH 2\n      <SOURCE MIDI\n        HASDATA 1 960 QN\n        E 0 90 3c 60\n      >\n    >\n"
TAKE = "TAKE\n      NAME two\n      <SOURCE CLICK\n      >"
FROZEN = (
    '    <FREEZE 1\n      <FXCHAIN\n        BYPASS 0 0 0\n        <JS loser/3BandEQ ""\n        >\n      >\n    >\n'
)
FADE = "    <VOLENV2\n      ACT 1 -1\n      PT 0 1 0\n      PT 4 0 0\n    >\n"
HIDDEN = "0 0.6667 0.5 0 0.5 0 0 0"  # SHOWINMIX
TEMPO = "  <TEMPOENVEX\n    ACT 1 -1\n    PT 0 120 1\n    PT 8 90 1\n  >\n"

# Rule id: the parts of a project that fails it. The project that passes holds one track with one item.
FAILING: dict[str, str] = {
    "SK101": KICK + chain(LIMITER, tag="MASTERFXLIST"),
    "SK105": track("Old", item(), MUTESOLO="1 0 0"),
    "SK106": track("Vox", item(mute=1)),
    "SK107": track("Empty"),
    "SK108": track("Kick", item(), MUTESOLO="0 1 0"),
    "SK109": KICK + track("Reverb", chain(fx("VST: ReaVerbate (Cockos)")), AUXRECV=FROM_FIRST),
    "SK110": track("Vox", item(), FADE),
    "SK111": track("Bass", item(), chain(LIMITER)),
    "SK112": track("Vox", item(), chain(fx("VST: ReaEQ (Cockos)", offline=1))),
    "SK113": track("Vox", GONE),
    "SK114": track("Track 3", item()),
    "SK116": track("Drums", chain(COMP), ISBUS="1 1") + track("Kick", item(), ISBUS="2 -1"),
    "SK117": track("Lost", item(), MAINSEND="0 0"),
    "SK119": track("Comp", item(more=TAKE)),
    "SK120": track("Bass", item(), FROZEN),
    "SK121": track("Ghost", item(), SHOWINMIX=HIDDEN),
    "SK122": KICK + TEMPO,
    "SK123": track("Keys", NOTES, chain(fx("VSTi: ReaSynth (Cockos)"))),
    "SK124": '  MARKER 1 0.5 "=END" 0\n' + KICK,
    "SK126": track("Empty"),
    "SK127": track("Loop", GONE.replace("WAVE", "MP3").replace("gone.wav", "loop.mp3")),
}
HEADERS = {  # rules about the project's own lines
    "SK102": changed("MASTER_VOLUME 1 ", "MASTER_VOLUME 0.5 "),
    "SK103": HEADER + "  RENDER_NORMALIZE 1 0.5 1 0 0 0 0\n",
    "SK104": changed("SAMPLERATE 48000 1 0", "SAMPLERATE 48000 0 0"),
}


def _noise(level_dbfs: float) -> dict[str, AudioFacts]:
    gap = Gap(start_frame=48000, end_frame=144000, digital=False, noise_dbfs=level_dbfs)
    return {__file__: AudioFacts(sample_rate=48000, channels=1, frames=480000, gaps=(gap,))}


def _listened(level_dbfs: float) -> Case:
    media = GONE.replace("gone.wav", __file__)
    return lambda: judged(song(track("Vox", media)), "SK118", audio=_noise(level_dbfs))


def _level(peak_dbfs: float) -> Case:
    return lambda: judged(song(KICK), "SK125", levels=(StemLevel(stem="01_Kick", subject="Kick", peak_dbfs=peak_dbfs),))


CASES: dict[str, tuple[Case, Case]] = {
    **{
        rule: (partial(judged, song(KICK), rule), partial(judged, song(parts), rule)) for rule, parts in FAILING.items()
    },
    **{
        rule: (partial(judged, song(KICK), rule), partial(judged, song(KICK, header=header), rule))
        for rule, header in HEADERS.items()
    },
    "SK115": (partial(judged, song(KICK), "SK115", bar_one_s=0.0), partial(judged, song(KICK), "SK115", bar_one_s=2.0)),
    "SK118": (_listened(-90.0), _listened(-50.0)),
    "SK125": (_level(-4.0), _level(-1.0)),
}
