/**
 * What members of a group tell each other through their coordinator: who reads what.
 *
 * Source: ConsumerProtocolSubscription.json and ConsumerProtocolAssignment.json of Apache Kafka, version 0.
 */
import { Buffer } from "node:buffer";
import { Reader, Writer } from "@platformatic/kafka";
import type { CategoryReport } from "../stream/source.ts";

/** The kind of group; Kafka's tools show assignments of this kind. */
export const PROTOCOL_TYPE = "consumer";
/** Our way of sharing partitions. A name of our own keeps other consumers from joining the group by mistake. */
export const PROTOCOL_NAME = "tally-range";

const VERSION = 0;

/** A member as the group's leader sees it. */
export interface GroupMember {
  readonly memberId: string;
  readonly instanceId: string | null;
  readonly report: CategoryReport | undefined;
}

/** What goes to everybody beside the partitions. */
export interface Agreement {
  /** How many partitions were shared out. */
  readonly partitionCount: number;
  /** Why one member has them all, in words. */
  readonly split: string | undefined;
}

/** One member's share. */
export interface Share {
  readonly memberId: string;
  readonly partitions: readonly number[];
}

/** What members have found out: a split, unless the one that then owned everything has seen the end of it. */
export function splitOf(members: readonly GroupMember[]): string | undefined {
  const reports = members.flatMap(({ report }) => report ?? []);
  if (reports.some(({ kind }) => kind === "disjoint")) return undefined;
  return reports.flatMap((report) => report.kind === "split" ? [report.text] : [])[0];
}

/**
 * Shares partitions out in runs of equal length, give or take one; all go to one member upon a split. The same members
 * always get the same runs.
 */
export function shareOut(members: readonly GroupMember[], { partitionCount, split }: Agreement): Share[] {
  const name = (member: GroupMember): string => member.instanceId ?? member.memberId;
  const inOrder = members.toSorted((a, b) => name(a) < name(b) ? -1 : 1);
  if (split !== undefined) {
    const all = Array.from({ length: partitionCount }, (_, partition) => partition);
    return inOrder.map(({ memberId }, index) => ({ memberId, partitions: index === 0 ? all : [] }));
  }
  const bounds = inOrder.map((_, index) => Math.floor((index * partitionCount) / inOrder.length));
  return inOrder.map(({ memberId }, index) => {
    const first = bounds[index] ?? 0;
    const end = bounds[index + 1] ?? partitionCount;
    return { memberId, partitions: Array.from({ length: end - first }, (_, at) => first + at) };
  });
}

/** A member's subscription to one topic, with what it has found out. */
export function encodeSubscription(topic: string, report: CategoryReport | undefined): Buffer {
  return Writer.create()
    .appendInt16(VERSION)
    .appendArray([topic], (writer, name) => writer.appendString(name, false), false, false)
    .appendBytes(report === undefined ? null : Buffer.from(JSON.stringify(report)), false)
    .buffer;
}

/** What a member has found out, by its subscription. */
export function reportIn(subscription: Buffer): CategoryReport | undefined {
  const reader = Reader.from(subscription);
  reader.readInt16();
  reader.readArray((entry) => entry.readString(false), false, false);
  const { kind, text } = objectIn(reader.readNullableBytes(false));
  if (kind === "disjoint") return { kind };
  return kind === "split" && typeof text === "string" ? { kind, text } : undefined;
}

/** A member's partitions of one topic. */
export function encodeAssignment(topic: string, partitions: readonly number[], agreement: Agreement): Buffer {
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
    .appendBytes(Buffer.from(JSON.stringify(agreement)), false)
    .buffer;
}

/** A member's share and what was agreed on. */
export interface Assigned {
  readonly partitions: number[];
  /** Undefined when the member that shared out did not say. */
  readonly partitionCount: number | undefined;
  readonly split: string | undefined;
}

/** The partitions of `topic` in an assignment; none when it is empty, as it is until a leader has shared out. */
export function decodeAssignment(bytes: Buffer, topic: string): Assigned {
  if (bytes.length === 0) return { partitions: [], partitionCount: undefined, split: undefined };
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
  const { partitionCount, split } = objectIn(reader.readNullableBytes(false));
  return {
    partitions: topics.filter(({ name }) => name === topic).flatMap(({ partitions }) => partitions)
      .toSorted((a, b) => a - b),
    partitionCount: typeof partitionCount === "number" ? partitionCount : undefined,
    split: typeof split === "string" ? split : undefined,
  };
}

/** The object that members of this program write; empty when there is none. */
function objectIn(bytes: Buffer | null): Readonly<Record<string, unknown>> {
  if (bytes === null || bytes.length === 0) return {};
  const value: unknown = JSON.parse(bytes.toString());
  return typeof value === "object" && value !== null ? { ...value } : {};
}
