from __future__ import annotations

import dataclasses
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from stemkit.app.cache_codec import decode_facts, encode_facts
from stemkit.model.audio import (
    AudioFacts,
    Bext,
    ContainerFacts,
    CuePoint,
    Damage,
    Gap,
    Ixml,
    LossyEvidence,
    Run,
    SampleLoop,
)

FLOATS = st.none() | st.floats(allow_nan=False)  # NaN differs from itself
FRAMES = st.integers(0, 2**53)
RUNS = st.builds(Run, start_frame=FRAMES, end_frame=FRAMES, channel=st.integers(0, 63), level=FLOATS)
AUDIO = st.builds(
    AudioFacts,
    sample_rate=st.integers(1000, 1_536_000),
    channels=st.integers(1, 64),
    frames=FRAMES,
    sample_peak_dbfs=FLOATS,
    true_peak_dbtp=FLOATS,
    channel_peaks_dbfs=st.lists(FLOATS, max_size=3).map(tuple),
    dc_offset=st.lists(st.floats(allow_nan=False), max_size=3).map(tuple),
    clipped_runs=st.lists(RUNS, max_size=2).map(tuple),
    gaps=st.lists(
        st.builds(Gap, start_frame=FRAMES, end_frame=FRAMES, digital=st.booleans(), noise_dbfs=FLOATS), max_size=2
    ).map(tuple),
    tail_cut=st.none() | st.booleans(),
    image=st.sampled_from(["mono", "silent", "multichannel"]),
    lossy=st.none()
    | st.builds(
        LossyEvidence, suspected=st.booleans(), confidence=st.floats(0, 1), cutoff_hz=FLOATS, explanation=st.text()
    ),
    effective_bits=st.none() | st.integers(1, 32),
    envelope=st.lists(
        st.tuples(st.floats(width=32, allow_nan=False), st.floats(width=32, allow_nan=False)), max_size=5
    ).map(tuple),
    envelope_frames=FRAMES,
)
CONTAINER = st.builds(
    ContainerFacts,
    container=st.sampled_from(["wav", "rf64", "empty"]),
    size_bytes=FRAMES,
    encoding=st.sampled_from([None, "pcm24", "float32"]),
    chunks=st.lists(st.text(max_size=4), max_size=3).map(tuple),
    bext=st.none()
    | st.builds(
        Bext,
        description=st.text(),
        umid=st.binary(max_size=64),
        time_reference_samples=FRAMES,
        loudness_value_lufs=FLOATS,
    ),
    ixml=st.none()
    | st.builds(Ixml, project=st.none() | st.text(), track_names=st.lists(st.text(), max_size=2).map(tuple)),
    info=st.dictionaries(st.text(max_size=4), st.text(), max_size=3),
    cues=st.lists(st.builds(CuePoint, identifier=FRAMES, frame=FRAMES, label=st.text()), max_size=2).map(tuple),
    loops=st.lists(st.builds(SampleLoop, start_frame=FRAMES, end_frame=FRAMES, play_count=FRAMES), max_size=2).map(
        tuple
    ),
    damage=st.lists(st.builds(Damage, code=st.text(), message=st.text(), offset=st.none() | FRAMES), max_size=2).map(
        tuple
    ),
)


@settings(max_examples=60, deadline=None)
@given(CONTAINER, AUDIO)
def test_facts_come_back_as_they_went(container: ContainerFacts, audio: AudioFacts) -> None:
    text = encode_facts(container, audio)
    container_again, audio_again = decode_facts(text)
    assert container_again == container
    assert tuple(audio_again.envelope) == tuple(audio.envelope)
    assert dataclasses.replace(audio_again, envelope=()) == dataclasses.replace(audio, envelope=())
    assert encode_facts(container_again, audio_again) == text


@pytest.mark.parametrize(
    "text", ["", "{}", "[]", "null", '{"audio": 3}', '{"audio": {}, "container": {}, "envelope": ""}']
)
def test_something_else_is_no_fact(text: str) -> None:
    with pytest.raises((ValueError, TypeError, KeyError)):
        decode_facts(text)


def test_every_type_of_the_facts_has_a_reader() -> None:
    """A new field of a kind that the codec does not know must not slip through as bare JSON."""

    def kinds(value: Any) -> set[type]:
        if dataclasses.is_dataclass(value):
            inner = [getattr(value, field.name) for field in dataclasses.fields(value)]
            return {type(value)}.union(*map(kinds, inner))
        return {type(value)}.union(*map(kinds, value)) if isinstance(value, tuple) else {type(value)}

    run = Run(start_frame=1, end_frame=2, channel=0, level=0.5)
    audio = AudioFacts(
        sample_rate=48000,
        channels=2,
        frames=9,
        clipped_runs=(run,),
        dropouts=(run,),
        gaps=(Gap(start_frame=1, end_frame=3, digital=True),),
        lossy=LossyEvidence(suspected=True, confidence=0.5),
    )
    container = ContainerFacts(
        container="wav", size_bytes=1, bext=Bext(umid=b"x"), ixml=Ixml(), damage=(Damage(code="a", message="b"),)
    )
    again = decode_facts(encode_facts(container, audio))
    assert kinds(again[0]) == kinds(container)
    assert kinds(dataclasses.replace(again[1], envelope=())) == kinds(audio)
