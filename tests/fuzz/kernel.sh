#!/usr/bin/env bash
# Fuzzes the compiled kernel, guided by its coverage, under the address and undefined-behaviour sanitizers:
# tests/fuzz/kernel.sh [SECONDS [FOLDER FOR FINDS]]. Needs clang with libFuzzer (Debian: clang, libclang-rt-N-dev).
set -euo pipefail
cd "$(dirname "$0")/../.."

seconds=${1:-30} finds=${2:-fuzz-finds/kernel}
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
python3 -c 'import runpy; print(runpy.run_path("stemkit/audio/_kernel_build.py")["unit"])' >"$work/kernel.c"
clang -g -O1 -fno-omit-frame-pointer -Wno-unknown-pragmas -I "$work" \
  -fsanitize=fuzzer,address,undefined,float-cast-overflow -fno-sanitize-recover=all \
  tests/fuzz/kernel_fuzz.c -lm -o "$work/kernel_fuzz"

mkdir -p "$finds"
python3 tests/fuzz/kernel_seeds.py "$work/corpus"
set +e
"$work/kernel_fuzz" "$work/corpus" -max_total_time="$seconds" -max_len=65536 -len_control=0 -timeout=10 -rss_limit_mb=2048 \
  -seed=20 -artifact_prefix="$finds/" -print_final_stats=1 -verbosity=0 >"$finds/told.txt" 2>&1
code=$?
set -e
grep -e '^stat::' -e 'ERROR' -e 'runtime error' -e 'not true' -e 'SUMMARY' -e 'Test unit' "$finds/told.txt"
exit "$code"
