/** The four requests of a group member, each a call that throws what the client library throws. */
import { heartbeatV4, joinGroupV9, leaveGroupV4, syncGroupV5 } from "@platformatic/kafka";
import type { Cluster } from "./cluster.ts";
import type { CategoryReport } from "../stream/source.ts";
import type { Committer } from "./commits.ts";
import {
  type Assigned,
  decodeAssignment,
  encodeAssignment,
  encodeSubscription,
  type GroupMember,
  PROTOCOL_NAME,
  PROTOCOL_TYPE,
  reportIn,
  shareOut,
  splitOf,
} from "./consumer_protocol.ts";

/** Time limits that a member names when it joins, in ms. */
export interface MemberTimes {
  readonly sessionMs: number;
  readonly rebalanceMs: number;
}

/** A place in a group that has formed but has not shared out its partitions. */
export interface Joined extends Committer {
  /** Everybody, for the member that shares out; undefined for the others. */
  readonly toShareOut: readonly GroupMember[] | undefined;
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

  /**
   * Waits until the group has formed anew.
   *
   * @param memberId our name in the last generation, else ""
   * @param report what everybody must know; the group forms anew when it is another one
   */
  async join(memberId: string, report: CategoryReport | undefined): Promise<Joined> {
    const { groupId, topic } = this.#cluster;
    const protocols = [{ name: PROTOCOL_NAME, metadata: encodeSubscription(topic, report) }];
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
    return {
      memberId: answer.memberId,
      instanceId: this.#instanceId,
      generation: answer.generationId,
      toShareOut: leads ? answer.members.map(memberOf) : undefined,
    };
  }

  /** Hands out shares if it is on us, and answers with ours. */
  async share({ memberId, instanceId, generation, toShareOut = [] }: Joined): Promise<Assigned> {
    const { groupId, topic } = this.#cluster;
    if (toShareOut.length > 0) await this.#cluster.refresh();
    const agreement = { partitionCount: this.#cluster.partitionCount, split: splitOf(toShareOut) };
    const assignments = shareOut(toShareOut, agreement).map((share) => ({
      memberId: share.memberId,
      assignment: encodeAssignment(topic, share.partitions, agreement),
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

function memberOf(member: JoinGroupResponseMember): GroupMember {
  const { memberId, groupInstanceId, metadata } = member;
  return { memberId, instanceId: groupInstanceId ?? null, report: reportIn(metadata) };
}

type JoinGroupResponseMember = ReturnType<typeof joinGroupV9.parseResponse>["members"][number];
