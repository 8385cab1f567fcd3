/** The four requests of a group member, each a call that throws what the client library throws. */
import { heartbeatV4, joinGroupV9, leaveGroupV4, syncGroupV5 } from "@platformatic/kafka";
import type { Cluster } from "./cluster.ts";
import type { Committer } from "./commits.ts";
import {
  decodeAssignment,
  encodeAssignment,
  encodeSubscription,
  PROTOCOL_NAME,
  PROTOCOL_TYPE,
  shareOut,
} from "./consumer_protocol.ts";

/** Time limits that a member names when it joins, in ms. */
export interface MemberTimes {
  readonly sessionMs: number;
  readonly rebalanceMs: number;
}

/** A place in a group that has formed but has not shared out its partitions. */
export interface Joined extends Committer {
  /** Everybody's names, for the member that shares out; undefined for the others. */
  readonly toShareOut: readonly { readonly memberId: string; readonly instanceId: string | null }[] | undefined;
}

/** A group's requests to its coordinator. */
export class GroupCalls {
  readonly #cluster: Cluster;
  readonly #instanceId: string | null;
  readonly #times: MemberTimes;

  constructor(cluster: Cluster, instanceId: string | null, times: MemberTimes) {
    this.#cluster = cluster;
    this.#instanceId = instanceId;
    this.#times = times;
  }

  /** Waits until the group has formed anew. @param memberId - our name in the last generation, else "" */
  async join(memberId: string): Promise<Joined> {
    const { groupId, topic } = this.#cluster;
    const protocols = [{ name: PROTOCOL_NAME, metadata: encodeSubscription(topic) }];
    const { sessionMs, rebalanceMs } = this.#times;
    const answer = await this.#cluster.askCoordinator("join", (connection) => (
      joinGroupV9.api.async(
        connection,
        groupId,
        sessionMs,
        rebalanceMs,
        memberId,
        this.#instanceId,
        PROTOCOL_TYPE,
        protocols,
        null,
      )
    ));
    const leads = answer.leader === answer.memberId && !answer.skipAssignment;
    const members = answer.members.map((m) => ({ memberId: m.memberId, instanceId: m.groupInstanceId ?? null }));
    return {
      memberId: answer.memberId,
      instanceId: this.#instanceId,
      generation: answer.generationId,
      toShareOut: leads ? members : undefined,
    };
  }

  /** Hands out shares if it is on us, and answers with ours. */
  async share({ memberId, instanceId, generation, toShareOut }: Joined): Promise<number[]> {
    const { groupId, topic } = this.#cluster;
    if (toShareOut !== undefined) await this.#cluster.refresh();
    const assignments = shareOut(toShareOut ?? [], this.#cluster.partitionCount).map((share) => ({
      memberId: share.memberId,
      assignment: encodeAssignment(topic, share.partitions),
    }));
    const answer = await this.#cluster.askCoordinator("join", (connection) => (
      syncGroupV5.api.async(
        connection,
        groupId,
        generation,
        memberId,
        instanceId,
        PROTOCOL_TYPE,
        PROTOCOL_NAME,
        assignments,
      )
    ));
    return decodeAssignment(answer.assignment, topic);
  }

  /** Tells the coordinator that we live. */
  async heartbeat({ memberId, instanceId, generation }: Committer): Promise<void> {
    const { groupId } = this.#cluster;
    await this.#cluster.askCoordinator(
      "control",
      (connection) => heartbeatV4.api.async(connection, groupId, generation, memberId, instanceId),
    );
  }

  /** Gives our place up. */
  async leave(memberId: string): Promise<void> {
    const member = { memberId, groupInstanceId: this.#instanceId };
    await this.#cluster.askCoordinator(
      "control",
      (connection) => leaveGroupV4.api.async(connection, this.#cluster.groupId, [member]),
    );
  }
}
