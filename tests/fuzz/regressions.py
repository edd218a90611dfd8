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
    ("a brief from an editor that writes a byte order mark", "brief-file", b'\xef\xbb\xbftitle = "x"\n'),
)
