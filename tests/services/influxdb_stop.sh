#!/usr/bin/env bash
# Stop the influxd started by influxdb2_start.sh (or influxdb1_start.sh with INFLUX_GEN=1). INFLUX_WIPE=1 removes the data.
set -euo pipefail
# gone = no such process, or a zombie (its sockets are closed only then; cmdline/exe vanish earlier)
alive() { kill -0 "$1" 2>/dev/null && ! grep -q "^State:[[:space:]]*Z" "/proc/$1/status" 2>/dev/null; }
GEN=${INFLUX_GEN:-2}
DATA=${INFLUX_DATA:-${TALLY_SERVICES_CACHE:-$HOME/.cache/tally-services}/influxdb/data$GEN-${INFLUX_PORT:-8086}}
PIDFILE=$DATA/influxd.pid
is_ours() { [ -r "/proc/$1/cmdline" ] && tr '\0' '\n' <"/proc/$1/cmdline" | grep -qF -- "$DATA/"; }
if [ -f "$PIDFILE" ]; then
  PID=$(cat "$PIDFILE")
  if is_ours "$PID"; then
    if [ -n "${INFLUX_KILL:-}" ]; then kill -KILL "$PID"; else kill -TERM "$PID"; fi
    for _ in $(seq 1 150); do alive "$PID" || break; sleep 0.1; done
    if alive "$PID"; then echo "influxdb_stop: SIGKILL $PID" >&2; kill -KILL "$PID"; sleep 0.3; fi
    echo "stopped $PID"
  else echo "not running (stale pid file)"; fi
  rm -f "$PIDFILE"
else echo "not running"; fi
[ -z "${INFLUX_WIPE:-}" ] || rm -rf "$DATA"
