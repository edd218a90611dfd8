"""Naming rules for one file (SK601, SK602, SK605, SK607, SK608)."""

# ruff: noqa: D401, ARG001  (a rule's first line says what holds; a rule takes two arguments, needed or not)

from __future__ import annotations

import re
import unicodedata
from typing import TYPE_CHECKING

from stemkit.model.report import Fix
from stemkit.rules.registry import Problem, Unknown, rule
from stemkit.rules.shared import kilohertz, listed
from stemkit.rules.words import stem_of, tell_nothing, without_number, words

if TYPE_CHECKING:
    from stemkit.model.audio import FileFacts
    from stemkit.rules.contexts import CheckContext
    from stemkit.rules.shared import Results

FORBIDDEN_ANYWHERE = frozenset('<>:"|?*\\/')  # Windows refuses them in any file name
RESERVED = re.compile(r"^(con|prn|aux|nul|com[1-9¹²³]|lpt[1-9¹²³])$", re.IGNORECASE)
_MOST_BYTES = 255  # of one name, on every common file system
_VARIANT_WORDS = frozenset({"dry", "wet"})
# Rates as names write them. 44k and 88k are how 44.1 and 88.2 kHz are shortened.
_RATES_HZ = {
    **{str(rate // 1000): rate for rate in (32000, 48000, 64000, 96000, 128000, 192000, 384000)},
    **dict.fromkeys(("44", "441", "44.1", "44100"), 44100),
    **dict.fromkeys(("88", "882", "88.2", "88200"), 88200),
    **dict.fromkeys(("176", "1764", "176.4", "176400"), 176400),
    **{str(rate): rate for rate in (48000, 96000, 192000)},
}
_LAYOUTS = {"mono": 1, "1ch": 1, "stereo": 2, "2ch": 2, "4ch": 4, "6ch": 6, "8ch": 8}
_RATE_IN_NAME = re.compile(r"(?<![A-Za-z0-9])(44\.1|48|88\.2|96|176\.4|192)[ _]?k(?:hz)?(?![A-Za-z])", re.IGNORECASE)
RENAME = "rename the file"


def _legal(name: str, allowed: str | None) -> str:
    """Return a name with an underscore for each character that may not stand in it."""
    return "".join("_" if c in _illegal(name, allowed) else c for c in name)


def _illegal(name: str, allowed: str | None) -> str:
    """Return the characters of a name that may not stand in it, each once, in order."""
    good = re.compile(f"[{allowed}]") if allowed is not None else None
    return "".join(
        dict.fromkeys(
            c
            for c in unicodedata.normalize("NFC", name)
            if c in FORBIDDEN_ANYWHERE or unicodedata.category(c)[0] == "C" or (good is not None and not good.match(c))
        )
    )


@rule("SK601", "pattern", severity="warning", scope="file", guide="G4")
def pattern(file: FileFacts, context: CheckContext) -> Results:
    """The file name has the form that the profile asks for.

    Why: Numbered names in one form land in the session in a sensible order, and the engineer finds things.

    Fix in REAPER: Name the tracks; File > Render, file name "$tracknumber_$track".

    Fix in any DAW: Rename the files: two digits, an underscore, what it is, in words joined by underscores.

    Source: guide G4 (01_Kick, 05_Synth_Lead); profiles of other receivers quote their own grammar.
    """
    limits = context.profile.name
    if limits.pattern is None:
        return
    name = file.path.rsplit("/", 1)[-1]
    # Characters are SK602's business; here only what would still be wrong without them.
    stem, extension = stem_of(name), name[len(stem_of(name)) :]
    if re.fullmatch(limits.pattern, _legal(stem, limits.characters) + extension) is None:
        example = limits.example or limits.pattern
        yield Problem(
            subject=file.path,
            message=f'The name "{name}" does not have the form of {example}.',
            measured=name,
            expected=example,
            fix=Fix(kind="rename", summary=f"{RENAME} like {example}", safe=True),
        )


@rule("SK602", "illegal-characters", severity="warning", scope="file", guide="G4")
def illegal_characters(file: FileFacts, context: CheckContext) -> Results:
    """The name holds only characters that every system and every DAW takes.

    Why: Spaces, accents and punctuation get lost or garbled between systems, and a link to the file breaks.

    Fix in REAPER: Rename the track with letters, digits and underscores; render again, or rename the file.

    Fix in any DAW: Rename the file with letters, digits and underscores.

    Source: guide G4; the characters that all naming rules which were read allow.
    """
    bad = _illegal(stem_of(file.path), context.profile.name.characters)
    if bad:
        shown = listed("space" if c == " " else f'"{c}"' if c.isprintable() else f"U+{ord(c):04X}" for c in bad)
        yield Problem(
            subject=file.path,
            message=f"The name holds characters that can get lost on the way: {shown}.",
            measured=bad,
            expected=f"only {context.profile.name.characters}" if context.profile.name.characters else None,
            fix=Fix(kind="rename", summary=f"{RENAME}, with underscores instead", safe=True),
        )


@rule("SK605", "says-nothing", severity="warning", scope="file", guide="G4")
def says_nothing(file: FileFacts, context: CheckContext) -> Results:
    """The name says what is in the file.

    Why: Behind "Track 3" the engineer has to listen before anything can be grouped or found.

    Fix in REAPER: Name the track after what plays on it, and render again.

    Fix in any DAW: Rename the file after what plays in it.

    Source: guide G4; benjaminmlynek (not Audio_01), P&E Wing DAW guidelines (name every track).
    """
    told = [word for word in words(without_number(stem_of(file.path))) if word not in _VARIANT_WORDS]
    if tell_nothing(told):
        yield Problem(
            subject=file.path,
            message=f'"{stem_of(file.path)}" does not say what plays in the file.',
            measured=stem_of(file.path),
            expected="the instrument or part",
            fix=Fix(kind="rename", summary=f"{RENAME} after what plays in it", safe=True),
        )


@rule("SK607", "too-long-or-reserved", severity="error", scope="file", guide="G4")
def too_long_or_reserved(file: FileFacts, context: CheckContext) -> Results:
    """The name can be written on every system and read in a track list.

    Why: Windows cannot create a file named AUX or one that ends in a dot; unpacking fails there. Long names are
    cut off where the difference stands.

    Fix in REAPER: Rename the track, and render again or rename the file.

    Fix in any DAW: Rename the file.

    Source: Microsoft, "Naming Files, Paths, and Namespaces" (own knowledge). The length is stemkit's.
    """
    stem, limit = stem_of(file.path), context.profile.name.max_length
    name = file.path.rsplit("/", 1)[-1]
    fix = Fix(kind="rename", summary=RENAME, safe=True)
    if RESERVED.match(name.split(".", 1)[0].strip()):
        message = f'Windows reserves the name "{stem}" and cannot create this file.'
        yield Problem(subject=file.path, message=message, measured=stem, expected="another name", fix=fix)
    elif stem.rstrip(" .") != stem:
        message = "The name ends in a dot or a space before its extension."
        yield Problem(subject=file.path, message=message, measured=stem, severity="warning", fix=fix)
    size = len(name.encode("utf-8", "surrogateescape"))
    if size > _MOST_BYTES:
        message = f"The name has {size} bytes; file systems take {_MOST_BYTES}."
        yield Problem(subject=file.path, message=message, measured=size, unit="bytes", fix=fix)
    elif limit is not None and len(stem) > limit:
        yield Problem(
            subject=file.path,
            message=f"The name has {len(stem)} characters and will be cut off in a track list.",
            measured=len(stem),
            expected=f"at most {limit}",
            unit="characters",
            severity="warning",
            fix=fix,
        )


@rule("SK608", "name-against-header", severity="warning", scope="file", guide="G4", needs=("SK204",))
def name_against_header(file: FileFacts, context: CheckContext) -> Results:
    """What the name says about rate, bits and channels is what the header says.

    Why: People sort and trust by the name. A 48k in the name of a 44.1 kHz file ends in a wrong session.

    Fix in REAPER: Use the wildcard $samplerate in the render's file name instead of typing it.

    Fix in any DAW: Rename the file, or export again at what the name promises.

    Source: P&E Wing recommendations, Netflix article 1500000261101, UMG: all put the format into the name.
    """
    header, name = file.container, file.path.rsplit("/", 1)[-1]
    real = {"rate": header.sample_rate, "bits": header.valid_bits or header.bits, "layout": header.channels}
    claims = _claims(name, context)
    if claims and all(real[field] is None for field, _, _ in claims):
        yield Unknown(subject=file.path, reason="the header does not say its rate and bits")
    wrong = [(said, real[field]) for field, said, value in claims if real[field] is not None and value != real[field]]
    if wrong:
        truth = kilohertz(header.sample_rate) if header.sample_rate else "unknown rate"
        yield Problem(
            subject=file.path,
            message=f"The name says {listed(said for said, _ in wrong)}, but the file has {truth}, "
            f"{header.valid_bits or header.bits} bits, {header.channels} channels.",
            measured=listed(str(is_really) for _, is_really in wrong),
            expected=listed(said for said, _ in wrong),
            fix=Fix(kind="rename", summary=f"{RENAME} after its header", safe=True),
        )


def _claims(name: str, context: CheckContext) -> list[tuple[str, str, int | None]]:
    """Return what a name claims: field, as written, as a number (None where it is no rate or layout at all)."""
    limits = context.profile.name
    match = re.fullmatch(limits.pattern, name) if limits.pattern and limits.agree_with_header else None
    if match is not None:
        said = {field: match.group(field) for field in limits.agree_with_header}
        return [(field, text, _number(field, text)) for field, text in said.items() if text is not None]
    found = _RATE_IN_NAME.search(name)
    return [("rate", found.group(0), _RATES_HZ.get(found.group(1)))] if found else []


def _number(field: str, text: str) -> int | None:
    tables = {"rate": _RATES_HZ, "layout": _LAYOUTS}
    if field in tables:
        return tables[field].get(text.lower())
    return int(text) if text.isdigit() else None
