"""Real projects: a pass differs from the original in the lines that the plan explains, and in nothing else.

The files belong to other people and lie outside the repository; what is kept of each difference is how many lines of
which kind were taken out (-) and put in (+). ``STEMKIT_REFRESH=1`` writes that anew.
"""

from __future__ import annotations

import json
import os
import re
from collections import Counter
from dataclasses import fields, is_dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from stemkit.model.delivery import Choices
from stemkit.model.session import Source
from stemkit.reaper.headless_passes import make_passes
from stemkit.reaper.headless_project import write_pass
from stemkit.reaper.project_file import session_from_document
from stemkit.reaper.render_settings import FLOAT_WAV
from stemkit.reaper.rpp import parse
from stemkit.render.planner import make_plan

if TYPE_CHECKING:
    from collections.abc import Iterator

    from stemkit.model.plan import RenderPlan
    from stemkit.model.session import Session
    from stemkit.reaper.headless_passes import HeadlessPass

CORPUS = Path(__file__).resolve().parents[2].parent / "shared" / "rpp" / "corpus"
SNAPSHOT = Path(__file__).parent / "snapshots" / "headless_corpus.json"
NO_PROJECTS = ("simpleReaperFile", "Invalid.RPP", "fx-chain-tag", "Default.RPP")
FILES = [path for path in sorted(CORPUS.glob("*.rpp")) if not any(part in path.name for part in NO_PROJECTS)]

pytestmark = pytest.mark.skipif(not FILES, reason=f"the corpus of real projects is not here: {CORPUS}")


def differences(one: Any, other: Any, where: str = "") -> Iterator[tuple[str, Any, Any]]:
    """Walk two sessions side by side."""
    if is_dataclass(one) and type(one) is type(other) and not isinstance(one, Source):
        for field in fields(one):
            yield from differences(getattr(one, field.name), getattr(other, field.name), f"{where}.{field.name}")
    elif isinstance(one, tuple) and isinstance(other, tuple) and len(one) == len(other):
        for place, pair in enumerate(zip(one, other, strict=True)):
            yield from differences(*pair, f"{where}[{place}]")
    elif one != other:
        yield where, one, other


def explained(where: str, old: Any, new: Any, single: HeadlessPass, session: Session, plan: RenderPlan) -> bool:
    """Tell whether the plan asks for this fact to be another one."""
    start_s = plan.bounds.start_frame / plan.sample_rate
    end_s = start_s + plan.bounds.frames / plan.sample_rate
    names = single.order.names
    facts: dict[str, Any] = {
        r"\.render\.settings": 3 if names else 0,
        r"\.render\.bounds_flag": 0,
        r"\.render\.start_s": pytest.approx(start_s),
        r"\.render\.end_s": pytest.approx(end_s),
        r"\.render\.(tail_flag|tail_ms|add_to_project|dither|normalize|fade_in_s|fade_out_s)": 0,
        r"\.render\.normalize_target": 1,
        r"\.render\.sample_rate|\.sample_rate": plan.sample_rate,
        r"\.render\.channels": single.order.channels,
        r"\.render\.file": str(single.order.folder),
        r"\.render\.pattern": "$track" if names else "sk_mix",
        r"\.render\.format": FLOAT_WAV,
        r"\.render\.format_secondary": "",
        r"\.sample_rate_forced": True,
        r"\.locked": False,
        r"\.play_rate": 1,
    }
    stems_or_proof = single.title != "rough mix"
    facts |= {r"\.tracks\[\d+\]\.solo": 0} if stems_or_proof else {}
    if single.title == "proof mix":
        facts |= {r"\.master\.(volume|width)": 1, r"\.master\.pan": 0, r"\.master\.fx\.enabled": False}
        facts |= {r"\.master\.envelopes\[\d+\]\.active": False}
        facts |= {r"\.master\.mute_solo": session.master.mute_solo & 2}
    for pattern, value in facts.items():
        if re.fullmatch(pattern, where):
            return bool(new == value)
    if isinstance(old, Source):  # media that is not there, for which REAPER would ask
        return old.media.resolved_path is None and new.kind in {"empty", old.kind} and new.media.file == ""
    match = re.fullmatch(r"\.tracks\[(\d+)\]\.(.*)", where)
    return match is not None and bool(names) and stem_fact(match[2], new, session.tracks[int(match[1])].guid, single)


def stem_fact(field: str, new: Any, guid: str, single: HeadlessPass) -> bool:
    names, values = single.order.names, single.order.values
    if field == "name":
        return bool(new == names.get(guid))
    if field == "selected":
        return bool(new == (guid in names))
    if field == "main_send.enabled":
        return new is False and (("track", guid, "B_MAINSEND"), 0.0) in values
    if re.fullmatch(r"receives\[\d+\]\.mute", field):
        return new is True and any(name[:2] == ("send", guid) for name, _ in values)
    return False


def meets(old: list[str], new: list[str]) -> bool:
    """Tell whether two files run in step from here: the next line says something, or two lines are the same."""
    return old == new or (old[:1] == new[:1] != [] and len(old[0].strip()) > 2)


def changed_lines(before: bytes, after: bytes) -> tuple[list[str], list[str]]:
    """Compare line by line; changes are small, so both files soon run in step again."""
    old, new = before.decode("utf-8", "replace").split("\n"), after.decode("utf-8", "replace").split("\n")
    out: list[str] = []
    into: list[str] = []
    here, there = 0, 0
    while here < len(old) or there < len(new):
        if old[here : here + 1] == new[there : there + 1]:
            here, there = here + 1, there + 1
            continue
        away, more = next(
            (gone, come - gone)
            for come in range(1, 40)
            for gone in range(come + 1)
            if meets(old[here + gone : here + gone + 2], new[there + come - gone : there + come - gone + 2])
        )
        out += old[here : here + away]
        into += new[there : there + more]
        here, there = here + away, there + more
    return out, into


def kinds(lines: list[str], sign: str) -> dict[str, int]:
    """Count lines by their first word; base64 is no word."""
    words = (line.split()[0].lstrip("<") if line.split() else "(empty)" for line in lines)
    named = (word if re.fullmatch(r"[A-Z0-9_]+|>|\(empty\)", word) else "base64" for word in words)
    return {sign + word: count for word, count in Counter(named).items()}


def passes(path: Path) -> Iterator[tuple[HeadlessPass, bytes, bytes, Session, RenderPlan]]:
    data = path.read_bytes()
    document = parse(data, name=path.name)
    session = session_from_document(document, path)
    plan = make_plan(session, Choices(tail="none"), media={}, project_name="Song", gain="none")
    wanted = frozenset([*(stem.file_name for stem in plan.stems), "rough_mix", "proof_mix"])
    for single in make_passes(session, plan, Path("/staging"), wanted=wanted, bypass_fx=False):
        yield single, data, write_pass(document, session, plan, single.order), session, plan


@pytest.mark.parametrize("path", FILES, ids=[path.name[:48] for path in FILES])
def test_a_pass_differs_only_in_what_the_plan_explains(path: Path) -> None:
    found: dict[str, dict[str, int]] = {}
    for single, before, after, session, plan in passes(path):
        again = session_from_document(parse(after, name=path.name), path)
        strange = [
            difference
            for difference in differences(session, again)
            if not explained(*difference, single, session, plan)
        ]
        assert strange == []
        out, into = changed_lines(before, after)
        print(single.title, *(f"- {line.rstrip()}" for line in out), *(f"+ {line.rstrip()}" for line in into), sep="\n")
        found[single.title] = kinds(out, "-") | kinds(into, "+")
        assert (b"\r\n" in before) == (b"\r\n" in after)
        assert not any(line.endswith("\r") != before.split(b"\n", 1)[0].endswith(b"\r") for line in into)
        expected = {guid: name for name, guid in single.tracks.items() if guid}
        assert {t.guid: t.name for t in again.tracks if t.selected and expected} == expected
    kept = json.loads(SNAPSHOT.read_text(encoding="utf-8")) if SNAPSHOT.exists() else {}
    if os.environ.get("STEMKIT_REFRESH"):
        kept[path.name] = found
        text = json.dumps(kept, indent=1, sort_keys=True)
        SNAPSHOT.write_text(text + "\n", encoding="utf-8")
    assert found == kept[path.name]
