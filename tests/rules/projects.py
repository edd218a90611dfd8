"""Miniature projects in REAPER's own text, one fault each, and the rules run on them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from stemkit.reaper.project_file import session_from_document
from stemkit.reaper.rpp import parse
from stemkit.rules.catalogue import all_rules
from stemkit.rules.profiles import load_profile
from stemkit.rules.registry import Outcome, run_rules
from stemkit.rules.session_context import context_of

if TYPE_CHECKING:
    from pathlib import Path

    from stemkit.model.plan import RenderPlan
    from stemkit.model.report import Finding
    from stemkit.model.session import Session

# What every project has that nothing is wrong with: a forced rate (SAMPLERATE rate use), the whole song in 24-bit
# WAV (RENDER_RANGE 1, RENDER_CFG), no override (GLOBAL_AUTO -1). reaper-facts.md 5.1, 2.3.
HEADER = """\
  RENDER_RANGE 1 0 0 18 1000
  RENDER_ADDTOPROJ 0
  RENDER_STEMS 3
  RENDER_DITHER 0
  <RENDER_CFG
    ZXZhdxgAAQ==
  >
  TEMPO 120 4 4
  SAMPLERATE 48000 1 0
  GLOBAL_AUTO -1
  MASTER_VOLUME 1 0 -1 -1 1
  MASTERMUTESOLO 0
  MASTER_FX 1
"""
# An item that needs no file: SOURCE CLICK is REAPER's own metronome source (reaper-facts.md 5.3).
ITEM = """\
    <ITEM
      POSITION {position}
      LENGTH {length}
      MUTE {mute} {solo}
      {more}
      <SOURCE CLICK
      >
    >
"""
FX = """\
      BYPASS {bypassed} {offline}
      <VST "{name}" x.dll 0 "" 0<> ""
      >
"""


def item(position: float = 0, length: float = 1, mute: int = 0, solo: int = 0, more: str = "") -> str:
    return ITEM.format(position=position, length=length, mute=mute, solo=solo, more=more)


def fx(*names: str, bypassed: int = 0, offline: int = 0) -> str:
    return "".join(FX.format(name=name, bypassed=bypassed, offline=offline) for name in names)


def chain(*effects: str, tag: str = "FXCHAIN") -> str:
    return f"    <{tag}\n{''.join(effects)}    >\n"


def track(name: str, *parts: str, **values: str) -> str:
    """A track with lines such as ``MUTESOLO="1 0 0"``; parts are blocks such as `item` and `chain`."""
    lines = "".join(f"    {key} {value}\n" for key, value in values.items())
    return f'  <TRACK {{{name.replace(" ", "") or "unnamed"}}}\n    NAME "{name}"\n{lines}{"".join(parts)}  >\n'


def song(*parts: str, header: str = HEADER, path: Path | None = None) -> Session:
    text = f'<REAPER_PROJECT 0.1 "7.22/linux-x86_64" 1700000000\n{header}{"".join(parts)}>\n'
    return session_from_document(parse(text.encode(), name="song.rpp"), path)


def changed(old: str, new: str) -> str:
    """The header with one line changed."""
    assert old in HEADER
    return HEADER.replace(old, new)


def outcome_of(
    session: Session, *rules: str, profile: str = "mix-prep", plan: RenderPlan | None = None, **known: Any
) -> Outcome:
    context = context_of(session, load_profile(profile), plan, **known)
    return run_rules([r for r in all_rules() if r.id in rules], session, "song.rpp", context)


def judged(session: Session, rule: str, **known: Any) -> list[Finding]:
    return outcome_of(session, rule, **known).findings
