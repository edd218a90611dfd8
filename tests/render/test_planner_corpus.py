"""Real projects: each gets a plan in which every track is accounted for, or a sentence."""

from __future__ import annotations

import time
from pathlib import Path

import pytest

from stemkit.errors import InputError
from stemkit.model.delivery import Choices
from stemkit.reaper.project_file import load_project
from stemkit.render.planner import make_plan

CORPUS = Path(__file__).resolve().parents[2].parent / "shared/rpp/corpus"
PROJECTS = sorted(CORPUS.glob("*.[rR][pP][pP]*")) if CORPUS.is_dir() else []


def test_the_corpus_is_there() -> None:
    if not PROJECTS:
        pytest.skip("the shared real projects are not beside the checkout")


@pytest.mark.parametrize("path", PROJECTS, ids=lambda path: path.name[:40])
def test_a_real_project_is_planned(path: Path) -> None:
    try:
        session = load_project(path)
    except InputError:
        return  # what a damaged file says is the reader's matter
    for choices in (Choices(), Choices(by="group"), Choices(order="instrument", bypass_fx=True, dry=("all",))):
        began = time.process_time()
        plan = make_plan(session, choices, project_name=path.stem)
        assert time.process_time() - began < 1
        cuts = [guid for stem in plan.stems if stem.variant == "stem" for guid, _ in stem.cuts]
        assert sorted([*cuts, *(t.guid for t in plan.excluded)]) == sorted(t.guid for t in session.tracks)
        assert bool(plan.stems) == (plan.bounds.frames > 0)
        assert plan.adds_up.possible == (not plan.adds_up.obstacles)
