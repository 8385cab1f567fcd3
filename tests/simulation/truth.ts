/** What is true of a topic whatever a pipeline does: computed from the records and the raises that were committed. */
import type { Raise } from "../../src/stream/checkpoint.ts";
import { lastFinalEndMs } from "../../src/window/shape.ts";
import type { Scenario } from "./scenario.ts";
import type { Topic, TopicRecord } from "./topic.ts";

/** Why a record does not count, or that it does. */
export type Fate = "counted" | "late" | "future" | "invalid";

/** A record and what becomes of it. */
export interface Judged {
  readonly record: TopicRecord;
  readonly fate: Fate;
  /** The watermark just before it. */
  readonly watermarkMs: number;
}

/** Raises ever committed, by partition. */
export type Raises = ReadonlyMap<number, readonly Raise[]>;

/** Judges every record of a partition by its records and raises alone. */
export function judge(
  records: readonly TopicRecord[],
  raises: readonly Raise[],
  scenario: Scenario,
): readonly Judged[] {
  const { shape: { slideMs, latenessMs }, maxSkewMs } = scenario;
  let watermarkMs = -Infinity;
  return records.map((record) => {
    const { event, kafkaMs, offset, value } = record;
    for (const raise of raises) if (raise.offset <= offset) watermarkMs = Math.max(watermarkMs, raise.watermarkMs);
    const before = watermarkMs;
    if (event === undefined || value === null) return { record, fate: "invalid", watermarkMs: before };
    if (kafkaMs >= 0 && event.occurredAtMs > kafkaMs + maxSkewMs) {
      return { record, fate: "future", watermarkMs: before };
    }
    const timeMs = kafkaMs < 0 ? event.occurredAtMs : Math.min(event.occurredAtMs, kafkaMs);
    watermarkMs = Math.max(watermarkMs, timeMs - latenessMs);
    const isLate = lastFinalEndMs(event.occurredAtMs, slideMs) + slideMs <= before;
    return { record, fate: isLate ? "late" : "counted", watermarkMs: before };
  });
}

/** The highest watermark that a partition can have: by all of its records and all raises. */
export function highestWatermarkMs(
  partition: number,
  topic: Topic,
  options: { raises: Raises; scenario: Scenario },
): number {
  const raises = options.raises.get(partition) ?? [];
  const high = highMs(topic.records[partition] ?? [], options.scenario);
  return Math.max(high - options.scenario.shape.latenessMs, ...raises.map(({ watermarkMs }) => watermarkMs), -Infinity);
}

/** The highest min(event time, Kafka timestamp). */
export function highMs(records: readonly TopicRecord[], { maxSkewMs }: Scenario): number {
  let high = -Infinity;
  for (const { event, kafkaMs } of records) {
    if (event === undefined || (kafkaMs >= 0 && event.occurredAtMs > kafkaMs + maxSkewMs)) continue;
    high = Math.max(high, kafkaMs < 0 ? event.occurredAtMs : Math.min(event.occurredAtMs, kafkaMs));
  }
  return high;
}
