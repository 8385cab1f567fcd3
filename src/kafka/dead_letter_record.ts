/** A dead letter as a Kafka record: its value is the record that was not counted, byte for byte. */
import type { DeadLetter, DeadReason } from "../stream/dead_letters.ts";
import type { LogRecord } from "../stream/log_producer.ts";
import type { DeadRecord } from "./dead_topic.ts";

const REASONS: ReadonlySet<string> = new Set<DeadReason>(["late", "future", "invalid"]);

/**
 * The record for a letter of a group.
 *
 * Shape: key `topic:partition:offset`; headers group, reason, detail, topic, partition, offset, time.
 */
export function toRecord(letter: DeadLetter, group: string): LogRecord {
  const { reason, detail, topic, partition, offset, timeMs, value } = letter;
  const headers = { group, reason, detail, topic, partition: `${partition}`, offset: `${offset}` };
  return {
    key: new TextEncoder().encode(`${topic}:${partition}:${offset}`),
    value,
    headers: timeMs === undefined ? headers : { ...headers, time: `${timeMs}` },
  };
}

/** The letter in a record, its value copied; undefined for a record that is none. */
export function toLetter({ headers, value }: DeadRecord): DeadLetter | undefined {
  const { reason = "", detail = "", topic = "", time } = headers;
  const partition = Number(headers["partition"] ?? NaN);
  const offset = Number(headers["offset"] ?? NaN);
  if (!isReason(reason) || !Number.isSafeInteger(partition) || !Number.isSafeInteger(offset)) return undefined;
  const timeMs = time === undefined ? undefined : Number(time);
  return { reason, detail, topic, partition, offset, timeMs, value: value === null ? null : value.slice() };
}

function isReason(text: string): text is DeadReason {
  return REASONS.has(text);
}
