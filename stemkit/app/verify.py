"""The receiver's side: nothing in a package changed, and everything in it still holds. It needs no REAPER."""

from __future__ import annotations

import tempfile
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from stemkit.errors import InputError
from stemkit.model.report import Skip

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping

    from stemkit.model.audio import FileFacts
    from stemkit.model.delivery import Change, Manifest
    from stemkit.model.report import Finding, Report
    from stemkit.rules.contexts import CheckContext
    from stemkit.rules.profiles import Profile

    Progress = Callable[[float, str], None]

__all__ = ["verify_package"]

_HASHED = 0.2  # of the progress
_INTEGRITY = ("SK705", "SK706", "SK707")
_ZIP_START = b"PK"


def verify_package(
    package: Path,
    *,
    profile: str | None = None,
    select: Iterable[str] = (),
    ignore: Iterable[str] = (),
    accept: Mapping[str, str] | None = None,
    jobs: int = 1,
    progress: Progress | None = None,
) -> Report:
    """Verify a package.

    Parameters
    ----------
    package
        Its folder, a folder that holds only it, or its zip. A zip is unpacked into a temporary folder and believed
        in nothing.
    profile
        What to judge by; None takes the profile that the sender used.
    select, ignore, accept
        As for `check`. What the sender accepted, with a reason in the manifest, is accepted here as well and shown.

    Returns
    -------
    Report
        Each changed, missing, added or renamed file is a finding of SK705 to SK707.

    Raises
    ------
    InputError
        It is no package, its manifest is damaged, or the zip is not to be trusted.
    """
    from stemkit.app.check import accept_findings, judge, rules_to_run

    rules = rules_to_run(select, ignore)
    with _opened(package) as root:
        listens = any(rule.id not in _INTEGRITY for rule in rules)
        context, skipped = _gather(root, package.name, profile, listens=listens, jobs=jobs, progress=progress)
        report = judge(context, rules, subject=str(package))
    assert context.manifest is not None
    report = replace(report, kind="verify", skipped=(*skipped, *report.skipped))
    return _as_the_sender_meant(accept_findings(report, accept or {}), context.manifest)


@contextmanager
def _opened(package: Path) -> Iterator[Path]:
    from stemkit.delivery.checksums import MANIFEST_NAME
    from stemkit.delivery.package import find_package
    from stemkit.delivery.zip_reader import unpack
    from stemkit.render.atomic import staging_folder

    if package.is_dir():
        yield find_package(package, MANIFEST_NAME)
        return
    try:
        with package.open("rb") as stream:
            is_zip = stream.read(2) == _ZIP_START
    except OSError as error:
        raise InputError(f"{package} cannot be opened ({error.strerror}); check its path.") from error
    if not is_zip:
        raise InputError(f"{package} is neither a folder nor a zip; give the package that stemkit deliver made.")
    with staging_folder(Path(tempfile.gettempdir())) as unpacked:  # which a later run sweeps if this one is killed
        unpack(package, unpacked)
        yield find_package(unpacked, MANIFEST_NAME)


def _gather(
    root: Path, name: str, profile: str | None, *, listens: bool, jobs: int, progress: Progress | None
) -> tuple[CheckContext, tuple[Skip, ...]]:
    """Read and hash everything and, where rules ask for it, measure the audio and hold the stems against the mix."""
    from stemkit.app.check import prove_sum
    from stemkit.app.facts import measure_files
    from stemkit.delivery.changes import compare
    from stemkit.delivery.checksums import CHECKSUMS_NAME, MANIFEST_NAME
    from stemkit.delivery.manifest import parse_manifest
    from stemkit.delivery.package import found_files
    from stemkit.rules.contexts import CheckContext, expected_rate, main_mix

    manifest = parse_manifest(_start_of(root / MANIFEST_NAME), name=f"{name}/{MANIFEST_NAME}")
    found = found_files(root, None if progress is None else lambda part, doing: progress(_HASHED * part, doing))
    lines = root / CHECKSUMS_NAME
    listed = CHECKSUMS_NAME in found and found[CHECKSUMS_NAME].odd is None  # a pipe would be waited for
    sums = _start_of(lines).decode("utf-8", "replace") if listed else None
    changes = compare(manifest, found, sums)
    judged_by, skipped = _profile(manifest, profile)
    files = measure_files(
        _facts(manifest, changes, root) if listens else (),
        jobs=jobs,
        progress=None if progress is None else lambda part, doing: progress(_HASHED + (0.8 - _HASHED) * part, doing),
    )
    trims = {file.path: file.trim_db for file in manifest.files}
    hashes = {file.path: file for file in found.values()}
    names = {change.path: change.was or change.path for change in changes}
    files = tuple(
        replace(
            file,
            trim_db=trims.get(names.get(file.path, file.path), file.trim_db),
            file_sha256=hashes[file.path].sha256,
            audio_sha256=hashes[file.path].audio_sha256,
        )
        for file in files
    )
    against = main_mix(files)
    facts, unknown = prove_sum(files, against, progress)
    context = CheckContext(
        profile=judged_by,
        files=files,
        others=tuple(sorted(path for path in found if path not in {file.path for file in files})),
        main_mix=against,
        expected_rate=expected_rate(judged_by, against),
        sum=facts,
        sum_unknown=unknown,
        manifest=manifest,
        changes=changes,
    )
    return context, skipped


def _start_of(path: Path) -> bytes:
    """Read a list of the package; one byte more than any may have shows that it is too long."""
    from stemkit.delivery.manifest import MAX_BYTES

    with path.open("rb") as stream:
        return stream.read(MAX_BYTES + 1)


def _profile(manifest: Manifest, wish: str | None) -> tuple[Profile, tuple[Skip, ...]]:
    """Load the profile that was wished, else the sender's, where it is one that stemkit brings along."""
    from stemkit.rules.profiles import DEFAULT_PROFILE, load_profile, profile_names

    if wish is not None:
        return load_profile(wish), ()
    told = str(manifest.profile.get("id", ""))
    if told in profile_names():  # a name from outside never opens a file here
        return load_profile(told), ()
    reason = f"the sender's profile {told!r} is not known here, {DEFAULT_PROFILE} was used (--profile names it)"
    return load_profile(DEFAULT_PROFILE), (Skip(rule="SK705", subject="the set", reason=reason),)


def _facts(manifest: Manifest, changes: tuple[Change, ...], root: Path) -> tuple[FileFacts, ...]:
    """Take every audio file of the manifest that is there, in the role that it was sent in, under its name now."""
    from stemkit.model.audio import ContainerFacts, FileFacts

    now = {change.was: change.path for change in changes if change.was is not None}
    gone = {change.path for change in changes if change.kind == "missing"}
    unseen = ContainerFacts(container="other", size_bytes=0)
    files = []
    for listed in manifest.files:
        if listed.kind != "audio" or listed.path in gone:
            continue
        path = now.get(listed.path, listed.path)
        if (root / path).is_symlink() or not (root / path).is_file():
            continue
        files.append(
            FileFacts(
                path=path,
                role=listed.role if listed.role in _ROLES else "other",  # type: ignore[arg-type]  # held against the roles
                role_reason="so the manifest says",
                variant=listed.variant if listed.variant in _VARIANTS else None,  # type: ignore[arg-type]  # as above
                partner=listed.partner,
                container=unseen,
                absolute_path=str((root / path).absolute()),
            )
        )
    return tuple(files)


_ROLES = frozenset({"stem", "rough_mix", "proof_mix", "reference", "other"})
_VARIANTS = frozenset({"stem", "dry", "wet"})


def _as_the_sender_meant(report: Report, manifest: Manifest) -> Report:
    """Accept what the sender accepted, but never a change of the package itself."""
    meant = {
        (str(told.get("rule")), str(told.get("subject"))): str(told["accepted"])
        for told in manifest.findings
        if told.get("accepted")
    }

    def accepted(finding: Finding) -> Finding:
        why = meant.get((finding.rule, finding.subject))
        if why is None or finding.accepted is not None or finding.rule in _INTEGRITY:
            return finding
        return replace(finding, accepted=f"the sender says: {why}")

    return replace(report, findings=tuple(accepted(finding) for finding in report.findings))
