#!/usr/bin/env bash
# kafka_cluster_stop.sh [N=3] [I]   stop all nodes, or only node I.  KAFKA_KILL=1: SIGKILL (failover test).
# KAFKA_WIPE=1: remove the data too. Same KAFKA_PORT / KAFKA_CLUSTER_DATA as kafka_cluster_start.sh.
set -euo pipefail
HERE=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
N=${1:-3}; ONLY=${2:-}
export KAFKA_HOME=${KAFKA_HOME:-${TALLY_SERVICES_CACHE:-$HOME/.cache/tally-services}/kafka}
ROOT=${KAFKA_CLUSTER_DATA:-$KAFKA_HOME/cluster-${KAFKA_PORT:-19092}}
# all at once: a controlled shutdown needs a controller quorum, the last ones are SIGKILLed after the bound
for i in $(seq 1 "$N"); do
  [ -z "$ONLY" ] || [ "$ONLY" = "$i" ] || continue
  KAFKA_DATA=$ROOT/node$i KAFKA_STOP_TICKS=${KAFKA_STOP_TICKS:-100} "$HERE/kafka_stop.sh" &
done
wait
if [ -z "$ONLY" ] && [ -n "${KAFKA_WIPE:-}" ]; then rm -rf "$ROOT"; fi
