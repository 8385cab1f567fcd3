#!/usr/bin/env bash
# Start InfluxDB 2 on 127.0.0.1 and make sure it is set up: org, bucket, token, and for InfluxQL (GET /query) a
# database of the bucket's name and a 1.x user. Idempotent. Stop: influxdb_stop.sh
# Env: INFLUX_PORT=8086  INFLUX_DATA=$TALLY_SERVICES_CACHE/influxdb/data2-$INFLUX_PORT  INFLUX_ORG=tally
#      INFLUX_BUCKET=fraud_data  INFLUX_TOKEN=tally-token  INFLUX_USER=admin  INFLUX_PASSWORD=admin123
#      INFLUX_WAIT=240 (seconds)  INFLUX_ARGS=""
set -euo pipefail
HERE=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
CACHE=${TALLY_SERVICES_CACHE:-$HOME/.cache/tally-services}/influxdb
PORT=${INFLUX_PORT:-8086}; DATA=${INFLUX_DATA:-$CACHE/data2-$PORT}; WAIT=${INFLUX_WAIT:-240}
ORG=${INFLUX_ORG:-tally}; BUCKET=${INFLUX_BUCKET:-fraud_data}; TOKEN=${INFLUX_TOKEN:-tally-token}
NAME=${INFLUX_USER:-admin}; PASSWORD=${INFLUX_PASSWORD:-admin123}
HOME_DIR=${INFLUXDB2_HOME:-$CACHE/v2}
[ -x "$HOME_DIR/bin/influxd" ] || "$HERE/influxdb2_install.sh" >&2
U=http://127.0.0.1:$PORT
PIDFILE=$DATA/influxd.pid; LOG=$DATA/influxd.log
mkdir -p "$DATA"
is_ours() { [ -r "/proc/$1/cmdline" ] && tr '\0' '\n' <"/proc/$1/cmdline" | grep -qxF -- "--bolt-path=$DATA/influxd.bolt"; }
if [ -f "$PIDFILE" ] && is_ours "$(cat "$PIDFILE")"; then
  echo "already running: pid $(cat "$PIDFILE"), $U" >&2
else
  if (exec 3<>"/dev/tcp/127.0.0.1/$PORT") 2>/dev/null; then echo "influxdb2_start: port $PORT is in use" >&2; exit 1; fi
  : >"$LOG"
  setsid nohup "$HOME_DIR/bin/influxd" --http-bind-address="127.0.0.1:$PORT" --bolt-path="$DATA/influxd.bolt" \
    --sqlite-path="$DATA/influxd.sqlite" --engine-path="$DATA/engine" --reporting-disabled --log-level=info \
    ${INFLUX_ARGS:-} >>"$LOG" 2>&1 </dev/null &
  echo $! >"$PIDFILE"
fi
PID=$(cat "$PIDFILE")
end=$(( $(date +%s) + WAIT ))
until curl -fsS -m 2 "$U/health" >/dev/null 2>&1; do
  if ! kill -0 "$PID" 2>/dev/null; then echo "influxd died:" >&2; tail -20 "$LOG" >&2; rm -f "$PIDFILE"; exit 1; fi
  [ "$(date +%s)" -lt "$end" ] || { echo "influxd not ready after ${WAIT}s" >&2; tail -20 "$LOG" >&2; "$HERE/influxdb_stop.sh" >&2 || true; exit 1; }
  sleep 0.1
done
J='Content-Type: application/json'; A="Authorization: Token $TOKEN"
call() { curl -fsS -m 20 -H "$A" -H "$J" "$@"; }
first_id() { grep -o '"id": *"[0-9a-f]*"' | head -1 | cut -d'"' -f4; }
if call "$U/api/v2/setup" | grep -q '"allowed": *true'; then
  call "$U/api/v2/setup" -d "{\"username\":\"$NAME\",\"password\":\"$PASSWORD\",\"org\":\"$ORG\",\"bucket\":\"$BUCKET\",\"token\":\"$TOKEN\",\"retentionPeriodSeconds\":0}" >"$DATA/setup.json"
  ORG_ID=$(call "$U/api/v2/orgs?org=$ORG" | first_id)
  BUCKET_ID=$(call "$U/api/v2/buckets?org=$ORG&name=$BUCKET" | first_id)
  # InfluxQL: the bucket as database, by default, and a user of the 1.x kind (the 2.x user's password does not count there)
  call "$U/api/v2/dbrps" -d "{\"orgID\":\"$ORG_ID\",\"bucketID\":\"$BUCKET_ID\",\"database\":\"$BUCKET\",\"retention_policy\":\"autogen\",\"default\":true}" >/dev/null
  may() { echo "{\"action\":\"$1\",\"resource\":{\"type\":\"buckets\",\"id\":\"$BUCKET_ID\",\"orgID\":\"$ORG_ID\"}}"; }
  V1_ID=$(call "$U/private/legacy/authorizations" -d "{\"token\":\"$NAME\",\"status\":\"active\",\"orgID\":\"$ORG_ID\",\"permissions\":[$(may read),$(may write)]}" | first_id)
  call "$U/private/legacy/authorizations/$V1_ID/password" -d "{\"password\":\"$PASSWORD\"}" >/dev/null
fi
echo "ready: pid $PID, $U org=$ORG bucket=$BUCKET token=$TOKEN user=$NAME"
