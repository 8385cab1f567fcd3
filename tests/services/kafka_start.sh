#!/usr/bin/env bash
# Start one Apache Kafka 4.x KRaft node (combined broker+controller) on 127.0.0.1. Idempotent.
#   kafka_start.sh            -> waits until the broker serves (bounded), prints bootstrap address
# Env (all optional):
#   KAFKA_PORT=9092             broker listener; controller listener is KAFKA_CONTROLLER_PORT (KAFKA_PORT+1)
#   KAFKA_DATA=$TALLY_SERVICES_CACHE/kafka/data-$KAFKA_PORT   data dir: logs/, server.properties, server.log, kafka.pid
#   KAFKA_HEAP="-Xms512m -Xmx512m"   KAFKA_JVM_OPTS=""   KAFKA_WAIT=240 (seconds)   KAFKA_VERSION=4.3.1
#   KAFKA_EXTRA_PROPS=FILE      extra server.properties lines, appended last (so they win)
#   KAFKA_NODE_ID=1 KAFKA_VOTERS=1@127.0.0.1:9093 KAFKA_CLUSTER_ID=... KAFKA_RF=1   (for clusters)
#   KAFKA_NOWAIT=1              return right after the process is started
set -euo pipefail
HERE=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
export KAFKA_HOME=${KAFKA_HOME:-${TALLY_SERVICES_CACHE:-$HOME/.cache/tally-services}/kafka}
PORT=${KAFKA_PORT:-9092}; CPORT=${KAFKA_CONTROLLER_PORT:-$((PORT+1))}
DATA=${KAFKA_DATA:-$KAFKA_HOME/data-$PORT}
HEAP=${KAFKA_HEAP:--Xms512m -Xmx512m}
WAIT=${KAFKA_WAIT:-240}
NODE=${KAFKA_NODE_ID:-1}
VOTERS=${KAFKA_VOTERS:-$NODE@127.0.0.1:$CPORT}
RF=${KAFKA_RF:-1}; MINISR=$(( RF > 1 ? 2 : 1 ))
PIDFILE=$DATA/kafka.pid; LOG=$DATA/server.log; CONF=$DATA/server.properties

LIBS=$("$HERE/kafka_install.sh")
CP="$LIBS/*"
mkdir -p "$DATA"

is_ours() { [ -r "/proc/$1/cmdline" ] && tr '\0' '\n' <"/proc/$1/cmdline" | grep -qxF -- "$CONF"; }
if [ -f "$PIDFILE" ] && is_ours "$(cat "$PIDFILE")"; then
  echo "already running: pid $(cat "$PIDFILE"), 127.0.0.1:$PORT"; exit 0
fi
# A broker killed just now keeps its port until its last thread is gone.
in_use() { (exec 3<>"/dev/tcp/127.0.0.1/$1") 2>/dev/null; }
for p in "$PORT" "$CPORT"; do
  for _ in $(seq 1 30); do in_use "$p" || break; sleep 0.1; done
  if in_use "$p"; then echo "kafka_start: port $p is in use" >&2; exit 1; fi
done

cat >"$DATA/log4j2.properties" <<'L'
status=warn
appender.c.type=Console
appender.c.name=C
appender.c.layout.type=PatternLayout
appender.c.layout.pattern=[%d] %p %m (%c)%n
rootLogger.level=info
rootLogger.appenderRef.c.ref=C
L
cat >"$CONF" <<P
process.roles=broker,controller
node.id=$NODE
controller.quorum.voters=$VOTERS
controller.listener.names=CONTROLLER
listeners=PLAINTEXT://127.0.0.1:$PORT,CONTROLLER://127.0.0.1:$CPORT
advertised.listeners=PLAINTEXT://127.0.0.1:$PORT
listener.security.protocol.map=PLAINTEXT:PLAINTEXT,CONTROLLER:PLAINTEXT
inter.broker.listener.name=PLAINTEXT
log.dirs=$DATA/logs
num.partitions=1
default.replication.factor=$RF
min.insync.replicas=$MINISR
offsets.topic.num.partitions=${KAFKA_OFFSETS_PARTITIONS:-10}
offsets.topic.replication.factor=$RF
transaction.state.log.num.partitions=5
transaction.state.log.replication.factor=$RF
transaction.state.log.min.isr=$MINISR
share.coordinator.state.topic.num.partitions=5
share.coordinator.state.topic.replication.factor=$RF
share.coordinator.state.topic.min.isr=$MINISR
group.initial.rebalance.delay.ms=0
log.retention.hours=24
P
[ -z "${KAFKA_EXTRA_PROPS:-}" ] || cat "$KAFKA_EXTRA_PROPS" >>"$CONF"

# Class-data archives (made once per jar set) halve JVM start; the JVM ignores one that does not fit.
CDS=$LIBS/.cds; mkdir -p "$CDS"
cds() { [ -f "$CDS/$1.jsa" ] && echo "-XX:SharedArchiveFile=$CDS/$1.jsa" || echo "-XX:ArchiveClassesAtExit=$CDS/$1.jsa.$$"; }
JAVA=${JAVA_HOME:+$JAVA_HOME/bin/}java

if [ ! -f "$DATA/logs/meta.properties" ]; then
  mkdir -p "$DATA/logs"
  CID=${KAFKA_CLUSTER_ID:-}
  if [ -z "$CID" ]; then
    CID=$(head -c16 /dev/urandom | base64 | tr '+/' 'ab' | cut -c1-22)
  fi
  o=$(cds format)
  "$JAVA" -Xmx128m -XX:+UseSerialGC -XX:TieredStopAtLevel=1 -Xshare:auto $o -Xlog:cds=off -Xlog:cds+dynamic=off \
     -Dlog4j2.configurationFile="$DATA/log4j2.properties" \
     -cp "$CP" kafka.tools.StorageTool format -t "$CID" -c "$CONF" >"$DATA/format.log" 2>&1 \
     || { cat "$DATA/format.log" >&2; exit 1; }
  [ ! -f "$CDS/format.jsa.$$" ] || mv -f "$CDS/format.jsa.$$" "$CDS/format.jsa"
fi

if [ -f "$CDS/broker.jsa" ]; then S=("-XX:SharedArchiveFile=$CDS/broker.jsa" -Xshare:auto)
else S=("-XX:ArchiveClassesAtExit=$DATA/broker.jsa"); fi     # kafka_stop.sh moves it to $CDS (costs ~2 s, once)
S+=(-Xlog:cds=off -Xlog:cds+dynamic=off)
: >"$LOG"
setsid nohup "$JAVA" $HEAP -XX:+UseG1GC -XX:MaxGCPauseMillis=20 -XX:InitiatingHeapOccupancyPercent=35 \
   -Djava.awt.headless=true -Dkafka.logs.dir="$DATA" -Dlog4j2.configurationFile="$DATA/log4j2.properties" \
   "${S[@]}" ${KAFKA_JVM_OPTS:-} -cp "$CP" kafka.Kafka "$CONF" >>"$LOG" 2>&1 </dev/null &
PID=$!
echo "$PID" >"$PIDFILE"
if [ -n "${KAFKA_NOWAIT:-}" ]; then echo "started: pid $PID, 127.0.0.1:$PORT"; exit 0; fi

end=$(( $(date +%s) + WAIT ))
until grep -q 'Kafka Server started' "$LOG"; do
  if ! kill -0 "$PID" 2>/dev/null; then echo "kafka_start: broker died; last log lines:" >&2; tail -20 "$LOG" >&2; rm -f "$PIDFILE"; exit 1; fi
  if [ "$(date +%s)" -ge "$end" ]; then echo "kafka_start: not ready after ${WAIT}s" >&2; tail -20 "$LOG" >&2; "$HERE/kafka_stop.sh" >&2 || true; exit 1; fi
  sleep 0.1
done
echo "ready: pid $PID, 127.0.0.1:$PORT"
