#!/usr/bin/env bash
# Build InfluxDB 2.x (influxd, no UI) from the Go module proxy + crates.io.
# Idempotent: exits at once when $INFLUXDB2_HOME/bin/influxd-$VER exists.
# Needs: go >= 1.23, cargo/rustc, gcc, pkg-config.
set -euo pipefail
HERE=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
VER=${INFLUXDB2_VERSION:-v2.7.12}
HOME_DIR=${INFLUXDB2_HOME:-${TALLY_SERVICES_CACHE:-$HOME/.cache/tally-services}/influxdb/v2}
BIN=$HOME_DIR/bin
mkdir -p "$BIN"
if [ -x "$BIN/influxd-$VER" ]; then ln -sfn "influxd-$VER" "$BIN/influxd"; echo "cached: $BIN/influxd-$VER"; exit 0; fi
export GOFLAGS="${GOFLAGS:-} -buildvcs=false"
t0=$(date +%s)
MODDIR=$(cd /tmp && go mod download -json "github.com/influxdata/influxdb/v2@$VER" | sed -n 's/^\t"Dir": "\(.*\)",$/\1/p')
FLUX=$(sed -n 's/^\tgithub.com\/influxdata\/flux \(v[^ ]*\).*/\1/p' "$MODDIR/go.mod")
# 1. libflux (Rust) in the background ...
"$HERE/libflux_build.sh" "$FLUX" "$HOME_DIR/libflux-$FLUX" >"$HOME_DIR/libflux.log" 2>&1 &
LF=$!
trap 'kill $LF 2>/dev/null || true' EXIT
# 2. ... while Go compiles every dependency that does not need it.
# go.mod has a replace directive, so `go install pkg@version` refuses: build inside a copy of the module
SRC=$HOME_DIR/src-$VER
rm -rf "$SRC"; cp -r "$MODDIR" "$SRC"; chmod -R u+w "$SRC"; cd "$SRC"
export CGO_CFLAGS=${CGO_CFLAGS:--O1 -g0}      # sqlite3.c: half the compile time
B=(-tags sqlite_foreign_keys,sqlite_json -trimpath)
go list "${B[@]}" -deps -f '{{$p := .ImportPath}}{{$f := false}}{{range .Deps}}{{if eq . "github.com/influxdata/flux/libflux/go/libflux"}}{{$f = true}}{{end}}{{end}}{{if and (not $f) (ne $p "github.com/influxdata/flux/libflux/go/libflux") (ne $p "unsafe") (ne $p "C")}}{{$p}}{{end}}' ./cmd/influxd |
  grep . | xargs go build "${B[@]}" || true   # only warms the build cache: a failure shows in the real build below
t1=$(date +%s)
wait "$LF" || { tail -40 "$HOME_DIR/libflux.log" >&2; exit 1; }
trap - EXIT
t2=$(date +%s)
PKG_CONFIG_PATH=$HOME_DIR/libflux-$FLUX go build "${B[@]}" \
   -ldflags "-s -w -X main.version=$VER -X main.commit=module" -o "$BIN/influxd-$VER" ./cmd/influxd
t3=$(date +%s)
ln -sfn "influxd-$VER" "$BIN/influxd"
rm -rf "$SRC"
tail -1 "$HOME_DIR/libflux.log"
echo "built $BIN/influxd-$VER: go deps (with libflux beside) $((t1-t0))s, waited for libflux $((t2-t1))s, go rest+link $((t3-t2))s, all $((t3-t0))s, $(stat -c %s "$BIN/influxd-$VER") bytes"
