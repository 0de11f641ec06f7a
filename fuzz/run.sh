#!/usr/bin/env bash
# run.sh SECONDS [TARGET...]: fuzzes all targets, or those named, for so long each, two at a time, and tells
# what came of it. Needs a nightly toolchain and cargo-fuzz.
#
# It begins with the seeds, the regressions and what is in fuzz/corpus, where it puts what is new; $CORPUS is another
# place for that. Inputs that break a property are in fuzz/artifacts/TARGET afterwards. With $SEED the same inputs are tried each time, as far as the time goes.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

seconds=${1:?how many seconds for each target}
shift
targets=("$@")
[ $# -gt 0 ] || mapfile -t targets < <(cargo +nightly fuzz list)
corpus=${CORPUS:-fuzz/corpus}
host=$(rustc -vV | sed -n 's/^host: //p')
programs=${CARGO_TARGET_DIR:-fuzz/target}/$host/release
logs=$(mktemp -d)
trap 'rm -rf "$logs"' EXIT

fuzz_one() {
    local target=$1 folders=("$corpus/$1" "fuzz/seeds/$1") dictionary=() status=0
    mkdir -p "$corpus/$target" "fuzz/artifacts/$target"
    [ ! -d "fuzz/regressions/$target" ] || folders+=("fuzz/regressions/$target")
    fuzz/dictionary.sh "$target" >"$logs/$target.dict"
    # libFuzzer refuses an empty one.
    [ ! -s "$logs/$target.dict" ] || dictionary=(-dict="$logs/$target.dict")
    "$programs/$target" -seed="${SEED:-0}" -max_total_time="$seconds" -timeout=10 -print_final_stats=1 "${dictionary[@]}" \
        -artifact_prefix="fuzz/artifacts/$target/" "${folders[@]}" >"$logs/$target" 2>&1 || status=$?
    echo "$status" >"$logs/$target.status"
}

# row TARGET: the last line of its log with figures, in columns; fails if a property was broken.
row() {
    local figures executions result=held
    figures=$(grep -oE 'cov: [0-9]+ ft: [0-9]+ corp: [0-9]+' "$logs/$1" | tail -n 1 || true)
    executions=$(sed -n 's/^stat::number_of_executed_units: *//p' "$logs/$1")
    [ "$(cat "$logs/$1.status")" = 0 ] || result=BROKEN
    # shellcheck disable=SC2086
    set -- "$1" ${figures:-cov: - ft: - corp: -}
    printf '%-18s %12s %7s %9s %7s  %s\n' "$1" "${executions:--}" "$3" "$5" "$7" "$result"
    [ "$result" = held ]
}

cargo +nightly fuzz build -O --debug-assertions
for target in "${targets[@]}"; do
    while [ "$(jobs -pr | wc -l)" -ge 2 ]; do
        wait -n || true
    done
    fuzz_one "$target" &
done
wait

broken=()
printf '%-18s %12s %7s %9s %7s\n' target executions edges features corpus
for target in "${targets[@]}"; do
    row "$target" || broken+=("$target")
done
for target in "${broken[@]}"; do
    printf '\n%s:\n' "$target"
    tail -n 60 "$logs/$target"
done
[ ${#broken[@]} = 0 ]
