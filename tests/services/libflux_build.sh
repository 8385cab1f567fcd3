#!/usr/bin/env bash
# libflux_build.sh FLUX_VERSION DEST : build libflux.a (Rust) from the Go module github.com/influxdata/flux with the
# machine's own rustc, and write DEST/flux.pc, so that plain `PKG_CONFIG_PATH=DEST go build` finds it
# (replaces the github.com/influxdata/pkg-config wrapper, whose cargo call fails with a current rustc). Idempotent.
set -euo pipefail
V=$1; DEST=$2
[ ! -f "$DEST/flux.pc" ] || { echo "cached: $DEST"; exit 0; }
t0=$(date +%s)
DIR=$(cd /tmp && go mod download -json "github.com/influxdata/flux@$V" | sed -n 's/^\t"Dir": "\(.*\)",$/\1/p')
mkdir -p "$DEST"; W=$DEST/src
rm -rf "$W"; mkdir "$W"; cp -r "$DIR/libflux" "$DIR/stdlib" "$W/"; chmod -R u+w "$W"
cd "$W/libflux"
# flux pins an old toolchain (rust-toolchain.toml, left out of the copy): use the machine's default
if command -v rustup >/dev/null; then export RUSTUP_TOOLCHAIN=${RUSTUP_TOOLCHAIN:-$(rustup default | cut -d' ' -f1)}; fi
# feature `strict` is deny(warnings), so it is left off; no LTO, -O0 for a quick build (FLUX_OPT=1: 38 s more, 24 MB less);
# same profile for build dependencies, so that flux-core is compiled once
export CARGO_PROFILE_RELEASE_LTO=off CARGO_PROFILE_RELEASE_OPT_LEVEL=${FLUX_OPT:-0} CARGO_PROFILE_RELEASE_DEBUG=0 \
       CARGO_PROFILE_RELEASE_BUILD_OVERRIDE_OPT_LEVEL=${FLUX_OPT:-0} CARGO_PROFILE_RELEASE_CODEGEN_UNITS=16 \
       CARGO_PROFILE_RELEASE_BUILD_OVERRIDE_CODEGEN_UNITS=16
cargo rustc --release --locked -p flux --lib --crate-type staticlib --no-default-features --features cffi --target-dir "$W/target"
mkdir -p "$DEST/lib"; cp "$W/target/release/libflux.a" "$DEST/lib/"; strip --strip-debug "$DEST/lib/libflux.a" || true
cp -r "$W/libflux/include" "$DEST/"
cat >"$DEST/flux.pc.tmp" <<P
prefix=$DEST
Name: Flux
Version: ${V#v}
Description: Library for the InfluxData Flux engine
Libs: -L$DEST/lib -lflux -ldl -lm -lpthread
Cflags: -I$DEST/include
P
mv "$DEST/flux.pc.tmp" "$DEST/flux.pc"
rm -rf "$W"
echo "libflux $V: $(( $(date +%s) - t0 ))s, $(stat -c %s "$DEST/lib/libflux.a") bytes"
