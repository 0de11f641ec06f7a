#!/usr/bin/env bash
# Counts the instructions that texts made to hurt take at 32, 64 and 128 KiB, with callgrind, and fails where twice the
# text is 2.3 times the work or more: what is linear doubles, what is sorted does a little more, what is quadratic takes four times as many.
# The texts are those of tests/complexity/shapes.rs. Counts do not depend on the load.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")"

if ! command -v valgrind >/dev/null; then
    echo 'complexity: skipped, valgrind is not installed'
    exit 0
fi

export CARGO_TARGET_DIR=${CARGO_TARGET_DIR:-$PWD/target}
cargo build --quiet --locked --release --features tlsrpt --bin complexity
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT

# Each call of `measured` is dumped into a file of its own, with the sum of its instructions: the lines come in the same order.
valgrind --tool=callgrind --callgrind-out-file="$scratch/out" \
    --toggle-collect=complexity::measured --dump-after=complexity::measured \
    "$CARGO_TARGET_DIR/release/complexity" >"$scratch/lines" 2>"$scratch/log" ||
    { cat "$scratch/log" >&2 && exit 1; }
for number in $(seq "$(wc -l <"$scratch/lines")"); do
    sed -n 's/^summary: //p' "$scratch/out.$number"
done | paste "$scratch/lines" - | sort -s -t $'\t' -k 1,2 | awk -F '\t' '
    # Below this a fixed price hides the rest.
    function ratio(more, less) { return more < 50000 ? 0 : more / less }
    NF != 4 || $4 < 1 { print "no count: " $0; failed = 1; exit }
    { count[NR % 3] = $4 }
    NR % 3 == 0 {
        verdict = ratio(count[2], count[1]) > 2.3 || ratio(count[0], count[2]) > 2.3 ? "  GROWS TOO FAST" : ""
        if (verdict) failed = 1
        printf "%-16s %-25s %10d %10d %10d  x %.2f x %.2f%s\n", $1, $2, count[1], count[2], count[0], \
            count[2] / count[1], count[0] / count[2], verdict
    }
    END {
        if (NR < 3) { print "nothing was counted"; failed = 1 }
        exit failed
    }'
