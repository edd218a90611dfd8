"""Whatever stands in the fields, a project becomes a session or one sentence, never another error."""

from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st

from stemkit.reaper.project_file import session_from_document
from stemkit.reaper.rpp import parse

KEY_WORDS = [
    "TEMPO",
    "SAMPLERATE",
    "MARKER",
    "SELECTION",
    "PROJOFFS",
    "RENDER_RANGE",
    "NAME",
    "VOLPAN",
    "MUTESOLO",
    "ISBUS",
    "NCHAN",
    "AUXRECV",
    "HWOUT",
    "FREEMODE",
    "LANESOLO",
    "YPOS",
    "FADEIN",
    "TAKE",
    "TAKEVOLPAN",
    "SOFFS",
    "PLAYRATE",
    "SM",
    "FILE",
    "HASDATA",
    "E",
    "PT",
    "PPT",
    "POOLEDENVINST",
    "ACT",
    "BYPASS",
    "WET",
    "ID",
]
TAG_WORDS = [
    "TRACK",
    "ITEM",
    "SOURCE",
    "TAKEFX",
    "FXCHAIN",
    "VST",
    "JS",
    "CONTAINER",
    "PARMENV",
    "PROGRAMENV",
    "VOLENV",
    "VOLENV2",
    "AUXVOLENV",
    "TEMPOENVEX",
    "POOLEDENV",
    "X",
    "MASTERFXLIST",
    "MASTERVOLENV",
    "NAME",
    "NOTES",
]
WORDS = st.sampled_from(
    [
        "-1",
        "nan",
        "inf",
        "-inf",
        "1e400",
        "9" * 5000,
        "",
        '"',
        "'",
        "\udcff",
        "0x10",
        "NULL",
        "SEL",
        "٣",
        "1_0",
        "-1:U",
        "4294967295",
    ]
)
KEYS = st.sampled_from(KEY_WORDS)
TAGS = st.sampled_from(TAG_WORDS)
LINES = st.builds(lambda key, words: " ".join([key, *words]), KEYS, st.lists(WORDS, max_size=9))


def block_of(tag: str, words: list[str], contents: list[str]) -> str:
    return "\n".join([" ".join([f"<{tag}", *words]), *contents, ">"])


BLOCKS = st.recursive(
    LINES,
    lambda inner: st.builds(block_of, TAGS, st.lists(WORDS, max_size=6), st.lists(inner, max_size=6)),
    max_leaves=40,
)


@settings(max_examples=150)
@given(st.lists(BLOCKS, max_size=6))
def test_odd_values_never_raise(contents: list[str]) -> None:
    data = block_of("REAPER_PROJECT", ["0.1"], contents).encode("utf-8", "surrogateescape")
    assert session_from_document(parse(data, name="x"), None).source == "rpp"
