#!/usr/bin/env bash
# Counts the instructions of the main kinds of work with callgrind and prints them.
#
#     benches/instructions.sh [--check | --write] [ROW...]
#
# --check compares with instructions.txt, and fails if a row grew by more than 2 %; --write writes that file.
# Each figure is the difference of two runs divided by how often more the second did the work: neither the start of
# the program is in it nor the choice of the row. Counts depend on the compiler and on the C library, not on the load.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")"
figures=instructions.txt

if ! command -v valgrind >/dev/null; then
    echo 'instructions: skipped, valgrind is not installed'
    exit 0
fi

action=print
case ${1-} in
--check | --write) action=${1#--} && shift ;;
-*) echo "usage: $0 [--check | --write] [ROW...]" >&2 && exit 2 ;;
esac

export CARGO_TARGET_DIR=${CARGO_TARGET_DIR:-$PWD/target}
cargo build --quiet --locked --release --bin instructions
program=$CARGO_TARGET_DIR/release/instructions

# run ROW TIMES: the instructions of a whole run
run() {
    valgrind --tool=callgrind --callgrind-out-file=/dev/null "$program" "$@" 2>&1 >/dev/null |
        sed -n 's/.*Collected : *//p'
}

# count ROW: the instructions of doing the work once
count() {
    local row=$1 few=10 many=510
    case $row in
    policy-64-kib | policy-10000-extensions | policy-1900-a-labels) few=2 many=12 ;;
    esac
    echo $((($(run "$row" $many) - $(run "$row" $few)) / (many - few)))
}

header() {
    echo '# Instructions of doing the work once, counted by callgrind; written by `benches/instructions.sh --write`.'
    echo "# $(rustc --version), $(rustc -vV | sed -n 's/^host: //p'), $(valgrind --version)"
}

table() {
    local row
    for row in "$@"; do
        printf '%-26s %9s\n' "$row" "$(count "$row")"
    done
}

mapfile -t rows < <("$program")
for row in "$@"; do
    [[ " ${rows[*]} " = *" $row "* ]] || { echo "$0: no row $row; there are: ${rows[*]}" >&2 && exit 2; }
done
[ $# -eq 0 ] || rows=("$@")

case $action in
print) header && table "${rows[@]}" ;;
write)
    [ $# -eq 0 ] || { echo "$0: --write takes all rows" >&2 && exit 2; }
    written=$(header && table "${rows[@]}")
    printf '%s\n' "$written" | tee "$figures"
    ;;
check)
    [ "$(sed -n 2p "$figures")" = "$(header | sed -n 2p)" ] ||
        echo "note: the figures in $figures are of another toolchain: $(sed -n 's/^# //; 2p' "$figures")"
    table "${rows[@]}" | awk -v figures="$figures" '
        BEGIN { while ((getline line < figures) > 0) if (split(line, word) == 2) before[word[1]] = word[2] }
        !($1 in before) { printf "%-26s %9s    not in the file\n", $1, $2; failed = 1; next }
        {
            change = 100 * ($2 - before[$1]) / before[$1]
            verdict = change > 2 ? "  GREW" : ""
            if (verdict) failed = 1
            printf "%-26s %9d -> %9d  %+6.1f %%%s\n", $1, before[$1], $2, change, verdict
        }
        END { exit failed }'
    ;;
esac
