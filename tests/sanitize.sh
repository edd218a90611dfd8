#!/usr/bin/env bash
# Builds the kernel with the address and undefined-behaviour sanitizers and holds it against numpy under them: once with
# plain loops, and once for each width of vectors that this processor has. Runs in the environment of the current
# `python`, whose own kernel stays as it is.
set -euo pipefail
cd "$(dirname "$0")/.."

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
include=$(python -c 'import sysconfig; print(sysconfig.get_path("include"))')
python -c '
import runpy, sys
runpy.run_path("stemkit/audio/_kernel_build.py")["ffi"].emit_c_code(sys.argv[1])
' "$work/kernel.c"

# Without the clones for each processor, the vectors of AVX2 and AVX-512 are only there where they are asked for.
levels=(-O1)
grep -q avx2 /proc/cpuinfo 2>/dev/null && levels+=(-march=x86-64-v3)
grep -q avx512vl /proc/cpuinfo 2>/dev/null && levels+=(-march=x86-64-v4)

# Python itself is built without the sanitizer and keeps memory until it ends, so its leaks are not looked for.
export STEMKIT_KERNEL="$work/_kernel.abi3.so" ASAN_OPTIONS=detect_leaks=0
for level in "${levels[@]}"; do
  echo "compiled with $level"
  gcc -shared -fPIC -O1 "$level" -g -fno-omit-frame-pointer -fopenmp-simd \
    -fsanitize=address,undefined -fno-sanitize-recover=all -DPy_LIMITED_API=0x030a0000 -I "$include" "$work/kernel.c" -o "$STEMKIT_KERNEL"
  LD_PRELOAD="$(gcc -print-file-name=libasan.so) $(gcc -print-file-name=libubsan.so)" \
    python -m pytest -q -p no:cacheprovider tests/audio/test_kernel.py tests/audio/test_codec_borders.py \
    tests/audio/test_proof_adding.py "$@"
done
