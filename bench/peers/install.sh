#!/usr/bin/env bash
# Installs the peers of the comparison, each from its own registry, into $TALLY_BENCH_CACHE (~/.cache/tally-bench),
# and builds them. What is there already is kept; a program is built anew when its source has changed.
#   install.sh [NAME...]     all, or of: spark35 spark41 kstreams flink telegraf go c
# Needs: Java 17 and Maven (JVM peers), Python 3 with venv (Spark), Go (go, telegraf), a C compiler and
# librdkafka-dev (c; `apt-get install librdkafka-dev`).
set -euo pipefail
HERE=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
CACHE=${TALLY_BENCH_CACHE:-$HOME/.cache/tally-bench}
TELEGRAF=v1.37.2
mkdir -p "$CACHE"

# fresh TARGET SOURCE...: whether TARGET is newer than every SOURCE
fresh() { local target=$1; shift; [ -e "$target" ] && [ -z "$(find "$@" -newer "$target" -print -quit)" ]; }

# jars DIR POM [SCOPE]: the dependencies that POM names
jars() {
  fresh "$1/.complete" "$2" && return
  rm -rf "$1"
  timeout 900 mvn -q -B -f "$2" dependency:copy-dependencies -DoutputDirectory="$1" -DincludeScope=runtime >&2
  touch "$1/.complete"
}

# classes NAME: compiles NAME/Job.java against its jars
classes() {
  fresh "$CACHE/$1/classes/Job.class" "$HERE/$1/Job.java" "$CACHE/$1/libs/.complete" && return
  rm -rf "$CACHE/$1/classes"
  javac -proc:none -nowarn -cp "$CACHE/$1/libs/*" -d "$CACHE/$1/classes" "$HERE/$1/Job.java"
}

# spark NAME PYSPARK_VERSION: PySpark in an environment of its own, and its Kafka connector
spark() {
  local home=$CACHE/$1
  if [ ! -e "$home/venv/.complete" ]; then
    python3 -m venv "$home/venv"
    timeout 900 "$home/venv/bin/pip" install -q "pyspark==$2"
    touch "$home/venv/.complete"
  fi
  jars "$home/libs" "$HERE/spark/$1.xml"
}

install_spark35() { spark spark35 3.5.3; }
install_spark41() { spark spark41 4.1.1; }
install_kstreams() { jars "$CACHE/kstreams/libs" "$HERE/kstreams/pom.xml"; classes kstreams; }
install_flink() { jars "$CACHE/flink/libs" "$HERE/flink/pom.xml"; classes flink; }

install_go() {
  fresh "$CACHE/go/job" "$HERE/go" && return
  (cd "$HERE/go" && GOFLAGS=-mod=mod go build -trimpath -o "$CACHE/go/job" .)
}

install_c() {
  fresh "$CACHE/c/job" "$HERE/c/job.c" && return
  mkdir -p "$CACHE/c"
  cc -O3 -march=native -Wall -Wextra "$HERE/c/job.c" -o "$CACHE/c/job" -lrdkafka
}

# Telegraf is built from its Go module with the plugins that the job needs, as its own custom builder does.
install_telegraf() {
  local bin=$CACHE/telegraf/telegraf-$TELEGRAF dir
  [ -x "$bin" ] && return
  dir=$(cd / && go mod download -json "github.com/influxdata/telegraf@$TELEGRAF" | sed -n 's/^\t"Dir": "\(.*\)",$/\1/p')
  mkdir -p "$CACHE/telegraf"
  (cd "$dir" && timeout 1500 go build -trimpath -ldflags "-s -w" -o "$bin" -tags "custom,inputs.kafka_consumer,\
parsers.json,processors.converter,aggregators.basicstats,outputs.file,outputs.influxdb_v2,serializers.influx" \
    ./cmd/telegraf)
}

[ $# -gt 0 ] || set -- c go kstreams flink spark35 spark41 telegraf
for name in "$@"; do
  started=$(date +%s)
  "install_$name"
  echo "$name: ready after $(( $(date +%s) - started )) s"
done
