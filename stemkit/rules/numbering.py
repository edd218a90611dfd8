"""Naming rules for all files together (SK603, SK604, SK606)."""

from __future__ import annotations

import unicodedata
from collections import defaultdict
from typing import TYPE_CHECKING

from stemkit.model.report import Fix
from stemkit.rules.contexts import SET_SUBJECT, of_role, variant_of
from stemkit.rules.registry import Problem, rule
from stemkit.rules.shared import amount, listed
from stemkit.rules.words import leading_number, stem_of

if TYPE_CHECKING:
    from stemkit.model.audio import FileFacts
    from stemkit.rules.contexts import CheckContext
    from stemkit.rules.shared import Results

RENUMBER = Fix(kind="renumber", summary="number the files anew, in their order", safe=True)


def _numbered(files: tuple[FileFacts, ...]) -> dict[tuple[str, str], dict[str, list[str]]]:
    """Return for each folder and variant the digits in front, as written, and the files that carry them.

    Variants share the number of their stem; a folder counts for itself.
    """
    found: dict[tuple[str, str], dict[str, list[str]]] = defaultdict(lambda: defaultdict(list))
    for file in of_role(files, "stem"):
        digits = leading_number(stem_of(file.path))
        if digits is not None:
            folder = file.path.rpartition("/")[0]
            found[folder, variant_of(file)][digits].append(file.path)
    return found


@rule("SK603", "numbering", severity="warning", scope="set", guide="G4")
def numbering(files: tuple[FileFacts, ...], context: CheckContext) -> Results:
    """Every stem has a number of its own, and no number is left out.

    Why: Two files with one number sort by chance; a gap makes the engineer ask for the missing file.

    Fix in REAPER: Render all stems in one go with "$tracknumber" in the file name, or rename the files.

    Fix in any DAW: Rename the files, counting up without gaps.

    Source: guide G4 (numbered, so that they sort in a logical order).
    """
    if not context.profile.name.numbered:
        return
    for by_digits in _numbered(files).values():
        by_number: dict[int, list[str]] = defaultdict(list)
        for digits, paths in by_digits.items():
            by_number[int(digits)] += paths
        twice = {number: paths for number, paths in sorted(by_number.items()) if len(paths) > 1}
        if twice:
            shared = "; ".join(f"{number}: {listed(paths)}" for number, paths in twice.items())
            yield Problem(
                subject=SET_SUBJECT,
                message=f"{amount(len(twice), 'number')} given more than once ({shared}).",
                measured=listed(str(number) for number in twice),
                expected="each number once",
                fix=RENUMBER,
            )
        missing = sorted(set(range(min(by_number), max(by_number))) - set(by_number))
        if missing:
            yield Problem(
                subject=SET_SUBJECT,
                message=f"The numbers leave out {listed(str(number) for number in missing)}.",
                measured=listed(str(number) for number in missing),
                expected="no gap",
                severity="note",
                fix=RENUMBER,
            )


@rule("SK604", "padding", severity="note", scope="set", guide="G4")
def padding(files: tuple[FileFacts, ...], context: CheckContext) -> Results:
    """All numbers have the same number of digits.

    Why: Sorted as text, 10 comes before 2; the order that was meant is lost on import.

    Fix in REAPER: Use "$tracknumber" with leading zeros in the render's file name, or rename the files.

    Fix in any DAW: Rename the files: 01, 02 … 10.

    Source: guide G4.
    """
    if not context.profile.name.numbered:
        return
    for by_digits in _numbered(files).values():
        widths = sorted({len(digits) for digits in by_digits})
        if len(widths) > 1:
            short = [path for digits, paths in by_digits.items() if len(digits) < widths[-1] for path in paths]
            yield Problem(
                subject=SET_SUBJECT,
                message=f"Numbers with {' and '.join(map(str, widths))} digits do not sort in order: {listed(short)}.",
                measured=" and ".join(map(str, widths)),
                expected=f"{max(2, widths[-1])} digits",
                unit="digits",
                fix=RENUMBER,
            )


@rule("SK606", "case-collision", severity="error", scope="set", guide="G4")
def case_collision(files: tuple[FileFacts, ...], context: CheckContext) -> Results:
    """No two names differ only in upper and lower case or in how an accent is stored.

    Why: On Windows and macOS the two are one name: unpacking the delivery there overwrites one of the files.

    Fix in REAPER: Give the tracks different names and render again.

    Fix in any DAW: Rename one of the files.

    Source: NTFS and APFS compare names without case, APFS also without normalisation form (own knowledge).
    """
    alike: dict[str, list[str]] = defaultdict(list)
    for path in (*(file.path for file in files), *context.others):
        alike[unicodedata.normalize("NFC", path).casefold()].append(path)
    for paths in alike.values():
        if len(paths) > 1:
            yield Problem(
                subject=SET_SUBJECT,
                message=f"These names are one name on Windows and macOS: {listed(paths)}.",
                measured=listed(paths),
                expected="names that differ in more than case",
                fix=Fix(kind="rename", summary="rename one of the files", safe=True),
            )
