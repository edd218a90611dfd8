"""Package rules (SK701, SK702, SK703, SK708): what lies beside the stems."""

# ruff: noqa: D401  (a rule's first line says what holds)

from __future__ import annotations

from typing import TYPE_CHECKING

from stemkit.model.report import Fix
from stemkit.rules.contexts import SET_SUBJECT, of_role, variant_of
from stemkit.rules.registry import Problem, rule
from stemkit.rules.shared import amount
from stemkit.rules.words import stem_of, words

if TYPE_CHECKING:
    from stemkit.model.audio import FileFacts
    from stemkit.model.report import Severity
    from stemkit.rules.contexts import CheckContext
    from stemkit.rules.shared import Results

_BRIEF_WORDS = frozenset({"brief", "briefing", "notes", "note", "readme", "info", "infos", "instructions"})
_TEXT_EXTENSIONS = frozenset({"md", "txt", "toml", "pdf", "doc", "docx", "rtf", "odt", "html", "pages"})


def _how_hard(context: CheckContext) -> Severity | None:
    """Soften to a note where files are only looked at: the rest may travel by another way."""
    return None if context.delivering else "note"


@rule("SK701", "rough-mix", severity="warning", scope="set", guide="G5")
def rough_mix(files: tuple[FileFacts, ...], context: CheckContext) -> Results:
    """A rough mix lies beside the stems.

    Why: It shows what the artist is used to hearing, and it is the only proof that no stem is missing or moved.

    Fix in REAPER: File > Render, "Master mix", same bounds as the stems, named Rough_Mix.

    Fix in any DAW: Bounce the whole song as it stands, named Rough_Mix, and lay it beside the stems.

    Source: guide G5; benjaminmlynek, createmajor, stmastering, itrocksmixing.
    """
    if "rough_mix" in context.profile.package.require and not of_role(files, "rough_mix", "proof_mix"):
        yield Problem(
            subject=SET_SUBJECT,
            message="No rough mix lies beside the stems (--mix names one that lies elsewhere).",
            expected="Rough_Mix.wav",
            severity=_how_hard(context),
            fix=Fix(kind="add_file", summary="add a bounce of the whole song", safe=True),
        )


@rule("SK702", "references", severity="warning", scope="set", guide="G5")
def references(files: tuple[FileFacts, ...], context: CheckContext) -> Results:
    """One or two reference tracks lie beside the stems.

    Why: "Like this" as music says more than a page of words.

    Fix in REAPER: Nothing to render: copy the songs into a folder named References.

    Fix in any DAW: Copy one or two released songs into a folder named References, or name them in the brief.

    Source: guide G5; charliecrown (1 to 3 references), 432studios.
    """
    linked = context.brief is not None and any(entry.link for entry in context.brief.references)
    for name in context.missing_references:
        yield Problem(
            subject=SET_SUBJECT,
            message=f'The brief names the reference "{name}", and there is no such file.',
            measured=name,
            expected="a file beside the brief, or a link",
        )
    if "references" in context.profile.package.require and not of_role(files, "reference") and not linked:
        yield Problem(
            subject=SET_SUBJECT,
            message="No reference track lies beside the stems (--reference names one that lies elsewhere).",
            expected="one or two",
            severity=_how_hard(context),
            fix=Fix(kind="add_file", summary="add a folder References with one or two songs", safe=True),
        )


@rule("SK703", "brief", severity="warning", scope="set", guide="G6")
def brief(files: tuple[FileFacts, ...], context: CheckContext) -> Results:  # noqa: ARG001  (the shape of a rule)
    """A written brief lies beside the stems.

    Why: Genre, platform, mood and the wishes for single tracks cannot be heard in the files.

    Fix in REAPER: `stemkit brief init` fills in tempo, key and track notes from the project.

    Fix in any DAW: Write a few sentences into Brief.txt: genre, platform, mood, tempo, notes for each track.

    Source: guide G6; flightcore, benjaminmlynek, createmajor (notes).
    """
    if (
        "brief" in context.profile.package.require
        and context.brief is None
        and not any(_is_brief(path) for path in context.others)
    ):
        yield Problem(
            subject=SET_SUBJECT,
            message="No written brief lies beside the stems.",
            expected="Brief.md",
            severity=_how_hard(context),
            fix=Fix(kind="add_file", summary="write a brief (`stemkit brief init`)", safe=True),
        )


def _is_brief(path: str) -> bool:
    extension = path.rpartition(".")[2].lower()
    return extension in _TEXT_EXTENSIONS and not _BRIEF_WORDS.isdisjoint(words(stem_of(path)))


@rule("SK708", "stem-count", severity="warning", scope="set", guide="G2")
def stem_count(files: tuple[FileFacts, ...], context: CheckContext) -> Results:
    """There are as many stems as the profile asks for.

    Why: Stem mastering works on a handful of groups; forty single tracks are a mix, and one file is a master.

    Fix in REAPER: Group the tracks in folders and render the folders, or `stemkit render --by group`.

    Fix in any DAW: Route the channels to groups (drums, bass, instruments, vocals) and export the groups.

    Source: audiunt.nl (at most 10), charliecrown.com (4 to 8).
    """
    least, most = context.profile.files.count_min, context.profile.files.count_max
    count = sum(variant_of(stem) == "stem" for stem in of_role(files, "stem"))
    if (least is not None and count < least) or (most is not None and count > most):
        yield Problem(
            subject=SET_SUBJECT,
            message=f"There {'is' if count == 1 else 'are'} {amount(count, 'stem')}.",
            measured=count,
            expected=f"{'any' if least is None else least} to {'any' if most is None else most}",
            unit="stems",
        )
