"""Package rules (SK704-SK707): whether brief, manifest, plan and files speak of the same things."""

# ruff: noqa: D401  (a rule's first line says what holds)

from __future__ import annotations

from typing import TYPE_CHECKING

from stemkit.model.report import Fix
from stemkit.rules.contexts import SET_SUBJECT, of_role, variant_of
from stemkit.rules.registry import Problem, Unknown, rule
from stemkit.rules.words import stem_of, without_number, words

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from stemkit.model.audio import FileFacts
    from stemkit.model.delivery import Change
    from stemkit.model.plan import Variant
    from stemkit.rules.contexts import CheckContext
    from stemkit.rules.shared import Results

__all__ = ["unknown_notes"]

_NO_BRIEF = "no brief.toml was read"
_NO_MANIFEST = "there is no manifest.json to hold the files against"
_RESEND = Fix(kind="resend", summary="ask for the file again; this is not what was sent", safe=False)
# What may lie beside stems without anybody asking what it is.
_KNOWN_EXTENSIONS = frozenset(
    {"md", "txt", "toml", "pdf", "doc", "docx", "rtf", "odt", "html", "pages", "csv", "xls", "xlsx", "json", "xml"}
    | {"png", "jpg", "jpeg", "gif", "webp", "heic", "svg", "mid", "midi", "musicxml", "mxl", "url", "webloc"}
    | {"rpp", "dawproject", "als", "logicx", "flp", "ptx", "cpr", "song", "bwproject", "aaf", "omf", "edl"}
    | {"mp4", "mov", "md5", "sha1", "sha256", "sfv", "zip"}
)
_KNOWN_NAMES = frozenset({"sha256sums", "md5sums", "license", "licence", "readme", "credits"})


def unknown_notes(names: Iterable[str], stems: Iterable[str]) -> list[str]:
    """Return the names in a brief that fit no stem.

    Parameters
    ----------
    names
        As the brief writes them: ``Vox Lead``, ``07_Vox_Lead``, ``07_Vox_Lead.wav``.
    stems
        Paths of the stems.
    """
    told = {words(without_number(stem_of(path))) for path in stems}
    return [name for name in names if words(without_number(stem_of(name))) not in told]


@rule("SK704", "brief-names-unknown-stem", severity="warning", scope="set", guide="G6")
def brief_names(files: tuple[FileFacts, ...], context: CheckContext) -> Results:
    """Every note of the brief is about a stem that is there.

    Why: A wish for a stem that nobody finds is lost, or shows that the stem itself is missing.

    Fix in REAPER: Name the note after the track, or give the track its stem; `stemkit plan` lists the names.

    Fix in any DAW: Write the name of the file as it is into the brief.

    Source: guide G6.
    """
    if context.brief is None:
        yield Unknown(subject=SET_SUBJECT, reason=_NO_BRIEF)
        return
    stems = [stem.path for stem in of_role(files, "stem")]
    for name in unknown_notes((name for name, _ in context.brief.notes), stems):
        yield Problem(
            subject=SET_SUBJECT,
            message=f'The brief has a note for "{name}", and no stem has that name.',
            measured=name,
            expected="the name of a stem",
        )


@rule("SK705", "manifest", severity="error", scope="set", guide=None)
def manifest(files: tuple[FileFacts, ...], context: CheckContext) -> Results:  # noqa: ARG001  (the shape of a rule)
    """Every file still is what the manifest says.

    Why: A file that was saved again, cut short by an upload or swapped is found by its hash and by nothing else.
    Where only the metadata differ and the samples are the same, a program has written into the file.

    Fix in REAPER: Deliver again with `stemkit deliver`; work on copies of the files, never on the package.

    Fix in any DAW: Ask for the named files again, and check the new ones with `stemkit verify`.

    Source: NARAS P&E delivery recommendations and BagIt (RFC 8493): checksums at creation, verified after transfer.
    """
    if context.changes is None:
        yield Unknown(subject=SET_SUBJECT, reason=_NO_MANIFEST)
        return
    for change in context.changes:
        if change.kind in {"audio", "metadata", "content", "sums"}:
            yield Problem(subject=change.path, message=change.detail, measured=change.kind, fix=_RESEND)


@rule("SK706", "stray-file", severity="error", scope="set", guide=None)
def stray_file(files: tuple[FileFacts, ...], context: CheckContext) -> Results:  # noqa: ARG001  (the shape of a rule)
    """Nothing lies in the package that nobody put there.

    Why: An extra file is an old bounce that will be mixed by mistake, or something that nobody should open.

    Fix in REAPER: Deliver into an empty folder; peak files and project backups stay at home.

    Fix in any DAW: Take the file out, or add it before the manifest is written.

    Source: NARAS P&E delivery recommendations: no unused or out-of-date files in a delivery.
    """
    if context.changes is None:
        for path in context.others:
            if not _is_expected(path):
                yield Problem(
                    subject=path,
                    message=f"{path} is neither audio nor a document.",
                    severity="note",
                    fix=Fix(kind="remove_file", summary="leave the file out", safe=False),
                )
        return
    for change in context.changes:
        if change.kind == "added":
            yield Problem(subject=change.path, message=change.detail, measured="added")


def _is_expected(path: str) -> bool:
    name = path.rsplit("/", 1)[-1].lower()
    return name in _KNOWN_NAMES or name.rpartition(".")[2] in _KNOWN_EXTENSIONS


@rule("SK707", "missing-or-unexpected-stem", severity="error", scope="set", guide="G2")
def missing_stem(files: tuple[FileFacts, ...], context: CheckContext) -> Results:
    """The stems are the ones that were planned and listed, under their names.

    Why: A stem that is left behind is noticed when the mix is nearly done; a renamed one loses its notes and trim.

    Fix in REAPER: Render the stem that is named, or leave its track out on purpose with --exclude.

    Fix in any DAW: Export the stem that is named, and give renamed files their names back.

    Source: guide G2 (each element of the production is there).
    """
    if context.changes is None and context.plan is None:
        yield Unknown(subject=SET_SUBJECT, reason="no plan and no manifest say which there must be")
        return
    for change in context.changes or ():
        if change.kind in {"missing", "renamed"}:
            yield Problem(subject=change.path, message=change.detail, measured=change.kind, fix=_RESEND)
    if context.plan is not None:
        planned = {(stem.variant, stem.file_name): stem.name for stem in context.plan.stems}
        there = {(variant_of(file), stem_of(file.path)): file.path for file in of_role(files, "stem")}
        yield from _against_plan(planned, there, context.changes or ())


def _against_plan(
    planned: Mapping[tuple[Variant, str], str], there: Mapping[tuple[Variant, str], str], changes: tuple[Change, ...]
) -> Results:
    told = {change.path for change in changes}
    for key, name in planned.items():
        if key not in there:
            yield Problem(
                subject=SET_SUBJECT,
                message=f"The stem {key[1]} was planned and is not there.",
                measured="missing",
                expected=name,
            )
    for key, path in there.items():
        if key not in planned and path not in told:
            yield Problem(subject=path, message=f"{path} is no stem of the plan.", measured="unexpected")
