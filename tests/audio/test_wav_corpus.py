"""The walker over the public collections of good and broken WAV files in the shared folder.

The folder a file lies in is its verdict. `invalid` files must show damage, and fatal damage unless the audio itself
is whole; `unsupported` ones must be unreadable or say that they are no plain PCM or float; all others readable.
"""

from __future__ import annotations

import csv
import time
from pathlib import Path

import pytest

from stemkit.audio.wav import walk

SHARED = Path(__file__).resolve().parents[2].parent / "shared" / "audio"
FIXTURES = SHARED / "wav-fixtures"
FILES = sorted(p.relative_to(FIXTURES).as_posix() for p in FIXTURES.rglob("*") if p.suffix.lower() == ".wav")
needs_fixtures = pytest.mark.skipif(not FILES, reason="the shared WAV fixtures are not here")

# Broken beside the audio: the folder says invalid, the damage is named, and every sample can be read.
AUDIO_WHOLE = {
    "smpl_chunk_empty.wav": "bad_smpl",
    "smpl_chunk_loop_count_too_high.wav": "bad_smpl",
    "smpl_chunk_truncated.wav": "bad_smpl",
    "smpl_chunk_truncated_sampler_specific_data.wav": "bad_smpl",
    "float_format_chunk_extension_size_incomplete_with_padding_byte.wav": "cut_fmt_extension",
}
# In `unsupported` because that library cannot read it; by the standard it is right, and stemkit can.
SUPPORTED_HERE = {"extensible_container_size_bigger_than_sample_size.wav": "24 valid bits in 32"}
BROKEN_BY_NAME = {
    "rect_24bit_noriff.wav": "not_audio",  # begins with RF65
    "rect_24bit_nowave.wav": "not_audio",  # its form type is "WAV "
    # The low three of four bytes hold the sample here, which only its writer knows; libsndfile plays noise.
    "pcmwaveformat-24bit-4byte-48kHz-stereo.wav": "padded_container",
    "rect_24bit_wrong_fmt_size.wav": "no_data",  # the fmt size is one too large, so no chunk follows
}
# Readable, with an oddity that is named.
ODD = {
    "rect_24bit_nods64.wav": {"no_ds64", "riff_size"},
    "nonstandard-01.wav": {"riff_size"},  # two bytes are promised that are not there
    "waveformatex-8bit-11025Hz-mono.wav": {"riff_size"},
}
# Where soundfile 0.14 with libsndfile 1.2.2 opens what the walker calls unreadable, and why the walker is right.
ONLY_LIBSNDFILE_READS = {
    "pcmwaveformat-24bit-4byte-48kHz-stereo.wav": "24 bits in 4 bytes; libsndfile reads 3 and gets noise",
    "data_chunk_has_incomplete_chunk_size.wav": "the file ends inside the header of data; libsndfile sees 0 frames",
    "data_chunk_truncated.wav": "100,000 frames promised, 2,240 there; libsndfile says nothing",
    "unsupported_bits_per_sample.wav": "20 bits do not fit into the 2 bytes that the block align gives; 0 frames",
}
# Where soundfile refuses what the walker calls readable.
ONLY_WALKER_READS = {
    "smpl_chunk_empty.wav": "an empty smpl makes libsndfile lose its way; the data chunk after it is whole",
    "extensible_unsupported_subformat_guid.wav": "ADPCM by GUID, which the walker names and nobody decodes",
    "unsupported_format_code_missing_extension_size.wav": "ADPCM without its coefficients, named as such",
    "unsupported_format_code_with_incomplete_extension.wav": "ADPCM without its coefficients, named as such",
}


@needs_fixtures
@pytest.mark.parametrize("name", FILES)
def test_verdict_agrees_with_the_folder(name: str) -> None:
    started = time.process_time()
    facts = walk(FIXTURES / name)
    assert time.process_time() - started < 1
    file = name.rsplit("/", 1)[-1]
    codes = {damage.code for damage in facts.damage}
    if file in AUDIO_WHOLE:
        assert facts.readable
        assert AUDIO_WHOLE[file] in codes
    elif "/invalid/" in name or "/fuzz/" in name:
        assert not facts.readable
    elif file in BROKEN_BY_NAME:
        assert not facts.readable
        assert BROKEN_BY_NAME[file] in codes
    elif "/unsupported/" in name and file not in SUPPORTED_HERE:
        assert facts.encoding == "other" or not facts.readable
    else:
        assert facts.readable
        assert codes == ODD.get(file, set())


def _baseline() -> list[dict[str, str]]:
    if not FILES:
        return []
    with (SHARED / "fixture-baseline.csv").open(newline="", encoding="utf-8") as stream:
        return list(csv.DictReader(stream))


@needs_fixtures
@pytest.mark.parametrize("row", _baseline(), ids=lambda row: row["file"])
def test_every_disagreement_with_libsndfile_is_known(row: dict[str, str]) -> None:
    facts = walk(FIXTURES / row["file"])
    file = row["file"].rsplit("/", 1)[-1]
    opens = row["soundfile"] == "ok"
    if opens is not facts.readable:
        known = ONLY_LIBSNDFILE_READS if opens else ONLY_WALKER_READS
        assert file in known
    else:
        assert file not in ONLY_LIBSNDFILE_READS
        assert file not in ONLY_WALKER_READS
    if opens and facts.readable and facts.frames is not None:
        assert (facts.sample_rate, facts.channels) == (int(row["samplerate"]), int(row["channels"]))
        assert facts.frames == int(row["info_frames"])


@needs_fixtures
def test_baseline_names_every_file() -> None:
    assert sorted(row["file"] for row in _baseline()) == FILES
    assert len(FILES) == 167


@needs_fixtures
def test_regions_and_utf8_markers() -> None:
    region = walk(FIXTURES / "rochars-wavefile/16bit-8kHz-1c-reaper-region.wav")
    assert [point.frame for point in region.cues] == [8000]
    assert [(loop.start_frame, loop.end_frame) for loop in region.loops] == [(8000, 12000)]  # REAPER's way
    utf8 = walk(FIXTURES / "rochars-wavefile/16bit-8kHz-1c-reaper-utf8cue.wav")
    assert [point.label for point in utf8.cues] == ["\N{GREEK CAPITAL LETTER OMEGA}"]
    lengths = walk(FIXTURES / "wavinfo/izotoperx_cues_test.wav").cues
    assert [point.length_frames for point in lengths[:3]] == [None, 5000, 10000]


@needs_fixtures
def test_metadata_of_a_field_recorder() -> None:
    facts = walk(FIXTURES / "wavinfo/A101_3.WAV")
    assert facts.bext is not None
    assert facts.ixml is not None
    assert facts.ixml.well_formed
    assert facts.bext.time_reference_samples == facts.ixml.timestamp_samples
    assert facts.ixml.file_sample_rate == facts.sample_rate == 48000
