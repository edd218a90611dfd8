"""Which paths inside a package can be laid down safely on every system. Pure."""

from __future__ import annotations

import re
import unicodedata

__all__ = ["folded", "name_problem", "safe_name"]

MAX_PATH_CHARACTERS = 240  # ours: Windows stops at 260 with its own folder in front
MAX_DEPTH = 8  # ours
_RESERVED = re.compile(r"(?i)^(con|prn|aux|nul|conin\$|conout\$|com[0-9¹²³]|lpt[0-9¹²³])(\..*)?$")
_FORBIDDEN = re.compile(r'[<>:"|?*\\\x00-\x1f\x7f]')
_UNSAFE = re.compile(r'[<>:"/|?*\\\x00-\x1f\x7f]+')
_MAX_NAME = 80


def name_problem(path: str) -> str | None:
    """Say what is wrong with a path inside a package, or return None.

    Refused: what leads out of the package or begins at a drive, what Windows reserves or cannot write, control
    characters, and what is too long or deep.
    """
    if not path or path.startswith("/") or len(path) > MAX_PATH_CHARACTERS:
        return "is empty, absolute or too long"
    parts = path.split("/")
    if len(parts) > MAX_DEPTH:
        return "lies too deep"
    return next((problem for part in parts if (problem := _part_problem(part))), None)


def _part_problem(part: str) -> str | None:
    if part in ("", ".", ".."):
        return "leads out of the package"
    if _FORBIDDEN.search(part) or any(0xD800 <= ord(sign) <= 0xDFFF for sign in part):
        return "has characters that no file may have on every system"
    if part[-1] in ". " or part[0] == " ":
        return "has a part that begins or ends with a blank or ends with a dot"
    return "has a part that Windows reserves" if _RESERVED.match(part) else None


def folded(path: str) -> str:
    """Return what two paths share that are one file on a system without case or with another Unicode form."""
    return unicodedata.normalize("NFC", path).casefold()


def safe_name(text: str, fallback: str = "Song") -> str:
    """Turn a title into one file name that every system takes; letters of any script stay."""
    printable = "".join(sign for sign in unicodedata.normalize("NFC", text) if sign.isprintable())
    name = " ".join(_UNSAFE.sub(" ", printable).split())[:_MAX_NAME].strip(" .")
    if not name:
        return fallback
    return f"{name}_" if _RESERVED.match(name) else name
