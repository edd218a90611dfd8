#!/usr/bin/env bash
# Compiles the kernel for ARM64 as well, runs both on the same inputs (ARM64 under emulation), and holds what they
# measured against each other: counts exactly, sums within single precision.
# Needs a cross compiler and an emulator (Debian: gcc-aarch64-linux-gnu, libc6-dev-arm64-cross, qemu-user-static).
set -euo pipefail
cd "$(dirname "$0")/../.."

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
python3 -c 'import runpy; print(runpy.run_path("stemkit/audio/_kernel_build.py")["unit"])' >"$work/kernel.c"
python3 tests/fuzz/kernel_seeds.py "$work/inputs"
options=(-O3 -fopenmp-simd -fno-math-errno -fno-trapping-math -DTELL -I "$work")
gcc "${options[@]}" tests/fuzz/kernel_fuzz.c -o "$work/here" -lm
aarch64-linux-gnu-gcc "${options[@]}" -static tests/fuzz/kernel_fuzz.c -o "$work/there" -lm
"$work/here" "$work"/inputs/* >"$work/here.txt"
qemu-aarch64-static "$work/there" "$work"/inputs/* >"$work/there.txt"
python3 - "$work/here.txt" "$work/there.txt" <<'PY'
import sys
from itertools import zip_longest
from math import isclose
from pathlib import Path
here, there = (Path(name).read_text().split("\n") for name in sys.argv[1:])
for one, other in zip_longest(here, there, fillvalue=""):
    pairs = list(zip_longest(one.split(), other.split(), fillvalue=""))
    same = [a == b for a, b in pairs[:8]] + [isclose(float(a), float(b), rel_tol=2e-5, abs_tol=1e-5) for a, b in pairs[8:]]
    if not all(same):
        sys.exit(f"here:  {one}\nARM64: {other}")
print(f"{len(here) - 1} inputs measured alike on ARM64")
PY
