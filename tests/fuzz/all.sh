#!/usr/bin/env bash
# Fuzzes every target for so many seconds, as many at a time as there are processors: tests/fuzz/all.sh [SECONDS].
# Finds lie in fuzz-finds, or where $finds says. Uses the environment of the current `python`.
set -euo pipefail
cd "$(dirname "$0")/../.."

export seconds=${1:-30} finds=${finds:-fuzz-finds}
told=$(mktemp -d)
export told
trap 'rm -rf "$told"' EXIT
one() {
  if python -m tests.fuzz.run "$1" --seconds "$seconds" --finds "$finds" >"$told/$1" 2>&1; then
    grep "^$1: " "$told/$1"
  else
    tail -n 40 "$told/$1"
    cat "$finds/$1"/*.txt 2>/dev/null || true
    return 1
  fi
}
export -f one
python -c 'from tests.fuzz.run import all_targets; print("\n".join(all_targets()))' >"$told/targets"
xargs -P "$(nproc)" -I '{}' bash -euo pipefail -c 'one {}' <"$told/targets"
