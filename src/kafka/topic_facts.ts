/** A topic as it is now: its partitions, and the settings that decide how its records are to be read. */
import { ConfigResourceTypes, type Connection, describeConfigsV4 } from "@platformatic/kafka";
import type { TopicDescription } from "../stream/source.ts";
import type { Cluster } from "./cluster.ts";
import { portError } from "./kafka_failure.ts";
import type { Offsets } from "./offsets.ts";

const TIMESTAMP_TYPE = "message.timestamp.type";
const CLEANUP_POLICY = "cleanup.policy";

/** Looks at the topic of `cluster` anew. @throws {ConfigError | RetryableError} */
export async function describeTopic(cluster: Cluster, offsets: Offsets): Promise<TopicDescription> {
  await cluster.refresh();
  const numbers = Array.from({ length: cluster.partitionCount }, (_, partition) => partition);
  try {
    const [settings, ranges] = await Promise.all([
      readSettings(await cluster.any(), cluster.topic),
      offsets.ranges(numbers),
    ]);
    return {
      topic: cluster.topic,
      partitions: [...ranges].map(([partition, range]) => ({ partition, ...range })),
      timestampType: settings.get(TIMESTAMP_TYPE) === "LogAppendTime" ? "appendTime" : "createTime",
      cleanupPolicy: settings.get(CLEANUP_POLICY) ?? "",
    };
  } catch (error) {
    throw portError(error, `describe topic "${cluster.topic}"`);
  }
}

async function readSettings(connection: Connection, topic: string): Promise<Map<string, string | null | undefined>> {
  const resource = {
    resourceType: ConfigResourceTypes.TOPIC,
    resourceName: topic,
    configurationKeys: [TIMESTAMP_TYPE, CLEANUP_POLICY],
  };
  const { results } = await describeConfigsV4.api.async(connection, [resource], false, false);
  return new Map(results.flatMap(({ configs }) => configs).map(({ name, value }) => [name, value]));
}
