"""Inputs that the kernel's fuzzer begins with: python tests/fuzz/kernel_seeds.py FOLDER.

Each format with a sine that is cut off, so that peaks, plateaus and silence are there from the start.
"""

from __future__ import annotations

import math
import struct
import sys
from pathlib import Path

CODES = {0: "f", 1: "d", 2: "h", 4: "i", 5: "f", 6: "d"}  # of Python's struct, by the kernel's number of a format
SCALES = {2: 32767, 4: 2147483647}
HEADS = {  # the first bytes: what is done, and with which shape; None where the format and the wave come in
    "measured, 1 kHz": (None, 1, 0, 20, 1, 1, 1, 1),
    "measured, 8 kHz": (None, 0, 9, 20, 1, 3, 1, 1),
    "measured, 44.1 kHz": (None, 1, 13, 20, 1, 3, 1, 1),
    "added": (None, 1, 20, 4, 100, 1, 1, 0),
    "searched": (None, 200, 12, None, 0, 0, 0, 7),
}


def wave(kind: int) -> list[float]:
    """Return a sine that is cut off, silence, or that sine with rests."""
    cut = (max(-1.0, min(0.999, 1.3 * math.sin(i / 9))) for i in range(3000))
    return [x * (kind != 1) * (i % 700 > 40 or kind != 2) for i, x in enumerate(cut)]


def encoded(samples: list[float], form: int) -> bytes:
    if form == 3:
        return b"".join(int(x * 8388607).to_bytes(3, "little", signed=True) for x in samples)
    scale = SCALES.get(form)
    return b"".join(struct.pack("<" + CODES[form], int(x * scale) if scale else x) for x in samples)


def main(folder: Path) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    for form in range(7):
        for kind in range(3):
            body = encoded(wave(kind), form)
            for name, (_, channels, rate, third, *rest) in HEADS.items():
                first = form % 4 if name == "added" else form
                head = (first, channels, rate, kind if third is None else third, *rest)
                (folder / f"{form}{kind} {name}").write_bytes(bytes(head) + body)


if __name__ == "__main__":
    main(Path(sys.argv[1]))
