"""What happened to a package since its manifest was written. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from stemkit.delivery.checksums import CHECKSUMS_NAME, MANIFEST_NAME, checksum_lines
from stemkit.model.delivery import Change

if TYPE_CHECKING:
    from collections.abc import Mapping

    from stemkit.model.delivery import Manifest, ManifestFile

__all__ = ["FoundFile", "compare"]


@dataclass(frozen=True, slots=True, kw_only=True)
class FoundFile:
    """One file that lies in a package now; `odd` says why it is no ordinary file."""

    path: str
    size_bytes: int
    sha256: str
    audio_sha256: str | None = None
    odd: str | None = None


def compare(manifest: Manifest, found: Mapping[str, FoundFile], checksums: str | None) -> tuple[Change, ...]:
    """Hold what is there against the manifest.

    Parameters
    ----------
    manifest
        What the sender listed.
    found
        Every file of the package by its path, `manifest.json` and `SHA256SUMS` among them.
    checksums
        The text of `SHA256SUMS`; None where it is missing.

    Returns
    -------
    tuple of Change
        In the order of the paths; empty where nothing changed. A file that has another name but the same bytes is
        renamed, not missing.
    """
    listed = {file.path: file for file in manifest.files}
    missing = {path: file for path, file in listed.items() if path not in found}
    own = (MANIFEST_NAME, CHECKSUMS_NAME)
    added = [found[path] for path in sorted(found) if path not in listed and path not in own]
    changes = [change for path, file in listed.items() if path in found and (change := _changed(file, found[path]))]
    for extra in added:
        old = next((path for path, file in missing.items() if file.sha256 == extra.sha256), None)
        if old is not None:
            del missing[old]
            detail = f"{extra.path} is {old} under another name; its bytes are the same."
            changes.append(Change(path=extra.path, kind="renamed", detail=detail, was=old))
        else:
            detail = extra.odd or f"{extra.path} was added: the manifest does not list it."
            changes.append(Change(path=extra.path, kind="added", detail=detail))
    changes += [Change(path=path, kind="missing", detail=f"{path} is missing.") for path in missing]
    changes += _of_the_lists(manifest, found, checksums)
    return tuple(sorted(changes, key=lambda change: (change.path, change.kind)))


def _changed(listed: ManifestFile, found: FoundFile) -> Change | None:
    path = listed.path
    if found.odd is not None:
        return Change(path=path, kind="content", detail=found.odd)
    if listed.sha256 == found.sha256:
        return None
    if listed.audio_sha256 is None:
        return Change(path=path, kind="content", detail=f"{path} is not the file that was sent.")
    if listed.audio_sha256 == found.audio_sha256:
        detail = f"The metadata of {path} were changed; its samples are the ones that were sent."
        return Change(path=path, kind="metadata", detail=detail)
    shorter = found.size_bytes < listed.size_bytes
    how = f", and {listed.size_bytes - found.size_bytes:,} bytes are missing" if shorter else ""
    return Change(path=path, kind="audio", detail=f"The audio of {path} is not what was sent{how}.")


def _of_the_lists(manifest: Manifest, found: Mapping[str, FoundFile], checksums: str | None) -> list[Change]:
    """Hold the manifest and the list of checksums against each other: each tells whether the other was touched."""
    if checksums is None:
        return [Change(path=CHECKSUMS_NAME, kind="missing", detail=f"{CHECKSUMS_NAME} is missing.")]
    hashes = {file.path: file.sha256 for file in manifest.files} | {MANIFEST_NAME: found[MANIFEST_NAME].sha256}
    expected = checksum_lines(hashes)
    if checksums == expected:
        return []
    line = f"{found[MANIFEST_NAME].sha256}  {MANIFEST_NAME}\n"
    if line not in checksums:
        detail = f"{MANIFEST_NAME} is not the one that {CHECKSUMS_NAME} lists: one of the two was changed."
        return [
            Change(path=MANIFEST_NAME, kind="content", detail=detail),
            Change(path=CHECKSUMS_NAME, kind="sums", detail=detail),
        ]
    detail = f"{CHECKSUMS_NAME} disagrees with {MANIFEST_NAME}: it was changed."
    return [Change(path=CHECKSUMS_NAME, kind="sums", detail=detail)]
