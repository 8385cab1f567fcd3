#!/bin/sh
# Kafka's tools by their plain names on the PATH of the container: kafka-topics, kafka-console-consumer, and so on.
exec "/opt/kafka/bin/$(basename "$0").sh" "$@"
