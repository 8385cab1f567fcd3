#!/usr/bin/env bash
# Build InfluxDB 1.8.10 (influxd + influx CLI) from the Go module proxy: pure Go, no Rust. Idempotent.
set -euo pipefail
VER=${INFLUXDB1_VERSION:-v1.8.10}
BIN=${INFLUXDB1_HOME:-${TALLY_SERVICES_CACHE:-$HOME/.cache/tally-services}/influxdb/v1}/bin
mkdir -p "$BIN"
if [ ! -x "$BIN/influxd-$VER" ] || [ ! -x "$BIN/influx-$VER" ]; then
  T=$(mktemp -d "$BIN/.build.XXXXXX"); trap 'rm -rf "$T"' EXIT
  t0=$(date +%s)
  (cd /tmp && GOBIN=$T go install -trimpath -ldflags "-s -w -X main.version=${VER#v}" \
     "github.com/influxdata/influxdb/cmd/influxd@$VER" "github.com/influxdata/influxdb/cmd/influx@$VER")
  mv "$T/influxd" "$BIN/influxd-$VER"; mv "$T/influx" "$BIN/influx-$VER"
  echo "built in $(( $(date +%s) - t0 ))s: $(stat -c '%n %s' "$BIN/influxd-$VER" "$BIN/influx-$VER" | tr '\n' ' ')" >&2
fi
ln -sfn "influxd-$VER" "$BIN/influxd"; ln -sfn "influx-$VER" "$BIN/influx"
echo "$BIN/influxd"
