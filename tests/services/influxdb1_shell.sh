#!/usr/bin/env bash
# InfluxDB 1.8's own shell, as a person at a terminal uses it: each argument is a line that is typed.
# (Without a terminal it takes its input for one query, and USE is none.)
# Env: INFLUX_PORT=8086  INFLUX_WAIT=240 (seconds)
set -euo pipefail
HERE=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
BIN=$(dirname "$("$HERE/influxdb1_install.sh")")
printf '%s\n' "$@" exit |
  timeout "${INFLUX_WAIT:-240}" script -qec "'$BIN/influx' -host 127.0.0.1 -port ${INFLUX_PORT:-8086}" /dev/null
