"""Options that several commands share, and the little state they set."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum
from pathlib import Path
from typing import Annotated, Any

import typer


@dataclass(slots=True)
class _State:
    debug: bool = False


state = _State()


def _set_debug(wanted: bool) -> bool:
    state.debug = state.debug or wanted
    return wanted


class OutputFormat(str, Enum):
    """How a report is printed."""

    text = "text"
    json = "json"
    junit = "junit"
    github = "github"
    message = "message"


class FailOn(str, Enum):
    """From which severity on the exit code is 1."""

    error = "error"
    warning = "warning"
    note = "note"
    never = "never"


class By(str, Enum):
    """One stem a track, or one a group."""

    track = "track"
    group = "group"


class Order(str, Enum):
    """How stems are numbered."""

    project = "project"
    instrument = "instrument"


class Channels(str, Enum):
    """How many channels a stem gets."""

    auto = "auto"
    stereo = "stereo"
    source = "source"


class Gain(str, Enum):
    """How stems are levelled."""

    window = "window"
    common = "common"
    none = "none"


class EncodingChoice(str, Enum):
    """The sample format of the files."""

    pcm24 = "pcm24"
    float32 = "float32"


def _report(flag: str, text: str, metavar: str | None = None) -> Any:
    return typer.Option(flag, help=text, metavar=metavar)


def _cut(flag: str, text: str, metavar: str | None = None) -> Any:
    """Shape an option of the plan; its default is "not said", so that `stemkit.toml` can speak."""
    return typer.Option(flag, help=text, metavar=metavar, show_default=False)


Project = Annotated[Path, typer.Argument(metavar="PROJECT", help="A REAPER project (.rpp).", show_default=False)]
ProjectOrLive = Annotated[
    Path | None,
    typer.Argument(metavar="PROJECT", help="A REAPER project (.rpp); none with --live.", show_default=False),
]
ProjectsOrLive = Annotated[
    list[Path] | None,
    typer.Argument(
        metavar="PROJECT", help="REAPER projects (.rpp), or folders of them; none with --live.", show_default=False
    ),
]
Engine = Annotated[
    str,
    typer.Option(
        "--engine",
        metavar="auto|live|reaper|builtin",
        help="What renders: live, the open REAPER; reaper, an installed one, which is started; builtin, stemkit's own "
        "mixer, which runs no plug-ins; auto, the first of these that is there.",
    ),
]
Reaper = Annotated[
    Path | None,
    typer.Option(
        "--reaper", metavar="PATH", help="The REAPER to start; default: an installed one.", show_default=False
    ),
]
Jobs = Annotated[
    int, typer.Option("--jobs", min=1, metavar="NUMBER", help="Projects that are worked on at the same time.")
]
Resume = Annotated[
    bool, typer.Option("--resume", help="Go on where a batch stopped: leave out what is done and unchanged since.")
]
Live = Annotated[bool, typer.Option("--live", help="The project that is open in REAPER, unsaved edits included.")]
Debug = Annotated[
    bool, typer.Option("--debug", help="Show the full technical error.", callback=_set_debug, is_eager=True)
]
Quiet = Annotated[bool, typer.Option("--quiet", "-q", help="No progress; only the result.")]

ProfileName = Annotated[
    str, _report("--profile", "What the receiver asks for; stemkit profiles lists them.", "NAME|FILE.toml")
]
Format = Annotated[
    OutputFormat,
    _report("--format", "text: to read; message: a mail to the sender; json, junit, github: for other programs."),
]
FailOnOption = Annotated[
    FailOn, _report("--fail-on", "How bad a finding must be to make the command fail (exit code 1).")
]
Select = Annotated[str, _report("--select", "Only these rules: whole ids, or SK3 for a family.", "SK3,SK501")]
Ignore = Annotated[str, _report("--ignore", "Leave these rules out.", "SK3,SK501")]
Accept = Annotated[
    list[str] | None,
    _report("--accept", "This rule's findings are meant so, and why; they do not count.", 'SK109 "why"'),
]


def _web_page(path: Path | None) -> Path | None:
    """Refuse other names than those of web pages: a page replaces what was there, and a slip could be a project."""
    if path is not None and path.suffix.lower() not in {".html", ".htm"}:
        raise typer.BadParameter(f"{path} is no web page by its name; call it {path.with_suffix('.html').name}.")
    return path


ReportFile = Annotated[
    Path | None,
    typer.Option(
        "--report",
        metavar="FILE.html",
        help="Also write a page to look at and to mail.",
        show_default=False,
        callback=_web_page,
    ),
]

ByOption = Annotated[By | None, _cut("--by", "One stem a track (default), or one a group.")]
OrderOption = Annotated[Order | None, _cut("--order", "How stems are numbered; default: as in the project.")]
Include = Annotated[
    list[str] | None,
    _cut(
        "--include",
        "Only this track: a name (* stands for anything), folder:NAME, color:#RRGGBB, or REAPER's track GUID. "
        "Can be said several times.",
        "TRACK",
    ),
]
Exclude = Annotated[list[str] | None, _cut("--exclude", "Not this track. Can be said several times.", "TRACK")]
Start = Annotated[str | None, _cut("--start", "Where every stem begins; default: bar 1 beat 1.", "BAR:BEAT|TIME")]
End = Annotated[str | None, _cut("--end", "Where every stem ends; default: the last sound.", "BAR:BEAT|TIME")]
Tail = Annotated[
    str | None,
    _cut(
        "--tail", "Room for effects to ring out; default: auto, none where no effect is running.", "auto|none|SECONDS"
    ),
]
ChannelsOption = Annotated[
    Channels | None,
    _cut(
        "--channels",
        "auto (default): mono where left and right are the same throughout, else stereo; source: as wide as the track.",
    ),
]
GainOption = Annotated[
    Gain | None,
    _cut(
        "--gain",
        "window: each stem is brought to the peak that the profile asks for; common: one gain for all; none: as it is. "
        "Default: the profile's.",
    ),
]
EncodingOption = Annotated[EncodingChoice | None, _cut("--encoding", "pcm24: 24 bit (default); float32: 32-bit float.")]
Dry = Annotated[
    list[str] | None,
    _cut("--dry", "Also a dry version of this track: without reverb, delay, distortion and the like.", "TRACK"),
]
Wet = Annotated[
    list[str] | None, _cut("--wet", "Also a wet version of this track: with its own reverb and delay returns.", "TRACK")
]
Rate = Annotated[int | None, _cut("--rate", "Another sample rate than the project's.", "HZ")]
BypassFx = Annotated[bool, _cut("--bypass-fx", "Dry audio: render as if every effect were off.")]


def prefixes(text: str) -> tuple[str, ...]:
    """Split a comma list of rule prefixes."""
    return tuple(part.strip() for part in text.split(",") if part.strip())


def source(project: Path | None, *, live: bool) -> Path | None:
    """Return the project's file, or None for the open project.

    Raises
    ------
    UsageError
        Neither or both were given.
    """
    from stemkit.errors import UsageError

    if live == (project is not None):
        raise UsageError("Give either the path of a REAPER project (.rpp) or --live for the one that is open.")
    if live:
        from stemkit.cli.restore_prompt import offer_restore

        offer_restore()
    return project
