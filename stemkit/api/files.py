"""What can be asked about files: whether they hold, and whether a package is what was sent."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from stemkit.api.types import PathLike, Progress
    from stemkit.model.report import Report

__all__ = ["check", "verify"]


def check(
    paths: Sequence[PathLike],
    *,
    profile: str = "mix-prep",
    mix: PathLike | None = None,
    references: Sequence[PathLike] = (),
    project: PathLike | None = None,
    select: Iterable[str] = (),
    ignore: Iterable[str] = (),
    accept: Mapping[str, str] | None = None,
    hashes: bool = False,
    progress: Progress | None = None,
) -> Report:
    """Judge files that any DAW rendered, and hold the sum of the stems against the mix.

    Parameters
    ----------
    paths
        Folders and files. They are read in blocks and never written to.
    profile
        What the receiver asks for: the name of a profile, or the path of a ``.toml`` file.
    mix
        The mix that the stems must add up to; None recognises it by its name.
    references
        Reference tracks; others are recognised by name and folder.
    project
        The ``.rpp`` project that the files came from.
    select, ignore
        Prefixes of rule ids, such as ``"SK3"``.
    accept
        For a prefix of rule ids, why its findings are meant so; they do not count then.
    hashes
        Also compute SHA-256 of each file and of its audio.
    progress
        Called with the part that is done, 0…1, and what is being done.

    Returns
    -------
    stemkit.model.report.Report
        Of kind ``check``. `files` hold levels in dBFS, dBTP and LUFS and lengths in frames, None for what is silent or
        not known; `sum` is the proof, None without a mix; `skipped` says what could not be judged.

    Raises
    ------
    InputError
        A path cannot be opened, or there is no audio.
    UsageError
        There is no such profile or rule.

    References
    ----------
    Loudness and true peak: ITU-R BS.1770-5, EBU Tech 3341; loudness range: EBU Tech 3342. Each rule names the source of
    its line, as ``stemkit rules`` prints it; the proof and what it was measured to find: ``docs/proof.md``.

    Examples
    --------
    >>> import stemkit
    >>> report = stemkit.check(["Damaged copy"], select=["SK8"])
    >>> report.verdict
    'fail'
    >>> report.sum.accusations[0].path, report.sum.accusations[0].fault
    ('Stems/04_Bass.wav', 'inverted')
    """
    from stemkit.app.check import check as use_case

    return use_case(
        [Path(path) for path in paths],
        profile=profile,
        mix=None if mix is None else Path(mix),
        references=[Path(path) for path in references],
        project=None if project is None else Path(project),
        select=select,
        ignore=ignore,
        accept=accept,
        hashes=hashes,
        progress=progress,
    )


def verify(
    package: PathLike,
    *,
    profile: str | None = None,
    select: Iterable[str] = (),
    ignore: Iterable[str] = (),
    accept: Mapping[str, str] | None = None,
    progress: Progress | None = None,
) -> Report:
    """Tell whether a package is what was sent, file by file, and whether its stems still hold and add up.

    Parameters
    ----------
    package
        Its folder, or its zip, which is believed in nothing.
    profile
        What to judge by; None takes the profile of the sender.
    select, ignore, accept, progress
        As for `check`.

    Returns
    -------
    stemkit.model.report.Report
        Of kind ``verify``. Each changed, missing, added or renamed file is a finding of SK705 to SK707.

    Raises
    ------
    InputError
        It is no package, its manifest is damaged, or the zip is not to be trusted.

    References
    ----------
    The manifest: ``docs/schema/manifest.md``; its sums are SHA-256, as ``sha256sum`` writes them.
    The rest as for `check`.

    Examples
    --------
    >>> import stemkit
    >>> stemkit.verify("Sent/Stemkit Demo", select=["SK705", "SK706", "SK707"]).verdict
    'pass'
    """
    from stemkit.app.verify import verify_package

    return verify_package(
        Path(package), profile=profile, select=select, ignore=ignore, accept=accept, progress=progress
    )
