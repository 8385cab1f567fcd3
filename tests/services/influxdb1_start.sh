#!/usr/bin/env bash
# Start InfluxDB 1.8 on 127.0.0.1, create database $INFLUX_BUCKET. Idempotent. Stop: INFLUX_GEN=1 influxdb_stop.sh
# Env: INFLUX_PORT=8086  INFLUX_DATA=$TALLY_SERVICES_CACHE/influxdb/data1-$INFLUX_PORT  INFLUX_BUCKET=fraud_data  INFLUX_WAIT=240
set -euo pipefail
HERE=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
PORT=${INFLUX_PORT:-8086}; DATA=${INFLUX_DATA:-${TALLY_SERVICES_CACHE:-$HOME/.cache/tally-services}/influxdb/data1-$PORT}; WAIT=${INFLUX_WAIT:-240}
DB=${INFLUX_BUCKET:-fraud_data}
HOME_DIR=${INFLUXDB1_HOME:-${TALLY_SERVICES_CACHE:-$HOME/.cache/tally-services}/influxdb/v1}
[ -x "$HOME_DIR/bin/influxd" ] || "$HERE/influxdb1_install.sh" >&2
U=http://127.0.0.1:$PORT; PIDFILE=$DATA/influxd.pid; LOG=$DATA/influxd.log
mkdir -p "$DATA"
is_ours() { [ -r "/proc/$1/cmdline" ] && tr '\0' '\n' <"/proc/$1/cmdline" | grep -qxF -- "$DATA/influxdb.conf"; }
if [ -f "$PIDFILE" ] && is_ours "$(cat "$PIDFILE")"; then
  echo "already running: pid $(cat "$PIDFILE"), $U" >&2
else
  for p in "$PORT" $((PORT+2)); do
    if (exec 3<>"/dev/tcp/127.0.0.1/$p") 2>/dev/null; then echo "influxdb1_start: port $p is in use" >&2; exit 1; fi
  done
  cat >"$DATA/influxdb.conf" <<C
reporting-disabled = true
bind-address = "127.0.0.1:$((PORT+2))"
[meta]
  dir = "$DATA/meta"
[data]
  dir = "$DATA/data"
  wal-dir = "$DATA/wal"
  index-version = "tsi1"
  query-log-enabled = false
[http]
  bind-address = "127.0.0.1:$PORT"
  flux-enabled = true
  log-enabled = false
[monitor]
  store-enabled = false
C
  : >"$LOG"
  setsid nohup "$HOME_DIR/bin/influxd" run -config "$DATA/influxdb.conf" >>"$LOG" 2>&1 </dev/null &
  echo $! >"$PIDFILE"
fi
PID=$(cat "$PIDFILE")
end=$(( $(date +%s) + WAIT ))
until curl -fsS -m 2 "$U/ping" >/dev/null 2>&1; do
  if ! kill -0 "$PID" 2>/dev/null; then echo "influxd died:" >&2; tail -20 "$LOG" >&2; rm -f "$PIDFILE"; exit 1; fi
  [ "$(date +%s)" -lt "$end" ] || { echo "influxd not ready after ${WAIT}s" >&2; tail -20 "$LOG" >&2; INFLUX_GEN=1 "$HERE/influxdb_stop.sh" >&2 || true; exit 1; }
  sleep 0.1
done
curl -fsS -m 10 -XPOST "$U/query" --data-urlencode "q=CREATE DATABASE \"$DB\"" >/dev/null
echo "ready: pid $PID, $U db=$DB"
