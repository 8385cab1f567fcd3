/**
 * What members of a group tell each other through their coordinator: who reads what.
 *
 * Source: ConsumerProtocolSubscription.json and ConsumerProtocolAssignment.json of Apache Kafka, version 0.
 */
import { Buffer } from "node:buffer";
import { Reader, Writer } from "@platformatic/kafka";

/** The kind of group; Kafka's tools show assignments of this kind. */
export const PROTOCOL_TYPE = "consumer";
/** Our way of sharing partitions. A name of our own keeps other consumers from joining the group by mistake. */
export const PROTOCOL_NAME = "tally-range";

const VERSION = 0;

/** A member as the group's leader sees it. */
export interface GroupMember {
  readonly memberId: string;
  readonly instanceId: string | null;
}

/** One member's share. */
export interface Share {
  readonly memberId: string;
  readonly partitions: readonly number[];
}

/** Shares partitions out in runs of equal length, give or take one; the same members always get the same runs. */
export function shareOut(members: readonly GroupMember[], partitionCount: number): Share[] {
  const name = (member: GroupMember): string => member.instanceId ?? member.memberId;
  const inOrder = members.toSorted((a, b) => name(a) < name(b) ? -1 : 1);
  const bounds = inOrder.map((_, index) => Math.floor((index * partitionCount) / inOrder.length));
  return inOrder.map(({ memberId }, index) => {
    const first = bounds[index] ?? 0;
    const end = bounds[index + 1] ?? partitionCount;
    return { memberId, partitions: Array.from({ length: end - first }, (_, at) => first + at) };
  });
}

/** A member's subscription to one topic. */
export function encodeSubscription(topic: string): Buffer {
  return Writer.create()
    .appendInt16(VERSION)
    .appendArray([topic], (writer, name) => writer.appendString(name, false), false, false)
    .appendBytes(null, false)
    .buffer;
}

/** A member's partitions of one topic. */
export function encodeAssignment(topic: string, partitions: readonly number[]): Buffer {
  return Writer.create()
    .appendInt16(VERSION)
    .appendArray(
      [topic],
      (writer, name) => {
        writer.appendString(name, false).appendArray([...partitions], (w, p) => w.appendInt32(p), false, false);
      },
      false,
      false,
    )
    .appendBytes(null, false)
    .buffer;
}

/** The partitions of `topic` in an assignment; none when it is empty, as it is until a leader has shared out. */
export function decodeAssignment(bytes: Buffer, topic: string): number[] {
  if (bytes.length === 0) return [];
  const reader = Reader.from(bytes);
  reader.readInt16();
  const topics = reader.readArray(
    (entry) => ({
      name: entry.readString(false),
      partitions: entry.readArray((p) => p.readInt32(), false, false),
    }),
    false,
    false,
  );
  return topics.filter(({ name }) => name === topic).flatMap(({ partitions }) => partitions).toSorted((a, b) => a - b);
}
