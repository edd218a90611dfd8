"""Generic words that tell a plug-in's kind where the table does not list it.

Tried in order on the plain lower-case name. Long words may stand inside others (``mcompressor``); short ones only
by themselves, so that "Companion" is no compressor, "Sequence" no EQ and "Example" no amplifier.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from stemkit.session.plugin_table import Category

__all__ = ["WORDS"]

_ROWS: tuple[tuple[Category, str], ...] = (
    ("restoration", r"de ?noise|de ?click|de ?hum|de ?clip|de ?crackle|de ?reverb|de ?limiter|unlimiter|noise redu"),
    ("meter", r"meter|analy[sz]er|spectrogram|oscilloscope|goniometer|\bscope\b|\btuner\b|correlat|\blufs\b"),
    ("utility", r"\bmidi\b|latency|delay comp|channel mapper|sample delay|time align|\bdither\b|\bmute\b"),
    ("deesser", r"de ?ess"),
    ("vocoder", r"vocod"),
    ("tuning", r"auto ?tun|pitch ?correct|\bmelod[iy]ne|vocal ?tun"),
    ("limiter", r"limiter"),
    ("maximizer", r"maximi[sz]er|loudness max|\bmaximus\b"),
    ("clipper", r"clipper|\bclip\b"),
    ("multiband", r"multi ?band (?:comp|dyn)|multi ?comp|multipressor"),
    ("eq", r"equali[sz]|\beq\b|\b\w*eq\d*\b(?<!\bseq)|\b(?:high|low)pass\b|\bfilter\b"),
    ("compressor", r"compressor|\b(?:bus+ |opto |vca |fet )?comp\b|leveling amp|dynamics"),
    ("gate", r"\bgate\b|noise ?gate|expander"),
    ("reverb", r"reverb|\bverb\b|\bechoplex plate\b|convol|\broom\b|\bhall\b|spring tank"),
    ("delay", r"delay|\becho\b"),
    (
        "modulation",
        r"chorus|flang|phaser|tremolo|vibrato|\bleslie\b|\brotary\b|ring ?mod|auto ?pan|\bwah\b|harmoni[sz]er",
    ),
    ("distortion", r"distort|overdrive|\bfuzz|bit ?crush|lo ?fi\b|waveshap|decimator"),
    ("amp", r"\bamp\b|amp ?sim|amplifier|cabinet|\bcab\b|guitar rig"),
    ("saturation", r"saturat|\btape\b|excit|\btube\b|pre ?amp|console"),
    ("instrument", r"synth|sampler|piano|\borgan\b|drumkit"),
    ("utility", r"\bgain\b|\bvolume\b|\bpan\b|panner|width|\bimager\b|stereo (?:tool|image)|mid side|encoder|decoder"),
)

WORDS: tuple[tuple[re.Pattern[str], Category], ...] = tuple((re.compile(words), category) for category, words in _ROWS)
