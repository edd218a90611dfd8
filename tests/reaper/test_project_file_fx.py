"""Effect chains, from raw lines as REAPER writes them."""

from __future__ import annotations

import textwrap

import pytest

from stemkit.errors import InputError
from stemkit.model.session import Effect, FxChain
from stemkit.reaper.project_file import session_from_document
from stemkit.reaper.project_fx import describe_effect_label
from stemkit.reaper.rpp import parse


def chain_of(body: str, track_lines: str = "FX 1") -> FxChain:
    text = f"<REAPER_PROJECT 0.1\n<TRACK\n{track_lines}\n<FXCHAIN\n{textwrap.dedent(body)}\n>\n>\n>\n"
    return session_from_document(parse(text.encode(), name="song.rpp"), None).tracks[0].fx


def effect_of(body: str) -> Effect:
    (effect,) = chain_of(body).effects
    return effect


def test_the_lines_around_an_effect() -> None:
    chain = chain_of("""\
        WNDRECT 194 239 683 470
        SHOW 0
        LASTSEL 6
        DOCKED 0
        BYPASS 1 0 0
        <VST "VST: ReaComp (Cockos)" reacomp.dll 0 "Kick Duck" 1919247213<5653547265636D> ""
          bW9jZe9e7f4EAAAAAQAAAAAAAAACAAAA
        >
        WET 0.35
        PRESETNAME "stock - gentle"
        FLOATPOS 0 0 0 0
        FXID {F1}
        <PARMENV 2:_Wet 0 1 0.5 "Style / Kontakt"
          ACT 1 -1
          PT 0 0.5 0
        >
        <PROGRAMENV 12:bypass 0
          PARAMBASE 0.5
          LFO 1
          LFOWT 1 0
          AUDIOCTL 0
        >
        WAK 0 0
        BYPASS 0 1 0
        <VST "VST3i: Kontakt (Native Instruments) (64 out)" Kontakt.vst3 0 "" 821777587{56} ""
        >
        FXID {F2}
        WAK 0 0
        """)
    first, second = chain.effects
    assert chain.enabled
    assert first == Effect(
        name="ReaComp (Cockos)",
        alias="Kick Duck",
        kind="vst2",
        identifier="reacomp.dll",
        enabled=False,
        is_instrument=False,
        guid="{F1}",
        preset="stock - gentle",
        wet=0.35,
        envelopes=first.envelopes,
    )
    assert [(e.tag, e.target, e.stage, e.active, e.parameter) for e in first.envelopes] == [
        ("PARMENV", "parameter", "fx", True, "Style / Kontakt"),
        ("PROGRAMENV", "parameter", "fx", True, "12:bypass"),
    ]
    assert second == Effect(
        name="Kontakt (Native Instruments)",
        kind="vst3",
        identifier="Kontakt.vst3",
        offline=True,
        is_instrument=True,
        guid="{F2}",
        wet=1.0,
    )


@pytest.mark.parametrize(
    ("head", "lines", "active"),
    [
        ("<PROGRAMENV 1 0", "LFO 1\nAUDIOCTL 0", True),
        ("<PROGRAMENV 1 1", "LFO 1\nAUDIOCTL 0", False),  # switched off in its dialogue
        ("<PROGRAMENV 1 0", "LFO 0\nAUDIOCTL 0", False),  # nothing is chosen that would move
        ("<PROGRAMENV 1 0", "LFO 0\nAUDIOCTL 1", True),
        ("<PROGRAMENV 1 0", "LFO 0\nAUDIOCTL 0\nPLINK 1 2:-1 6 0", True),
    ],
)
def test_parameter_modulation(head: str, lines: str, active: bool) -> None:
    (envelope,) = effect_of(f'<JS a ""\n>\n{head}\n{lines}\n>').envelopes
    assert (envelope.active, envelope.points) == (active, ())


@pytest.mark.parametrize(
    ("head", "facts"),
    [
        (
            '<VST "VST: mda Stereo" "mda Stereo.dll" 0 "" 1835295059 ""',
            ("vst2", "mda Stereo", "mda Stereo.dll", "", False),
        ),
        (
            '<VST "VSTi: ReaSynth (Cockos)" reasynth.vst.so 0 ""',
            ("vst2", "ReaSynth (Cockos)", "reasynth.vst.so", "", True),
        ),
        # v5 and older stop after the alias; a renamed one has no prefix, then the file tells.
        ('<VST "My Comp" comp.vst3 0 ""', ("vst3", "My Comp", "comp.vst3", "", None)),
        ('<VST "My Comp" comp.dll 0 ""', ("vst2", "My Comp", "comp.dll", "", None)),
        ('<JS loser/masterLimiter ""', ("js", "loser/masterLimiter", "loser/masterLimiter", "", False)),
        ('<JS "IX/MIDI_Tool II" tool', ("js", "IX/MIDI_Tool II", "IX/MIDI_Tool II", "tool", False)),
        ('<JS "Guitar/phaser"', ("js", "Guitar/phaser", "Guitar/phaser", "", False)),
        (
            '<CLAP "CLAPi: Surge XT (Surge Synth Team)" org.surge-synth-team.surge-xt "pad"',
            ("clap", "Surge XT (Surge Synth Team)", "org.surge-synth-team.surge-xt", "pad", True),
        ),
        (
            '<AU "AU: AUPeakLimiter (Apple)" "Apple: AUPeakLimiter" "" 1635083896 1819112562 1634758764',
            ("au", "AUPeakLimiter (Apple)", "Apple: AUPeakLimiter", "", False),
        ),
        ('<AU "AUv3i: Synth (X)" "X: Synth" ""', ("au", "Synth (X)", "X: Synth", "", True)),
        ('<LV2 "LV2: Calf Reverb" http://calf "plate"', ("lv2", "Calf Reverb", "http://calf", "plate", False)),
        ('<DX "DXi: Old Synth" {0} ""', ("dx", "Old Synth", "{0}", "", True)),
        ('<VIDEO_EFFECT "Video processor" "fade"', ("video", "Video processor", "", "fade", False)),
        ('<REWIRE "ReWire: REAPER" ""', ("other", "REAPER", "", "", None)),
    ],
)
def test_headers(head: str, facts: tuple[object, ...]) -> None:
    effect = effect_of(f"{head}\n>")
    assert (effect.kind, effect.name, effect.identifier, effect.alias, effect.is_instrument) == facts
    assert effect.enabled
    assert not effect.offline


def test_blocks_that_are_no_effects_are_passed_over() -> None:
    chain = chain_of('<JS a ""\n>\n<JS_SER\nAAA=\n>\n<JS_PINMAP\n>\n<COMMENT\n>\n')
    assert [effect.name for effect in chain.effects] == ["a"]


def test_containers_hold_effects() -> None:
    """Hand-made after REAPER 7's habits; no container was found in a public project."""
    container, after = chain_of("""\
        BYPASS 0 0 0
        <CONTAINER Container "drum bus"
          CONTAINER_CFG 2 2 2 0
          SHOW 0
          BYPASS 1 0 0
          <VST "VSTi: ReaSynth (Cockos)" reasynth.dll 0 ""
          >
          FXID {IN}
          BYPASS 0 0 0
          <CONTAINER Container ""
            <JS deep ""
            >
          >
        >
        FXID {OUT}
        BYPASS 0 0 0
        <JS after ""
        >
        """).effects
    assert (container.kind, container.alias, container.guid, container.enabled) == (
        "container",
        "drum bus",
        "{OUT}",
        True,
    )
    assert container.is_instrument is True
    synth, inner = container.children
    assert (synth.name, synth.enabled, synth.guid) == ("ReaSynth (Cockos)", False, "{IN}")
    assert ([child.name for child in inner.children], inner.is_instrument) == (["deep"], False)
    assert after.name == "after"


def test_containers_cannot_be_nested_for_ever() -> None:
    depth = 5000
    with pytest.raises(InputError, match=r"song\.rpp, line \d+: effect containers lie more than 64 deep"):
        chain_of('<CONTAINER c ""\n' * depth + ">\n" * depth)


def test_the_chain_switch_is_apart_from_the_effects() -> None:
    chain = chain_of('BYPASS 0 0 0\n<JS a ""\n>', track_lines="FX 0")
    assert (chain.enabled, chain.effects[0].enabled) == (False, True)


def test_effects_for_recording_are_not_heard() -> None:
    text = '<REAPER_PROJECT 0.1\n<TRACK\n<FXCHAIN_REC\n<JS a ""\n>\n>\n>\n>\n'
    assert session_from_document(parse(text.encode(), name="song.rpp"), None).tracks[0].fx == FxChain()


@pytest.mark.parametrize(
    ("label", "facts"),
    [
        ("VST3: SPAN (Voxengo)", ("vst3", "SPAN (Voxengo)", False)),
        ("VST3: EAR Object (EBU) (mono)", ("vst3", "EAR Object (EBU)", False)),
        ("VST: ambix_decoder_o3 (kronlachner) (16->48ch)", ("vst2", "ambix_decoder_o3 (kronlachner)", False)),
        (
            "VST: ReaFir (FFT EQ+Dynamics Processor) (Cockos)",
            ("vst2", "ReaFir (FFT EQ+Dynamics Processor) (Cockos)", False),
        ),
        ("JS: Volume/Pan Smoother", ("js", "Volume/Pan Smoother", None)),
        ("Video processor", (None, "Video processor", None)),
        ("", (None, "", None)),
    ],
)
def test_labels(label: str, facts: tuple[object, ...]) -> None:
    assert describe_effect_label(label) == facts
