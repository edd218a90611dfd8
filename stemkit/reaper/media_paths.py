"""Finding the file that a project's source names, on whatever system the project was made.

Media is never opened here; only names are looked at, and each folder is listed at most once.
"""

from __future__ import annotations

import ntpath
import os
import re
import unicodedata
from pathlib import Path

from stemkit.reaper.project_values import readable

__all__ = ["MediaFinder"]

_DRIVE = re.compile(r"[A-Za-z]:[\\/]")


class MediaFinder:
    """Finds media beside one project.

    Parameters
    ----------
    project_folder
        Where the project lies.
    record_path
        The project's ``RECORD_PATH`` as written, empty for none.
    """

    def __init__(self, project_folder: Path, record_path: str = "") -> None:
        self._folder = project_folder
        self._record_folder = None if _is_foreign(record_path) else self._inside(record_path)
        self._found: dict[str, tuple[str | None, tuple[str, ...]]] = {}
        self._listings: dict[str, dict[str, str]] = {}

    def find(self, written: str) -> tuple[str | None, tuple[str, ...]]:
        """Find the file for a path as the project writes it.

        Looked for in this order: as written (relative paths against the project folder), below the recording
        folder, by its bare name beside the project and in the recording folder, and all of that once more with
        capital and small letters alike.

        Parameters
        ----------
        written
            Relative or absolute, with the separators of any system.

        Returns
        -------
        tuple
            Absolute path of an existing file or None, and every path that was looked at.
        """
        if written not in self._found:
            self._found[written] = self._search(written) if written else (None, ())
        return self._found[written]

    def _search(self, written: str) -> tuple[str | None, tuple[str, ...]]:
        searched: list[str] = []
        candidates = list(dict.fromkeys([*self._candidates(written), *self._candidates(readable(written))]))
        for candidate in candidates:
            searched.append(candidate)
            if os.path.isfile(candidate):  # noqa: PTH113  (never raises, however odd the name)
                return candidate, tuple(searched)
        for candidate in candidates:
            match = self._ignoring_case(candidate)
            if match is not None:
                return match, tuple(searched)
        return None, tuple(searched)

    def _candidates(self, written: str) -> list[str]:
        base = ntpath.basename(written)  # knows both separators
        found: list[Path] = []
        if not _is_foreign(written):
            found += [self._inside(written), self._folder / written]
            if self._record_folder is not None:
                found.append(self._record_folder / _slashed(written))
        if base:
            found.append(self._folder / base)
            if self._record_folder is not None:
                found.append(self._record_folder / base)
        return list(dict.fromkeys(os.path.normpath(path) for path in found))

    def _inside(self, written: str) -> Path:
        return self._folder / _slashed(written)

    def _ignoring_case(self, candidate: str) -> str | None:
        """Walk down from the project folder, matching each name without regard to case or Unicode form."""
        path = Path(candidate)
        try:
            steps = path.relative_to(self._folder).parts
        except ValueError:
            return None
        reached = str(self._folder)
        for step in steps:
            name = self._listing(reached).get(_folded(step))
            if name is None:
                return None
            reached = os.path.join(reached, name)  # noqa: PTH118  (a hot path of plain strings)
        return reached if os.path.isfile(reached) else None  # noqa: PTH113  (as above)

    def _listing(self, folder: str) -> dict[str, str]:
        if folder not in self._listings:
            try:
                names = os.listdir(folder)  # noqa: PTH208  (names only, no Path objects)
            except OSError:
                names = []
            self._listings[folder] = {_folded(name): name for name in sorted(names, reverse=True)}
        return self._listings[folder]


def _is_foreign(written: str) -> bool:
    """Tell a path with a drive or a server's name on a system that has neither."""
    return os.name != "nt" and (bool(_DRIVE.match(written)) or written.startswith("\\\\"))


def _slashed(written: str) -> str:
    return written if os.name == "nt" else written.replace("\\", "/")


def _folded(name: str) -> str:
    """Make names comparable: macOS writes decomposed letters, Windows and Linux composed ones."""
    return unicodedata.normalize("NFC", name).casefold()
