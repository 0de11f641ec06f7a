#!/usr/bin/env bash
# Prints the dictionary of a target: those that the table of README.md names, together.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")"
names=$(sed -n "s/^| \`$1\` | .* | \(.*\) |$/\1/p" README.md)
[ -n "$names" ] || { printf 'README.md does not list the target %s\n' "$1" >&2; exit 1; }
for name in ${names//,/}; do
    [ "$name" = none ] || cat "dictionaries/$name.dict"
done
