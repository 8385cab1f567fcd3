/** `tally topic tail`: the records of the topic or its dead letters, and what comes. */
import { systemClock } from "../clock.ts";
import type { Config } from "../config.ts";
import type { FieldMap } from "../domain/field_map.ts";
import { murmur3Text } from "../domain/hash.ts";
import { decodeTransaction } from "../domain/transaction.ts";
import { RecordSet } from "../stream/amendments.ts";
import type { DeadLetter } from "../stream/dead_letters.ts";
import { Backends } from "./backends.ts";
import { Ending } from "./ending.ts";
import { readTopic, type TopicRecord } from "./topic_records.ts";

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
    const amended = await RecordSet.of((await backends.amendments()).read());
    for await (const letter of letters.read(signal ? { follow: signal } : {})) {
      // What a repair has put back is a dead letter no longer.
      if (letter.topic !== config.topic || !amended.has(letter)) console.log(letterLine(letter));
    }
    return;
  }
  const isText = (format ?? (Deno.stdout.isTerminal() ? "text" : "jsonl")) === "text";
  const print = isText ? (record: TopicRecord) => textLine(record, config.fieldMap) : jsonLine;
  for await (const record of readTopic(await backends.source(), { follow: signal })) console.log(print(record));
}

function letterLine({ reason, detail, topic, partition, offset, timeMs, value }: DeadLetter): string {
  const time = timeMs === undefined ? null : new Date(timeMs).toISOString();
  const bytes = value?.toBase64() ?? null;
  return JSON.stringify({
    ...{ reason, topic, partition, offset, time, value: bytes },
    ...(detail === "" ? {} : { detail }),
  });
}

function jsonLine({ partition, offset, timestampMs, key, value }: TopicRecord): string {
  const text = (bytes: Uint8Array | null) => bytes === null ? null : new TextDecoder().decode(bytes);
  const time = timestampMs < 0 ? null : new Date(timestampMs).toISOString();
  return JSON.stringify({ partition, offset, time, key: text(key), value: text(value) });
}

/** One record for a person. No text of the record gets to the terminal but names, which have no control characters. */
function textLine({ partition, offset, timestampMs, value }: TopicRecord, map: FieldMap): string {
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
