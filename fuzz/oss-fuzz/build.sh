#!/bin/bash -eu
# Builds all fuzz targets for OSS-Fuzz and ClusterFuzzLite: into $OUT each of them, its seeds and its dictionary.
# $SRC, $OUT, $SANITIZER and RUSTFLAGS are theirs.

cd "$SRC/mta-sts"

# For coverage their cargo builds with the profile `dev`, which has assertions: lines that nothing reaches.
assertions=(--debug-assertions)
if [ "$SANITIZER" = coverage ]; then
    export RUSTFLAGS="${RUSTFLAGS:-} -C debug-assertions=no"
    assertions=()
fi
cargo fuzz build -O "${assertions[@]}"

# For coverage their cargo takes every `cargo fuzz` for a build.
for target in $(SANITIZER=address cargo fuzz list); do
    cp "fuzz/target/x86_64-unknown-linux-gnu/release/$target" "$OUT/"
    inputs=("fuzz/seeds/$target")
    [ ! -d "fuzz/regressions/$target" ] || inputs+=("fuzz/regressions/$target")
    zip -qrj "$OUT/${target}_seed_corpus.zip" "${inputs[@]}"
    fuzz/dictionary.sh "$target" >"$OUT/$target.dict"
    [ -s "$OUT/$target.dict" ] || rm "$OUT/$target.dict"
done
