#!/usr/bin/env bash
# Start N KRaft nodes (each broker+controller) on 127.0.0.1 and wait until all N are registered and unfenced.
#   kafka_cluster_start.sh [N=3]     prints the bootstrap list
# Node i listens on KAFKA_PORT+10*(i-1) (default 19092,19102,19112), controller on that +1; data in
# $KAFKA_CLUSTER_DATA/node<i>. Idempotent: nodes that run are left alone, a stopped or killed node is started again.
#   KAFKA_ONLY=i     only (re)start node i (after kafka_cluster_stop.sh N i)
set -euo pipefail
HERE=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
N=${1:-3}
export KAFKA_HOME=${KAFKA_HOME:-${TALLY_SERVICES_CACHE:-$HOME/.cache/tally-services}/kafka}
BASE=${KAFKA_PORT:-19092}
ROOT=${KAFKA_CLUSTER_DATA:-$KAFKA_HOME/cluster-$BASE}
WAIT=${KAFKA_WAIT:-240}
"$HERE/kafka_install.sh" >/dev/null
mkdir -p "$ROOT"
[ -s "$ROOT/cluster.id" ] || head -c16 /dev/urandom | base64 | tr '+/' 'ab' | cut -c1-22 >"$ROOT/cluster.id"
V=""; BOOT=""
for i in $(seq 1 "$N"); do p=$((BASE+10*(i-1))); V+="${V:+,}$i@127.0.0.1:$((p+1))"; BOOT+="${BOOT:+,}127.0.0.1:$p"; done
for i in $(seq 1 "$N"); do
  [ -z "${KAFKA_ONLY:-}" ] || [ "$KAFKA_ONLY" = "$i" ] || continue
  KAFKA_NODE_ID=$i KAFKA_PORT=$((BASE+10*(i-1))) KAFKA_CONTROLLER_PORT=$((BASE+10*(i-1)+1)) KAFKA_DATA=$ROOT/node$i \
    KAFKA_VOTERS=$V KAFKA_CLUSTER_ID=$(cat "$ROOT/cluster.id") KAFKA_RF=$(( N < 3 ? N : 3 )) \
    KAFKA_HEAP="${KAFKA_HEAP:--Xms256m -Xmx384m}" KAFKA_NOWAIT=1 "$HERE/kafka_start.sh" >&2 &
done
wait
end=$(( $(date +%s) + WAIT ))
for i in $(seq 1 "$N"); do
  [ -z "${KAFKA_ONLY:-}" ] || [ "$KAFKA_ONLY" = "$i" ] || continue
  D=$ROOT/node$i
  until grep -q 'Kafka Server started' "$D/server.log" 2>/dev/null; do
    if [ ! -f "$D/kafka.pid" ] || ! kill -0 "$(cat "$D/kafka.pid")" 2>/dev/null; then echo "node $i died:" >&2; tail -20 "$D/server.log" >&2; exit 1; fi
    [ "$(date +%s)" -lt "$end" ] || { echo "node $i not ready after ${WAIT}s" >&2; tail -20 "$D/server.log" >&2; exit 1; }
    sleep 0.1
  done
done
echo "$BOOT"
