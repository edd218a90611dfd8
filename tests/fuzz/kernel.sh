#!/usr/bin/env bash
# Fuzzes the compiled kernel, guided by its coverage, under the address and undefined-behaviour sanitizers:
# tests/fuzz/kernel.sh [SECONDS [FOLDER FOR FINDS]]. Needs clang with libFuzzer (Debian: clang, libclang-rt-N-dev).
set -euo pipefail
cd "$(dirname "$0")/../.."

seconds=${1:-30} finds=${2:-fuzz-finds/kernel}
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
{
  echo '#include <stdint.h>'
  cat stemkit/audio/_{kernel,adding,borders}.h stemkit/audio/_{samples,vectors,vectors,levels,faults,kernel,adding,borders}.c
} >"$work/kernel.c"
clang -g -O1 -fno-omit-frame-pointer -Wno-unknown-pragmas -I "$work" \
  -fsanitize=fuzzer,address,undefined,float-cast-overflow -fno-sanitize-recover=all \
  tests/fuzz/kernel_fuzz.c -lm -o "$work/kernel_fuzz"

# Seeds: each format with a sine that is cut off, so that peaks, plateaus and silence are there from the start.
mkdir -p "$work/corpus" "$finds"
python3 - "$work/corpus" <<'PY'
import math, pathlib, struct, sys
codes = {0: "f", 1: "d", 2: "h", 4: "i", 5: "f", 6: "d"}
for form in range(7):
    for kind in range(3):
        wave = [max(-1.0, min(0.999, 1.3 * math.sin(i / 9))) * (kind != 1) * (i % 700 > 40 or kind != 2) for i in range(3000)]
        if form == 3:
            body = b"".join(int(x * 8388607).to_bytes(3, "little", signed=True) for x in wave)
        else:
            scale = {2: 32767, 4: 2147483647}.get(form)
            body = b"".join(struct.pack("<" + codes[form], int(x * scale) if scale else x) for x in wave)
        for name, head in {
            "measured, 1 kHz": (form, 1, 0, 20, 1, 1, 1, 1),
            "measured, 8 kHz": (form, 0, 9, 20, 1, 3, 1, 1),
            "measured, 44.1 kHz": (form, 1, 13, 20, 1, 3, 1, 1),
            "added": (form % 4, 1, 20, 4, 100, 1, 1, 0),
            "searched": (form, 200, 12, kind, 0, 0, 0, 7),
        }.items():
            (pathlib.Path(sys.argv[1]) / f"{form}{kind} {name}").write_bytes(bytes(head) + body)
PY
set +e
"$work/kernel_fuzz" "$work/corpus" -max_total_time="$seconds" -max_len=65536 -len_control=0 -timeout=10 -rss_limit_mb=2048 \
  -seed=20 -artifact_prefix="$finds/" -print_final_stats=1 -verbosity=0 >"$finds/told.txt" 2>&1
code=$?
set -e
grep -e '^stat::' -e 'ERROR' -e 'runtime error' -e 'not true' -e 'SUMMARY' -e 'Test unit' "$finds/told.txt"
exit "$code"
