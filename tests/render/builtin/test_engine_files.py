"""Files in and out: MP3, open files, staging names, RF64, and what stays when a render fails."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import soundfile

from stemkit.errors import EngineError
from stemkit.model.session import Source
from stemkit.render.builtin import BuiltinEngine, writer
from stemkit.render.builtin.media import FilePool, FileStream
from stemkit.render.builtin.mp3 import decoded_frames, has_delay_header
from tests.render.builtin.engine_songs import (
    item,
    noise,
    null_db,
    plan,
    render,
    session,
    stem,
    track,
    verdict,
    write_wav,
)


@pytest.fixture
def mp3(tmp_path: Path) -> Path:
    path = tmp_path / "tone.mp3"
    soundfile.write(path, noise(2, 44_100), 44_100, format="MP3", bitrate_mode="CONSTANT", compression_level=0.8)
    return path


def without_header(path: Path) -> bytes:
    """Cut away the first MPEG frame, which holds the header of the encoder."""
    data = path.read_bytes()
    return data[data.index(data[:2], 4) :]


def played(path: Path, tmp_path: Path) -> Any:
    source = Source(kind="mp3", file=path.name, resolved_path=str(path), file_flags=("1",))
    song = session(track("a", item(source)))
    return render(song, plan(seconds=0.5, rate=44_100), tmp_path / "out")["proof_mix"]


def test_an_mp3_with_a_delay_header_starts_where_libsndfile_starts(mp3: Path, tmp_path: Path) -> None:
    """libsndfile trims the header frame and the encoder's and decoder's delay itself."""
    assert has_delay_header(str(mp3))
    decoded, _ = soundfile.read(mp3)
    assert len(decoded) == 44_100
    assert played(mp3, tmp_path) == pytest.approx(decoded[:22_050] * 32767 / 32768, abs=1e-7)


@pytest.mark.parametrize("tag", [b"", b"ID3\x04\x00\x00\x00\x00\x01\x00" + b"Info Xing" + b"\x00" * 119])
def test_an_mp3_without_one_starts_at_libsndfiles_sample_1106(mp3: Path, tmp_path: Path, tag: bytes) -> None:
    """Mixing-math sheet, section 0, measured on three such files: place and level. An ID3 tag is no header."""
    bare = tmp_path / "bare.mp3"
    bare.write_bytes(tag + without_header(mp3))
    assert not has_delay_header(str(bare))
    decoded, _ = soundfile.read(bare)
    assert played(bare, tmp_path) == pytest.approx(decoded[1106 : 1106 + 22_050] * 32767 / 32768, abs=1e-7)


def test_the_verdict_on_an_mp3_depends_on_its_header(mp3: Path, tmp_path: Path) -> None:
    bare = tmp_path / "bare.mp3"
    bare.write_bytes(without_header(mp3))

    def level(path: Path, flags: tuple[str, ...]) -> str:
        source = Source(kind="mp3", file=path.name, resolved_path=str(path), file_flags=flags)
        wish = plan(stem("a"), seconds=0.5, rate=44_100)
        return verdict(session(track("a", item(source, 0, 0.5))), wish, "a").level

    assert [level(bare, ("1",)), level(bare, ()), level(mp3, ("1",))] == ["exact", "approximate", "approximate"]


def test_an_mp3_whose_length_nobody_knows_is_refused(tmp_path: Path) -> None:
    """libsndfile guesses the length of a varying bit rate from the first frame, and would cut this file short."""
    path = tmp_path / "vbr.mp3"
    loud_then_silent = np.concatenate([noise(1, 8000), np.zeros((80_000, 2))])
    soundfile.write(path, loud_then_silent, 44_100, format="MP3", bitrate_mode="VARIABLE")
    bare = tmp_path / "bare.mp3"
    bare.write_bytes(without_header(path))
    source = Source(kind="mp3", file="bare.mp3", resolved_path=str(bare), file_flags=("1",))
    assert decoded_frames(str(bare)) > soundfile.info(bare).frames
    found = verdict(session(track("a", item(source))), plan(stem("a"), rate=44_100), "a")
    assert found.level == "impossible"
    assert "bare.mp3" in found.reasons[0]
    known_s = (soundfile.info(bare).frames - 1106) / 44_100
    early = session(track("a", item(source, 0.0, known_s - 0.01)))
    assert verdict(early, plan(stem("a"), rate=44_100), "a").level == "exact"


@pytest.mark.parametrize("name", ["x.flac", "x.ogg", "x.aiff"])
def test_other_formats_are_read(tmp_path: Path, name: str) -> None:
    sound = noise(4, 48_000)
    soundfile.write(tmp_path / name, sound, 48_000)
    decoded, _ = soundfile.read(tmp_path / name)
    source = Source(kind="wave", file=name, resolved_path=str(tmp_path / name))
    got = render(session(track("a", item(source))), plan(), tmp_path / "out", block_frames=10_000)["proof_mix"]
    assert null_db(got, decoded) < -130


def test_few_files_are_open_at_a_time(tmp_path: Path) -> None:
    sources = [write_wav(tmp_path / f"{n}.wav", np.full((3000, 1), n + 1.0), subtype="FLOAT") for n in range(5)]
    with FilePool(limit=2) as pool:
        streams = [FileStream(str(s.resolved_path), pool) for s in sources]
        for start in (0, 1000, 500, 2000):
            for n, stream in enumerate(streams):
                assert np.all(stream.read(start, 700) == n + 1.0)
                assert len(pool._open) <= 2
    assert not pool._open


def test_a_stream_steps_back_without_reading_again(tmp_path: Path) -> None:
    sound = noise(1, 20_000, 2)
    source = write_wav(tmp_path / "n.wav", sound)
    with FilePool() as pool:
        stream = FileStream(str(source.resolved_path), pool)
        for start, count in ((0, 9000), (8800, 5000), (13_000, 700), (100, 50), (19_900, 500), (-50, 100), (30_000, 5)):
            wanted = np.zeros((2, count))
            inside = np.arange(start, start + count)
            good = (inside >= 0) & (inside < len(sound))
            wanted[:, good] = sound[inside[good]].T
            assert np.array_equal(stream.read(start, count), wanted)


def test_more_stems_than_open_files(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(writer.OpenFiles.__init__, "__defaults__", (2,))
    source = write_wav(tmp_path / "s.wav", noise(1, 4800))
    song = session(*(track(f"t{n}", item(source, volume=n + 1.0)) for n in range(5)))
    got = render(song, plan(*(stem(f"t{n}") for n in range(5)), seconds=0.1), tmp_path / "out", block_frames=999)
    for n in range(5):
        assert got[f"t{n}"] == pytest.approx(got["t0"] * (n + 1), abs=1e-6)


def test_keys_become_safe_names_of_their_own(tmp_path: Path) -> None:
    names = writer.staging_names(["01_Kick", "01_kick", "a/b", "a:b", "..", "Gitarre ä"])
    assert names["01_Kick"] == "01_Kick"
    assert names["Gitarre ä"] == "Gitarre ä"
    assert len({n.casefold() for n in names.values()}) == len(names)
    assert not any(c in n for n in names.values() for c in '/\\:*?"<>|')


def test_files_above_the_limit_of_wav_are_rf64(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(writer, "_WAV_LIMIT_BYTES", 10_000)
    source = write_wav(tmp_path / "s.wav", noise(1, 4800))
    got = render(session(track("a", item(source))), plan(seconds=0.1), tmp_path / "out")
    assert (tmp_path / "out" / "proof_mix.wav").read_bytes()[:4] == b"RF64"
    assert len(got["proof_mix"]) == 4800


def test_what_is_told_of_a_file(tmp_path: Path) -> None:
    source = write_wav(tmp_path / "s.wav", np.array([[0.25, 0.25], [-0.75, -0.75], [0.5, 0.5]]))
    song = session(track("a", item(source, 0.01)), track("b", item(source, 0.01), pan=0.5))
    wish = plan(stem("a"), stem("b"), seconds=0.1)
    seen: list[tuple[float, str]] = []
    made = BuiltinEngine().render(song, wish, tmp_path / "out", progress=lambda done, what: seen.append((done, what)))
    audio = {a.key: a for a in made}
    assert set(audio) == {"a", "b", "rough_mix", "proof_mix"}
    assert audio["a"].peak == 0.75
    assert audio["a"].left_equals_right is True
    assert audio["b"].left_equals_right is False
    assert (audio["a"].frames, audio["a"].channels, audio["a"].sample_rate) == (4800, 2, 48_000)
    assert soundfile.info(audio["a"].path).subtype == "FLOAT"
    assert seen[-1] == (1.0, "mixing")


def test_only_the_wanted_keys_are_rendered(tmp_path: Path) -> None:
    source = write_wav(tmp_path / "s.wav", noise(1, 4800))
    song = session(track("a", item(source)), track("b", item(Source(kind="wave", file="gone.wav"))))
    wish = plan(stem("a"), stem("b"), seconds=0.1)
    assert set(render(song, wish, tmp_path / "out", keys=frozenset({"a"}))) == {"a"}
    with pytest.raises(EngineError, match=r"gone\.wav"):
        render(song, wish, tmp_path / "out", keys=frozenset({"a", "b"}))


def test_a_failing_render_leaves_nothing(tmp_path: Path) -> None:
    source = write_wav(tmp_path / "s.wav", noise(1, 4800))

    def stop(_done: float, _what: str) -> None:
        raise KeyboardInterrupt

    song = session(track("a", item(source)))
    with pytest.raises(KeyboardInterrupt):
        BuiltinEngine().render(song, plan(stem("a"), seconds=0.1), tmp_path / "out", progress=stop)
    assert not list((tmp_path / "out").iterdir())


def test_importing_the_engine_loads_no_audio_library() -> None:
    script = "import sys, stemkit.render.builtin; print('soundfile' in sys.modules, 'scipy' in sys.modules)"
    assert (
        subprocess.run([sys.executable, "-c", script], check=True, capture_output=True, text=True).stdout
        == "False False\n"
    )
