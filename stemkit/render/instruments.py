"""Which instrument a track's name speaks of: for the order ``drums … vocals, FX`` and for groups without folders.

A maintained table of words in several languages. The words of a name are compared in plain letters without case; an
entry of several words, joined by ``-``, must occur in that order. Where several entries fit, a word marked ``!``
wins ("Snare Verb" is an effect), then an unmarked one over one marked ``?`` ("Lead Vox" is a voice), then the entry
of more words ("bass drum" is a drum), then the row that comes first.
"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import Literal, NamedTuple, get_args

__all__ = ["INSTRUMENT_CLASSES", "InstrumentClass", "class_title", "instrument_class", "instrument_rank"]

InstrumentClass = Literal["drums", "bass", "guitars", "keys", "synths", "strings_brass", "vocals", "fx"]
INSTRUMENT_CLASSES: tuple[InstrumentClass, ...] = get_args(InstrumentClass)

# Rows stand in the order of the delivery; a class may have several.
_ROWS = """
drums: kick kicks kik kck bd bass-drum kick-drum bassdrum kickdrum bombo bumbo grosse-caisse gran-cassa bochka
drums: snare snares sn snr sd caisse-claire rullante caja redoblante tarola caixa kleine-trommel rim rimshot sidestick
drums: clap claps snap snaps palmas handclap handclaps
drums: hat hats hihat hihats hi-hat hi-hats hh ohat chat openhat charleston charley chimbal hai-hatto
drums: tom toms surdo
drums: ride crash crashes cymbal cymbals becken china splash platos platillos piatti cymbale cymbales
drums: oh ohs overhead overheads over-heads
drums: drum drums drs drumkit kit? beat? beats breakbeat break? loop? drumloop trap? bateria batterie batteria
drums: schlagzeug trommel trommeln tambor tamburi slagverk trummor perkusja baraban barabany udarnye doramu
drums: perc percs percussion percussions percusion percussao percussione perkussion shaker shakers tamb tambourine
drums: tambourin pandereta pandeiro conga congas bongo bongos cowbell cajon djembe tabla triangle clave claves guiro
drums: maracas cabasa woodblock timbales darbuka timpani pauken taiko
drums: room? rooms? amb? raum?
bass: bass basses basse basso bajo baixo bas kontrabass contrabass contrabajo contrebasse upright? sub subbass 808 808s
bass: bass-guitar bass-di synth-bass e-bass ebass fretless? besu
guitars: guitar guitars gtr gtrs git gits guit gitarre gitarren guitare guitares guitarra guitarras chitarra chitarre
guitars: gitaar gitarr kitara gitara gita egtr agtr acoustic? electric? riff? banjo mandolin mandoline mandolina ukulele
guitars: uke dobro slide? pedal-steel lap-steel bouzouki oud sitar
keys: piano pianos pno klavier flygel keys key? keyboard keyboards tasten teclado teclados tastiera clavier claviers
keys: rhodes wurli wurlitzer ep e-piano epiano clav clavinet organ organs orgel orgue organo orgao hammond harmonium
keys: accordion akkordeon acordeon accordeon fisarmonica melodica celesta harpsichord cembalo clavecin vibraphone vibes
keys: marimba xylophone glockenspiel glock kalimba bells? pianino
synths: synth synths synthesizer synthe synthi sintetizador sintetizzatore sintezator pad pads arp arps arpeggio
synths: arpeggiator pluck plucks saw saws supersaw seq sequence? sequencer poly? moog juno prophet serum massive
synths: stab stabs drone drones shinse
synths: lead? leads? chord? chords? texture? textures? atmo? atmos? ambient?
strings_brass: string strings streicher cordes cuerdas archi cordas violin violins violine violinen violon violino vln
strings_brass: viola violas vla bratsche cello cellos celli violoncelle violoncello harp harfe harpe arpa orchestra
strings_brass: orchester orchestre orquesta orch ensemble? double-bass skripka
strings_brass: brass blaser blechblaser cuivres metales ottoni metais trumpet trumpets tpt trompete trompette trompeta
strings_brass: tromba trombone trombones tbn posaune horn horns tuba sax saxes saxophone saxophon saxofon sassofono
strings_brass: flute flutes flote flauta flauto clarinet klarinette clarinette clarinete oboe bassoon fagott woodwind
strings_brass: woodwinds winds piccolo recorder? harmonica mundharmonika
vocals: vocal vocals vox voc vocs vx leadvox voice voices voz vozes voces voix voce voci gesang stimme stimmen sang zang
vocals: singer sanger chant canto rap vokal golos bokaru adlib adlibs ad-lib ad-libs
vocals: dbl? double? doubles? dubs?
vocals: bv bvs bvox bgv bgvs backing? backings? harmony? harmonies? harm? harmonie? coro coros choeur choeurs chor
vocals: choir choirs koor gang? oohs aahs ooh ahh
fx: fx! sfx! efx! effect! effects! effekt! effekte! efectos! effets! effetti! efeitos! riser risers uplifter downlifter
fx: sweep? sweeps? impact? impacts? whoosh boom? braam noise? foley reverse? transition? transitions? vinyl
fx: reverb! reverbs! verb! rev? hall? plate? spring? chamber? delay! delays! dly! echo! eko! slap? return! rtn!
"""

_TITLES: dict[InstrumentClass, str] = {
    "drums": "Drums",
    "bass": "Bass",
    "guitars": "Guitars",
    "keys": "Keys",
    "synths": "Synths",
    "strings_brass": "Strings_Brass",
    "vocals": "Vocals",
    "fx": "FX",
}
_WORD = re.compile(r"[a-z]+|\d+")
_CAMEL = re.compile(r"(?<=[a-z])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])")
_WEIGHTS = {"?": 0, "!": 2}
_MOST_WORDS = 3


class _Entry(NamedTuple):
    weight: int
    words: int
    row: int
    title: InstrumentClass


@lru_cache(maxsize=1)
def _entries() -> dict[tuple[str, ...], _Entry]:
    titles: dict[str, InstrumentClass] = {title: title for title in INSTRUMENT_CLASSES}
    entries: dict[tuple[str, ...], _Entry] = {}
    for row, line in enumerate(_ROWS.strip().splitlines()):
        title, _, written = line.partition(":")
        for entry in written.split():
            words = tuple(_WORD.findall(entry))
            entries.setdefault(words, _Entry(_WEIGHTS.get(entry[-1], 1), len(words), row, titles[title]))
    return entries


@lru_cache(maxsize=4096)
def _best(name: str) -> _Entry | None:
    from anyascii import anyascii  # noqa: PLC0415  (only names need its tables)

    words = _WORD.findall(_CAMEL.sub(" ", str(anyascii(name))).lower())
    entries = _entries()
    found = [
        entry
        for start in range(len(words))
        for length in range(1, _MOST_WORDS + 1)
        if (entry := entries.get(tuple(words[start : start + length]))) is not None
    ]
    return max(found, key=lambda entry: (entry.weight, entry.words, -entry.row), default=None)


def instrument_class(name: str) -> InstrumentClass | None:
    """Return the class of instrument that a name speaks of; None where it says nothing.

    Parameters
    ----------
    name
        A track's name in any script.
    """
    entry = _best(name)
    return None if entry is None else entry.title


def instrument_rank(name: str) -> tuple[int, int]:
    """Return a sort key: classes in the order of the guide, and kick before snare before hats within drums.

    A name that says nothing comes before the effects, behind all instruments.
    """
    entry = _best(name)
    if entry is None:
        return INSTRUMENT_CLASSES.index("fx") * 2 - 1, 0
    return INSTRUMENT_CLASSES.index(entry.title) * 2, entry.row


def class_title(title: InstrumentClass) -> str:
    """Return the name that a group of this class gets."""
    return _TITLES[title]
