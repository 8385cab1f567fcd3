/** Forgets what a consumer group has committed. */
import { ConfigError, RetryableError } from "../stream/failures.ts";
import { kafkajsClient } from "./kafkajs_client.ts";
import type { KafkaAccess } from "./kafka_config.ts";

/**
 * Deletes a group with its commits; one that is not there is no error.
 *
 * @throws {ConfigError} when it still has members; {RetryableError} when the brokers do not answer
 */
export async function forgetGroup(access: KafkaAccess, groupId: string): Promise<void> {
  const admin = kafkajsClient(access).admin();
  try {
    await admin.connect();
    const { groups } = await admin.describeGroups([groupId]);
    const members = groups.flatMap((group) => group.members).length;
    if (members > 0) {
      throw new ConfigError(`Cannot forget group ${groupId}: it has ${members} members; stop the processors first`);
    }
    const { groups: known } = await admin.listGroups();
    if (known.some((group) => group.groupId === groupId)) await admin.deleteGroups([groupId]);
  } catch (error) {
    if (error instanceof ConfigError) throw error;
    const reason = error instanceof Error ? error.message : String(error);
    throw new RetryableError(`Cannot forget group ${groupId}: ${reason}`, { cause: error });
  } finally {
    await admin.disconnect();
  }
}
