#!/usr/bin/env bash
# Kafka's own command line tools from the fetched jars:  kafka_cli.sh TOOL ARGS...
set -euo pipefail
HERE=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
LIBS=$("$HERE/kafka_install.sh")
T=${1:?tool: topics|console-producer|console-consumer|producer-perf|consumer-perf|groups|consumer-groups|offsets|configs|quorum|log-dirs|reassign|dump-log|api-versions|elect-leader|txn|storage}; shift
case $T in
  topics) C=org.apache.kafka.tools.TopicCommand;;
  console-producer) C=org.apache.kafka.tools.ConsoleProducer;;
  console-consumer) C=org.apache.kafka.tools.consumer.ConsoleConsumer;;
  producer-perf) C=org.apache.kafka.tools.ProducerPerformance;;
  consumer-perf) C=org.apache.kafka.tools.ConsumerPerformance;;
  groups) C=org.apache.kafka.tools.GroupsCommand;;
  consumer-groups) C=org.apache.kafka.tools.consumer.group.ConsumerGroupCommand;;
  offsets) C=org.apache.kafka.tools.GetOffsetShell;;
  configs) C=kafka.admin.ConfigCommand;;
  quorum) C=org.apache.kafka.tools.MetadataQuorumCommand;;
  log-dirs) C=org.apache.kafka.tools.LogDirsCommand;;
  reassign) C=org.apache.kafka.tools.reassign.ReassignPartitionsCommand;;
  dump-log) C=org.apache.kafka.tools.DumpLogSegments;;
  api-versions) C=org.apache.kafka.tools.BrokerApiVersionsCommand;;
  elect-leader) C=org.apache.kafka.tools.LeaderElectionCommand;;
  txn) C=org.apache.kafka.tools.TransactionsCommand;;
  storage) C=kafka.tools.StorageTool;;
  *) C=$T;;
esac
L=$LIBS/.tools-log4j2.properties
[ -f "$L" ] || printf '%s\n' 'status=error' 'appender.c.type=Console' 'appender.c.name=C' 'appender.c.target=SYSTEM_ERR' \
  'appender.c.layout.type=PatternLayout' 'appender.c.layout.pattern=[%d] %p %m (%c)%n' 'rootLogger.level=warn' 'rootLogger.appenderRef.c.ref=C' >"$L"
exec java ${KAFKA_CLI_HEAP:--Xmx512m} -XX:+UseSerialGC -XX:TieredStopAtLevel=${KAFKA_CLI_TIER:-4} -Dlog4j2.configurationFile="$L" -cp "$LIBS/*" "$C" "$@"
