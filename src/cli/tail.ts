/** `tally topic tail`: the records of the topic or its dead letters, and what comes. */
import { systemClock } from "../clock.ts";
import type { Config } from "../config.ts";
import type { FieldMap } from "../domain/field_map.ts";
import { murmur3Text } from "../domain/hash.ts";
import { decodeTransaction } from "../domain/transaction.ts";
import { CommittedFilter } from "../stream/committed_filter.ts";
import type { DeadLetter } from "../stream/dead_letters.ts";
import { readBatchHeader } from "../stream/record_batch.ts";
import { RecordCursor } from "../stream/record_cursor.ts";
import type { Fetched, FetchedBytes, Source } from "../stream/source.ts";
import { Backends } from "./backends.ts";
import { Ending } from "./ending.ts";

/** Flags of `tail`. */
export interface TailOptions {
  readonly dead?: boolean;
  readonly follow?: boolean;
  /** `text` is one readable line a record. @default text on a terminal, else jsonl */
  readonly format?: "jsonl" | "text";
}

/** Prints what there is and, with `follow`, what comes until Ctrl-C. */
export async function tail(config: Config, { dead, follow, format }: TailOptions): Promise<void> {
  using ending = new Ending(systemClock, undefined);
  await using backends = new Backends(config, systemClock);
  const signal = follow ? ending.signal : undefined;
  if (dead) {
    const letters = await backends.deadLetters();
    for await (const letter of letters.read(signal ? { follow: signal } : {})) console.log(letterLine(letter));
    return;
  }
  const isText = (format ?? (Deno.stdout.isTerminal() ? "text" : "jsonl")) === "text";
  const print = isText ? (record: TailedRecord) => textLine(record, config.fieldMap) : jsonLine;
  for await (const record of recordsOf(await backends.source(), signal)) console.log(print(record));
}

interface TailedRecord {
  readonly partition: number;
  readonly offset: number;
  /** Kafka timestamp in ms; negative when there is none. */
  readonly timestampMs: number;
  readonly key: Uint8Array | null;
  readonly value: Uint8Array | null;
}

const FETCH_BYTES = 1_048_576;
const WAIT_MS = 250;

/** Reads without joining a group: up to the ends of now, or until `follow` is aborted. */
async function* recordsOf(source: Source, follow: AbortSignal | undefined): AsyncGenerator<TailedRecord> {
  const { partitions } = await source.describe();
  const next = new Map(partitions.map(({ partition, first }) => [partition, first]));
  const isLeft = follow === undefined
    ? (partition: number) =>
      (next.get(partition) ?? 0) < (partitions.find((one) => one.partition === partition)?.end ?? 0)
    : () => !follow.aborted;
  for (let open = partitions; open.length > 0;) {
    const lanes = Map.groupBy(open, ({ partition }) => source.laneOf(partition));
    const answers = await Promise.all([...lanes.values()].map((lane) => {
      const wants = lane.map(({ partition }) => (
        { partition, offset: next.get(partition) ?? 0, maxBytes: FETCH_BYTES }
      ));
      return source.fetch(wants, { maxWaitMs: WAIT_MS });
    }));
    for (const answer of answers.flat()) {
      yield* recordsIn(answer, next.get(answer.partition) ?? 0);
      next.set(answer.partition, nextAfter(answer, next.get(answer.partition) ?? 0));
      if (answer.kind === "bytes") source.recycle(answer.buffer);
    }
    open = partitions.filter(({ partition }) => isLeft(partition));
  }
}

function* recordsIn(answer: Fetched, from: number): Generator<TailedRecord> {
  if (answer.kind !== "bytes") return;
  const { view, headers } = batchesOf(answer);
  const cursor = new RecordCursor(), filter = new CommittedFilter(answer.aborted);
  for (const header of headers) {
    if (filter.kindOf(view, header) !== "data") continue;
    cursor.open(view, header);
    while (cursor.next()) {
      const { offset, timestampMs } = cursor;
      if (offset >= from) {
        yield { partition: answer.partition, offset, timestampMs, key: cursor.key(), value: cursor.value() };
      }
    }
  }
}

/** What to ask for next: after the last batch, or where the log begins when retention took what was wanted. */
function nextAfter(answer: Fetched, from: number): number {
  if (answer.kind === "outOfRange") return Math.max(from, answer.logStartOffset);
  return Math.max(from, ...batchesOf(answer).headers.map(({ lastOffset }) => lastOffset + 1));
}

function batchesOf({ buffer, byteLength }: FetchedBytes) {
  const view = new DataView(buffer, 0, byteLength), headers = [];
  for (let at = 0; at < byteLength;) {
    const header = readBatchHeader(view, at);
    headers.push(header);
    at = header.nextAt;
  }
  return { view, headers };
}

function letterLine({ reason, detail, topic, partition, offset, timeMs, value }: DeadLetter): string {
  const time = timeMs === undefined ? null : new Date(timeMs).toISOString();
  const bytes = value?.toBase64() ?? null;
  return JSON.stringify({
    ...{ reason, topic, partition, offset, time, value: bytes },
    ...(detail === "" ? {} : { detail }),
  });
}

function jsonLine({ partition, offset, timestampMs, key, value }: TailedRecord): string {
  const text = (bytes: Uint8Array | null) => bytes === null ? null : new TextDecoder().decode(bytes);
  const time = timestampMs < 0 ? null : new Date(timestampMs).toISOString();
  return JSON.stringify({ partition, offset, time, key: text(key), value: text(value) });
}

/** One record for a person. No text of the record gets to the terminal but names, which have no control characters. */
function textLine({ partition, offset, timestampMs, value }: TailedRecord, map: FieldMap): string {
  const read = value === null ? undefined : decodeTransaction(value, map, timestampMs < 0 ? undefined : timestampMs);
  if (read === undefined || "reason" in read) {
    return `${" ".repeat(24)} not a transaction (${read?.reason ?? "null"}): partition ${partition}, offset ${offset}`;
  }
  const { category, amount, occurredAtMs, region, isFraud } = read;
  const columns = [
    new Date(occurredAtMs).toISOString(),
    coloured(category.padEnd(16), category),
    amount.toFixed(2).padStart(12),
    region,
  ];
  return `${columns.join(" ")}${isFraud ? " FRAUD" : ""}`;
}

/** Colours of the 256-colour table that can be read on dark and light ground. */
const COLOURS = [33, 37, 64, 71, 97, 125, 131, 133, 136, 160, 166, 172, 31, 61];

function coloured(text: string, name: string): string {
  if (Deno.noColor) return text;
  return `\x1b[38;5;${COLOURS[murmur3Text(name) % COLOURS.length]}m${text}\x1b[0m`;
}
