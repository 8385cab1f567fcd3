#!/usr/bin/env bash
# Fetch the Apache Kafka broker + CLI jars from Maven Central into a cache directory. Idempotent.
# Env: KAFKA_VERSION (4.3.1), KAFKA_HOME ($TALLY_SERVICES_CACHE/kafka); jars land in $KAFKA_HOME/libs-$KAFKA_VERSION
set -euo pipefail
KAFKA_VERSION=${KAFKA_VERSION:-4.3.1}
KAFKA_HOME=${KAFKA_HOME:-${TALLY_SERVICES_CACHE:-$HOME/.cache/tally-services}/kafka}
LIBS=$KAFKA_HOME/libs-$KAFKA_VERSION
if [ -f "$LIBS/.complete" ]; then echo "$LIBS"; exit 0; fi
TMP=$KAFKA_HOME/.fetch.$$
mkdir -p "$TMP"
trap 'rm -rf "$TMP"' EXIT
cat >"$TMP/pom.xml" <<POM
<project xmlns="http://maven.apache.org/POM/4.0.0">
  <modelVersion>4.0.0</modelVersion>
  <groupId>local.test</groupId><artifactId>kafka_dist</artifactId><version>1</version><packaging>pom</packaging>
  <dependencies>
    <dependency><groupId>org.apache.kafka</groupId><artifactId>kafka_2.13</artifactId><version>$KAFKA_VERSION</version></dependency>
    <dependency><groupId>org.apache.kafka</groupId><artifactId>kafka-tools</artifactId><version>$KAFKA_VERSION</version></dependency>
    <dependency><groupId>org.apache.logging.log4j</groupId><artifactId>log4j-core</artifactId><version>2.25.4</version></dependency>
    <dependency><groupId>org.apache.logging.log4j</groupId><artifactId>log4j-slf4j-impl</artifactId><version>2.25.4</version></dependency>
  </dependencies>
</project>
POM
for try in 1 2 3; do
  if timeout 300 mvn -q -B -f "$TMP/pom.xml" dependency:copy-dependencies \
       -DoutputDirectory="$TMP/libs" -DincludeScope=runtime >&2; then ok=1; break; fi
  ok=0; sleep 2
done
[ "$ok" = 1 ] || { echo "kafka_install: mvn failed" >&2; exit 1; }
touch "$TMP/libs/.complete"
rm -rf "$LIBS"; mv "$TMP/libs" "$LIBS"
echo "$LIBS"
