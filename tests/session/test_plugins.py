"""Names are spelled as REAPER and the makers show them; the expected kind is what each maker sells it as."""

from __future__ import annotations

import pytest

from stemkit.model.session import Effect, FxChain
from stemkit.session.plugins import classify, live_effects, normalise, walk_effects

KNOWN = """
limiter: ReaLimit (Cockos) | VST: ReaLimit (Cockos) | FabFilter Pro-L 2 (FabFilter) | Pro-L 2 (FabFilter)
limiter: VST3: Pro-L 2 (FabFilter) | AU: FabFilter: Pro-L 2 | CLAP: FabFilter Pro-L (FabFilter) | FabFilter: Pro-L
limiter: L2 Stereo (Waves) | L1 limiter Stereo (Waves) | Waves L2 Mono | TDR Limiter 6 GE (Tokyo Dawn Labs)
limiter: UADx Precision Limiter (Universal Audio) | Oxford Limiter V3 (Sonnox) | Weiss MM-1 Mastering Maximizer (Softube)
limiter: bx_limiter True Peak (Plugin Alliance) | LoudMax (Thomas Mundt) | Elephant (Voxengo) | smart:limit (sonible)
limiter: Ozone 9 Vintage Limiter (iZotope) | Limitless (DMGAudio) | Elevate (Newfangled Audio)
maximizer: L3 Multi Stereo (Waves) | L3-LL Ultra Stereo (Waves) | Ozone 11 (iZotope) | Ozone 10 Maximizer (iZotope)
maximizer: Oxford Inflator (Sonnox) | SPL IRON (Plugin Alliance) | bx_masterdesk (Plugin Alliance)
compressor: ReaComp (Cockos) | FabFilter Pro-C 2 (FabFilter) | Pro-C 3 (FabFilter) | TDR Kotelnikov GE (Tokyo Dawn Labs)
compressor: SSL G-Master Buss Compressor Stereo (Waves) | SSLGComp Stereo (Waves) | CLA-76 Stereo (Waves) | CLA-2A Mono
compressor: API-2500 Stereo (Waves) | H-Comp Stereo (Waves) | UADx 1176LN Classic Compressor (Universal Audio) | RVox Mono
compressor: UAD Fairchild 670 Legacy (Universal Audio) | Ozone 9 Vintage Compressor (iZotope) | The Glue (Cytomic)
compressor: Ozone 11 Dynamics (iZotope) | Oxford Dynamics (Sonnox) | elysia alpha compressor (Plugin Alliance) | OTT (Xfer Records)
compressor: Shadow Hills Mastering Compressor (Plugin Alliance) | MJUC jr. (Klanghelm) | Molot GE (Tokyo Dawn Labs)
multiband: ReaXcomp (Cockos) | FabFilter Pro-MB (FabFilter) | C4 Stereo (Waves) | C6 Stereo (Waves)
multiband: LinMB Stereo (Waves) | Linear Phase Multiband Stereo (Waves)
clipper: StandardCLIP (SIR Audio Tools) | KClip 3 (Kazrog) | GClip | FreeClip (Venn Audio) | bx_clipper (Plugin Alliance)
eq: ReaEQ (Cockos) | FabFilter Pro-Q 3 (FabFilter) | Pro-Q 4 (FabFilter) | AU: FabFilter: Pro-Q 3 | Kirchhoff-EQ (Three-Body Technology)
eq: TDR Nova (Tokyo Dawn Labs) | TDR VOS SlickEQ (Tokyo Dawn Labs) | SSL E-Channel Stereo (Waves) | Q10 Stereo (Waves) | REQ 6 Stereo (Waves)
eq: bx_digital V3 (Plugin Alliance) | Maag EQ4 (Plugin Alliance) | Ozone 11 Equalizer (iZotope) | Neutron 4 (iZotope) | soothe2 (oeksound)
deesser: FabFilter Pro-DS (FabFilter) | RDeEsser Mono (Waves) | Sibilance Mono (Waves) | Spitfish
gate: ReaGate (Cockos) | FabFilter Pro-G (FabFilter) | Oxford Drum Gate (Sonnox)
saturation: FabFilter Saturn 2 (FabFilter) | J37 Stereo (Waves) | Saturation Knob (Softube) | SDRR2 (Klanghelm) | UAD Studer A800 (Universal Audio)
saturation: CHOWTapeModel (chowdsp) | RBass Stereo (Waves) | Ozone 11 Exciter (iZotope) | RC-20 Retro Color (XLN Audio)
reverb: ReaVerb (Cockos) | ReaVerbate (Cockos) | ValhallaRoom (Valhalla DSP, LLC) | ValhallaVintageVerb (Valhalla DSP) | FabFilter Pro-R 2 (FabFilter)
reverb: ValhallaSupermassive (Valhalla DSP) | H-Reverb long Stereo (Waves) | Little Plate (Soundtoys) | UAD EMT 140 (Universal Audio) | Blackhole (Eventide)
reverb: Oxford Reverb (Sonnox) | LX480 Complete (Relab) | Raum (Native Instruments) | IR1 Full (Waves)
delay: ReaDelay (Cockos) | FabFilter Timeless 3 (FabFilter) | EchoBoy (Soundtoys) | H-Delay Stereo (Waves) | ValhallaDelay (Valhalla DSP)
delay: Replika XT (Native Instruments) | SuperTap 6-Taps Mod (Waves) | ColourCopy (u-he) | PrimalTap (Soundtoys)
modulation: MicroShift (Soundtoys) | MetaFlanger Stereo (Waves) | Tremolator (Soundtoys) | ValhallaSpaceModulator | ShaperBox 3 (Cableguys) | ReaPitch (Cockos)
amp: AmpliTube 5 (IK Multimedia) | Guitar Rig 6 (Native Instruments) | Archetype Plini (Neural DSP) | Helix Native (Line 6) | Boogex (Voxengo)
amp: GTR3 ToolRack Stereo (Waves) | Neural Amp Modeler | NeuralAmpModeler (Steven Atkinson) | BIAS FX 2 (Positive Grid) | TH-U (Overloud)
distortion: iZotope Trash 2 (iZotope, Inc.) | Decapitator (Soundtoys) | CamelCrusher (Camel Audio) | Devil-Loc Deluxe (Soundtoys)
vocoder: ReaVocode (Cockos) | Morphoder Stereo (Waves) | VocalSynth 2 (iZotope) | TAL-Vocoder-2 (TAL)
tuning: ReaTune (Cockos) | Melodyne (Celemony) | Auto-Tune Pro (Antares) | Waves Tune Real-Time Mono (Waves) | Antares Auto-Tune Evo | GSnap
meter: Youlean Loudness Meter 2 (Youlean) | SPAN (Voxengo) | SPAN Plus (Voxengo) | Insight 2 (iZotope) | LEVELS (Mastering The Mix)
meter: WLM Plus Stereo (Waves) | PAZ Meters Stereo (Waves) | VUMTdeluxe (Klanghelm) | J-Scope (Jon Grove) | Tonal Balance Control 2 (iZotope)
utility: MSED (Voxengo) | SoundID Reference Plugin (Sonarworks) | Vocal Rider Stereo (Waves) | S1 Imager Stereo (Waves) | A1StereoControl (A1AUDIO)
utility: Ozone Imager 2 (iZotope) | EAR Monitoring 0+2+0 (EBU) | ReaControlMIDI (Cockos)
instrument: Kontakt 7 (Native Instruments) (64 out) | EZdrummer 3 (Toontrack) | Serum (Xfer Records) | Surge XT (Surge Synth Team) | ReaSamplOmatic5000 (Cockos)
restoration: RX 10 De-noise (iZotope) | RX 9 Voice De-noise | Z-Noise Stereo (Waves) | Ozone 11 Unlimiter (iZotope)
"""
# Paths of effects that REAPER ships, as a public copy of its Effects folder has them (Samelot/Reaper, commit b43599b).
JS = """
limiter: LOSER/masterLimiter | LOSER/MGA_JSLimiter | LOSER/MGA_JSLimiterST | LOSER/SP1LimiterJS | Utility/limiter
limiter: SStillwell/eventhorizon | SStillwell/eventhorizon2 | loser/brickwall_maximizer
maximizer: LOSER/ZeroCrossingMaximizer | SStillwell/louderizer | SStillwell/realoud_lpf
clipper: Schwa/soft_clipper
compressor: SStillwell/1175 | SStillwell/majortom | SStillwell/mastertom | SStillwell/fairlychildish2 | SStillwell/expressbus
compressor: LOSER/DDC | LOSER/DVCJS | LOSER/Compciter | LOSER/TransientKiller | dynamics/general_dynamics
gate: Misc/noisegate | SStillwell/expander | SStillwell/autoexpand
eq: LOSER/3BandEQ | LOSER/4BandEQ | SStillwell/rbj7eq | SStillwell/3x3_6dbSlope | SStillwell/4x4 | Filters/resonantlowpass
eq: Liteon/butterworth24db | Liteon/moog24db | Liteon/tilteq | Teej/rbj12eq-teej | Filters/dc_remove
deesser: Liteon/deesser
reverb: reverb/fdn
delay: Delay/delay | Delay/delay_tone | Delay/fft-delay | SStillwell/delay_pong
modulation: Guitar/chorus | Guitar/phaser | Guitar/tremolo | Guitar/wah | Delay/delay_chorus | LOSER/amplitudeModulator
modulation: SStillwell/flangebaby | Pitch/octavedown
distortion: Guitar/distortion | Guitar/distort-fuzz | LOSER/waveShapingDstr | Misc/adpcm_simulator
amp: Guitar/amp-model | Guitar/amp-model-dual
saturation: LOSER/Saturation | SStillwell/badbussmojo_aa | SStillwell/exciter | SStillwell/hugebooty
meter: Analysis/gfxspectrograph | Analysis/compscope | LOSER/gfxGoniometer | LOSER/phaseMeter | Liteon/vumetergfxsum
meter: Schwa/audio_statistics | LUFS_Loudness_Meter
utility: Utility/volume | Utility/KanakaMS5 | IX/MIDI_Tool II | IX/Mixer_8xM-1xS | LOSER/stereo | LOSER/3BandSplitter
utility: Delay/time_adjustment | LOSER/TimeDelayer | LOSER/gmemSend | ATK/Transform/RotateTiltTumble | AmbiToolkit/BtoA
instrument: synthesis/tonegenerator | LOSER/WhiteNoise | Liteon/pinknoisegen | Analysis/fft_noise_generator
"""
GENERIC = """
limiter: Some Limiter | MLimiterMB | compressor: MCompressor | Bus Comp | eq: Super EQ | MEqualizer | eq: XYZ-EQ8
reverb: Convology XT Reverb | delay: TapeDelay | modulation: MChorusMB | distortion: MDistortion | amp: Acme Amp
restoration: De-Limiter | utility: Delay Compensation | meter: Phase Meter | clipper: Hard Clipper
"""
OTHER = (
    "Companion",
    "Sequence",
    "Example",
    "Complexity",
    "Translator",
    "IPlugSvelteUI",
    "Ampersand",
    "Gateway",
    "Capital",
)


def _rows(table: str) -> list[tuple[str, str]]:
    rows, category = [], ""
    for cell in table.replace("\n", " | ").split(" | "):
        name = cell.strip()
        head, colon, rest = name.partition(": ")
        if colon and head in CATEGORIES:
            category, name = head, rest
        if name:
            rows.append((category, name))
    return rows


CATEGORIES = frozenset(line.partition(":")[0] for line in KNOWN.strip().splitlines())


@pytest.mark.parametrize(("category", "name"), _rows(KNOWN))
def test_listed_plugins_are_known(category: str, name: str) -> None:
    found = classify(Effect(name=name, kind="vst3"))
    assert (found.category, found.known) == (category, True)


@pytest.mark.parametrize(("category", "path"), _rows(JS))
def test_js_effects_are_known_by_their_path(category: str, path: str) -> None:
    found = classify(Effect(name=path, identifier=path, kind="js"))
    assert (found.category, found.known) == (category, True)


@pytest.mark.parametrize(("category", "name"), _rows(GENERIC))
def test_generic_words_decide_where_the_table_does_not(category: str, name: str) -> None:
    found = classify(Effect(name=name, kind="vst2"))
    assert (found.category, found.known) == (category, False)


@pytest.mark.parametrize("name", OTHER)
def test_words_inside_other_words_decide_nothing(name: str) -> None:
    assert classify(Effect(name=name, kind="vst2")).category == "other"


def test_an_open_project_shows_a_js_effect_with_its_path_in_brackets() -> None:
    for name, category in (
        ("Peak Limiter/Maximizer [LOSER/brickwall_maximizer]", "limiter"),
        ("Foo [delay/delay]", "delay"),
    ):
        found = classify(Effect(name=name, kind="js"))
        assert (found.category, found.known) == (category, True)


def test_the_users_alias_does_not_outweigh_the_real_name() -> None:
    assert classify(Effect(name="ReaComp (Cockos)", alias="Limiter", kind="vst2")).category == "compressor"
    assert classify(Effect(name="Whatever", alias="Limiter", kind="vst2")).category == "other"
    assert classify(Effect(name="", alias="Limiter", kind="vst2")).category == "limiter"


def test_the_file_tells_where_the_name_does_not() -> None:
    assert (
        classify(Effect(name="My thing", identifier="C:\\VST\\FabFilter Pro-L 2.dll", kind="vst2")).category
        == "limiter"
    )


def test_an_unlisted_instrument_is_one_by_its_flag() -> None:
    assert classify(Effect(name="Foo Delay Machine", kind="vst2", is_instrument=True)).category == "instrument"
    assert classify(Effect(name="Foo Synth", kind="vst2", is_instrument=False)).category == "other"


@pytest.mark.parametrize("category", ["reverb", "delay", "modulation", "amp", "distortion", "vocoder"])
def test_creative_effects_are_what_a_dry_version_loses(category: str) -> None:
    name = next(name for kind, name in _rows(KNOWN) if kind == category)
    assert classify(Effect(name=name, kind="vst3")).creative


@pytest.mark.parametrize(
    "name", ["ReaTune (Cockos)", "ReaGate (Cockos)", "ReaComp (Cockos)", "Kontakt (Native Instruments)"]
)
def test_tuning_gates_dynamics_and_instruments_stay_in_a_dry_version(name: str) -> None:
    assert not classify(Effect(name=name, kind="vst3")).creative


def test_normalise_keeps_name_and_maker_apart() -> None:
    assert normalise("VST3: Pro-L 2 (FabFilter) (64ch)") == ("pro l 2", "fabfilter 64ch")
    assert normalise("AU: FabFilter: Pro-L 2") == ("pro l 2", "fabfilter")


def test_walk_reaches_into_containers_and_minds_every_switch() -> None:
    inner = (Effect(name="a"), Effect(name="b", enabled=False), Effect(name="c", offline=True))
    chain = FxChain(effects=(Effect(name="box", kind="container", children=inner), Effect(name="d")))
    assert [(e.name, live) for e, live in walk_effects(chain)] == [("a", True), ("b", False), ("c", False), ("d", True)]
    assert [e.name for e in live_effects(chain)] == ["a", "d"]
    assert live_effects(FxChain(effects=chain.effects, enabled=False)) == ()
    off = FxChain(effects=(Effect(name="box", kind="container", children=inner, enabled=False),))
    assert live_effects(off) == ()
