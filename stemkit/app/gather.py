"""The files of a delivery, on this machine or behind a URL, and what each is for; nothing is measured yet."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from stemkit.app.remote import is_url, list_files, read_head
from stemkit.errors import InputError, UsageError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from stemkit.model.audio import FileFacts

__all__ = ["Gathered", "collect"]

_MAGIC_BYTES = 12


@dataclass(frozen=True, slots=True, kw_only=True)
class Gathered:
    """What lies in a delivery. `audio` leads from the name in the report to the path or URL."""

    audio: dict[str, str]
    others: tuple[str, ...]
    unread: tuple[tuple[str, str], ...]  # (relative path, reason)
    mix: str | None = None  # the name of the mix that was named
    references: frozenset[str] = frozenset()


def collect(
    paths: Sequence[Path | str], *, mix: Path | str | None = None, references: Sequence[Path | str] = ()
) -> tuple[Gathered, tuple[FileFacts, ...]]:
    """Find the files of a delivery and decide on their roles.

    Parameters
    ----------
    paths
        Folders and files, or one URL.
    mix, references
        What the user named; they may lie elsewhere.

    Raises
    ------
    InputError
        A path cannot be opened, or there is no audio.
    UsageError
        A URL among other paths, or one that needs something that is not installed.
    """
    from stemkit.delivery.roles import decide_roles
    from stemkit.model.audio import ContainerFacts, FileFacts

    places = [str(path) for path in paths]
    if any(is_url(place) for place in places):
        found = _collect_url(places, mix, references)
    else:
        found = _collect_here(places, mix, references)
    unseen = ContainerFacts(container="other", size_bytes=0)
    return found, tuple(
        FileFacts(
            path=choice.path,
            role=choice.role,
            role_reason=choice.reason,
            variant=choice.variant,
            partner=choice.partner,
            container=unseen,
            absolute_path=found.audio[choice.path],
        )
        for choice in decide_roles(list(found.audio), mix=found.mix, references=found.references)
    )


def _collect_here(places: Sequence[str], mix: Path | str | None, references: Sequence[Path | str]) -> Gathered:
    from stemkit.delivery.scan import scan

    named = ([mix] if mix else []) + list(references)
    for path in named:
        if is_url(str(path)):
            raise UsageError(f"{path} is a URL; fetch it first, or give the URL of the whole delivery.")
    for place in places:
        if place.lower().endswith(".rpp") and Path(place).is_file():
            raise InputError(f"{place} is a REAPER project; stemkit inspect judges it, check takes what was rendered.")
    found = scan([Path(place) for place in places], [Path(path) for path in named])
    return Gathered(
        audio={label: str(path.absolute()) for label, path in found.audio.items()},
        others=tuple(found.others),
        unread=tuple(found.unread),
        mix=found.label(Path(mix)) if mix else None,
        references=frozenset(found.label(Path(path)) for path in references),
    )


def _collect_url(places: Sequence[str], mix: Path | str | None, references: Sequence[Path | str]) -> Gathered:
    from stemkit.delivery.roles import ignored_because
    from stemkit.delivery.scan import natural_order

    if len(places) != 1:
        raise UsageError("Give one URL and nothing beside it; its sub-folders are looked into.")
    (root,) = places
    listed = {label: url for label, url in list_files(root) if ignored_because(label) is None}
    audio = {label: url for label, url in listed.items() if _is_audio(label, url)}
    others = tuple(sorted(listed.keys() - audio.keys(), key=natural_order))
    if not audio:
        raise InputError(f"There is no audio file in {root}; give the folder that holds the stems.")
    named = {str(path): _label(root, str(path), audio) for path in ([mix] if mix else []) + list(references)}
    for place, label in named.items():
        audio.setdefault(label, place if is_url(place) else str(Path(place).absolute()))
    return Gathered(
        audio={label: audio[label] for label in sorted(audio, key=natural_order)},
        others=others,
        unread=(),
        mix=named[str(mix)] if mix else None,
        references=frozenset(named[str(path)] for path in references),
    )


def _is_audio(label: str, url: str) -> bool:
    from stemkit.delivery.roles import looks_like_audio
    from stemkit.delivery.scan import is_magic

    return looks_like_audio(label) or is_magic(read_head(url, _MAGIC_BYTES))


def _label(root: str, place: str, audio: dict[str, str]) -> str:
    """Return the name of a file that the user named: inside the delivery, or as it was given where it is elsewhere."""
    inner = place.removeprefix(root.rstrip("/") + "/")
    if inner in audio:
        return inner
    if not is_url(place) and not Path(place).is_file():
        raise InputError(f"{place} cannot be opened; give a file or a URL.")
    return place
