"""Inputs that once broke something, as small as they could be made: what they are, the target, the bytes."""

from __future__ import annotations

__all__ = ["REGRESSIONS"]

REGRESSIONS: tuple[tuple[str, str, bytes], ...] = (
    (
        "a zip entry without a name",
        "zip",
        b"PK\1\2" + bytes(42) + b"PK\5\6" + bytes(4) + b"\1\0\1\0" + (46).to_bytes(4, "little") + bytes(6),
    ),
    (
        "an infinite number deep in a manifest",
        "manifest",
        (
            b'{"schema": "stemkit.manifest/1", "stemkit": "1", "created": "", "title": "", "artist": "", "key": "",'
            b' "profile": {}, "project": {}, "tempo": {}, "bounds": {"end_s": 1e400}, "gain": {}, "engine": {},'
            b' "excluded": [], "left_out": [], "findings": [], "sample_rate": 48000, "proof": null, "files": []}'
        ),
    ),
    ("a pattern that Python warns of", "profile", b'[profile]\nextends = "mix-prep"\n[name]\npattern = "[a--b]"\n'),
    ("an answer of REAPER's link that is no table", "client", b"[]"),
    ("an answer without a kind", "client", b"{}"),
    ("an answer that is no text", "client", b"\x9f"),
    ("an answer without a value", "client", b'{"type": "result"}'),
    ("an answer whose value is no text", "client", b'{"type": "result", "value": 1}'),
    ("an answer whose value is no table", "client", b'{"type": "result", "value": "[]"}'),
    ("a refusal without a reason", "client", b'{"type": "error", "traceback": "\\n"}'),
    ("an error without a message", "client", b'{"type": "result", "value": "{\\"ok\\": false}"}'),
    ("a greeting that is no ASCII", "client", b"\xff"),
    ("a name with half a character on the page", "names", b"\x80"),
    ("a limit of four hundred digits", "profile", b'[profile]\nextends = "mix-prep"\n[peak]\nmin_dbfs = ' + b"9" * 400),
    ("a name that looks like a link", "names", b"http:"),
    ("a reference of four hundred letters", "brief", b"[[references]]\nfile = " + b"9" * 400),
    ("a brief from an editor that writes a byte order mark", "brief-file", b'\xef\xbb\xbftitle = "x"\n'),
)
