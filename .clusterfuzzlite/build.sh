#!/bin/bash -eu
# The one of OSS-Fuzz.
exec "$SRC/mta-sts/fuzz/oss-fuzz/build.sh"
