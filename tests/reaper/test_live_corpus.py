"""Real projects from the command line to the check, live, each with media made up for it.

The reference is the same project's file, read by the product's reader and rendered without REAPER.
"""

from __future__ import annotations

import json
import ntpath
import shutil
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
import soundfile

from stemkit.app.prepare import prepare
from stemkit.reaper.project_file import load_project
from stemkit.render.builtin import BuiltinEngine
from tests.fakereaper.running import running_reaper

CORPUS = Path(__file__).resolve().parents[2].parent / "shared" / "rpp" / "corpus"
# The end: late enough for the first sound.
NAMES = {"davemod": "0:03.000", "RealLifeProject": "0:03.000", "conclavi-drums": "0:05.500"}
SECONDS, RATE = 6, 44_100


def project_with_media(part: str, folder: Path) -> Path:
    """Copy a project and write sound for each file that it names."""
    source = next(path for path in CORPUS.glob("*.rpp") if part in path.name)
    project = folder / "Song.rpp"
    folder.mkdir()
    shutil.copy(source, project)
    rng = np.random.default_rng(7)
    session = load_project(project)
    names = {
        ntpath.basename(take.source.media.file)
        for track in session.tracks
        for item in track.items
        for take in item.takes
        if take.source is not None and take.source.media.file
    }
    for name in sorted(names):
        fade = np.linspace(0.3, 0.05, SECONDS * RATE)[:, None]
        noise = (rng.standard_normal((SECONDS * RATE, 2)) * fade * 0.5).clip(-0.9, 0.9)
        # Plain WAV under any name: readers go by content, and real codecs would only make the checker listen longer.
        soundfile.write(folder / name, noise, RATE, format="WAV", subtype="PCM_24")
    return project


@pytest.mark.skipif(not CORPUS.is_dir(), reason="the corpus of real projects is not beside this checkout")
@pytest.mark.parametrize("hz", [30.0, 300.0])
@pytest.mark.parametrize("part", NAMES)
def test_a_real_project_live_is_what_its_file_gives(part: str, hz: float, tmp_path: Path) -> None:
    end = NAMES[part]
    project = project_with_media(part, tmp_path / "song")
    choices = {"gain": "none", "encoding": "float32", "tail": "none", "end": end, "sample_rate": RATE}
    offline = prepare(project, overrides=choices | {"bypass_fx": True})
    engine = BuiltinEngine(bypass_fx=True)
    possible = {k for k, v in engine.fidelity(offline.session, offline.plan).items() if v.level != "impossible"}
    reference = engine.render(offline.session, offline.plan, tmp_path / "file", keys=frozenset(possible))
    script = "import sys; from stemkit.cli.entry import run; sys.exit(run(sys.argv[1:]))"
    options = ["--gain", "none", "--encoding", "float32", "--tail", "none", "--end", end, "--rate", str(RATE)]
    with running_reaper(project, tmp_path / "resource", hz=hz) as running:
        done = subprocess.run(
            [sys.executable, "-c", script, "render", "--live", "-o", str(tmp_path / "live"), "--format", "json", *options],
            capture_output=True, text=True, timeout=600, check=False, env=running.environment,
        )  # fmt: skip
    assert done.returncode in {0, 1}, done.stderr
    report = json.loads(done.stdout)
    assert not {"SK204", "SK401", "SK402", "SK801", "SK802"} & {f["rule"] for f in report["findings"]}
    live = {path.name: path for path in (tmp_path / "live" / "Stems").iterdir()}
    stems = [audio for audio in reference if audio.key not in {"rough_mix", "proof_mix"}]
    assert {f"{audio.key}.wav" for audio in stems} <= live.keys()
    assert stems
    for audio in stems:
        ours = soundfile.read(live[f"{audio.key}.wav"], always_2d=True)[0]
        theirs = soundfile.read(audio.path, always_2d=True)[0]
        assert np.abs(ours - theirs[:, : ours.shape[1]]).max() < 2e-6, audio.key
    assert any(np.abs(soundfile.read(path)[0]).max() > 0.01 for path in live.values())
