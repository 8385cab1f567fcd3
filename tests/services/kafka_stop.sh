#!/usr/bin/env bash
# Stop the node started by kafka_start.sh with the same KAFKA_PORT / KAFKA_DATA. Idempotent.
#   KAFKA_WIPE=1 removes the data dir after the stop.  KAFKA_KILL=1 sends SIGKILL at once (crash test).
set -euo pipefail
# gone = no such process, or a zombie (its sockets are closed only then; cmdline/exe vanish earlier)
alive() { kill -0 "$1" 2>/dev/null && ! grep -q "^State:[[:space:]]*Z" "/proc/$1/status" 2>/dev/null; }
KAFKA_HOME=${KAFKA_HOME:-${TALLY_SERVICES_CACHE:-$HOME/.cache/tally-services}/kafka}
DATA=${KAFKA_DATA:-$KAFKA_HOME/data-${KAFKA_PORT:-9092}}
PIDFILE=$DATA/kafka.pid; CONF=$DATA/server.properties
is_ours() { [ -r "/proc/$1/cmdline" ] && tr '\0' '\n' <"/proc/$1/cmdline" | grep -qxF -- "$CONF"; }
if [ -f "$PIDFILE" ]; then
  PID=$(cat "$PIDFILE")
  if is_ours "$PID"; then
    [ -z "${KAFKA_KILL:-}" ] && kill -TERM "$PID" || kill -KILL "$PID"
    for _ in $(seq 1 "${KAFKA_STOP_TICKS:-200}"); do alive "$PID" || break; sleep 0.1; done
    if alive "$PID"; then echo "kafka_stop: SIGKILL $PID" >&2; kill -KILL "$PID"; sleep 0.5; fi
    echo "stopped $PID"
  else echo "not running (stale pid file)"; fi
  rm -f "$PIDFILE"
else echo "not running"; fi
if [ -s "$DATA/broker.jsa" ]; then   # class-data archive made by the first clean exit: keep it with the jars
  CDS=$KAFKA_HOME/libs-${KAFKA_VERSION:-4.3.1}/.cds
  mkdir -p "$CDS"; mv -f "$DATA/broker.jsa" "$CDS/broker.jsa"
fi
[ -z "${KAFKA_WIPE:-}" ] || rm -rf "$DATA"
