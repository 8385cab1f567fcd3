/** Lines of a JSONL file of which most are no transactions, each with what must become of it. */
import assert from "node:assert/strict";
import { assertBalanced } from "./comparison.ts";
import type { Installation, PrintedLetter } from "./installation.ts";
import { decide, type Decision, readTopic } from "./recomputation.ts";

/** A line and its fate: `counted`, `late`, `future`, or the detail of `invalid`. */
export interface BadLine {
  readonly what: string;
  readonly line: Uint8Array;
  readonly fate: string;
}

const utf8 = new TextEncoder();
const MEGABYTE = 1_000_000;

/** The lines; those that are valid are at about `nowMs`. */
export function badLines(nowMs: number): readonly BadLine[] {
  const iso = (agoMs: number) => new Date(nowMs - agoMs).toISOString();
  const event = (changes: Readonly<Record<string, unknown>> = {}) =>
    JSON.stringify({ category: "grocery_pos", amount: 12.5, timestamp: iso(5_000), region: "CA", ...changes });
  const line = (what: string, fate: string, text: string) => ({ what, fate, line: utf8.encode(text) });
  return [
    line("a transaction", "counted", event()),
    line("not JSON", "json", "this is not JSON"),
    line("JSON that is cut off", "json", event().slice(0, -4)),
    line("JSON that is no object", "notObject", "[1, 2, 3]"),
    line("no category", "category", event({ category: undefined })),
    line("an empty category", "category", event({ category: "" })),
    line("an amount that is text", "amount", event({ amount: "12.50" })),
    line("an amount that is NaN", "json", event().replace("12.5", "NaN")),
    line("an amount past every double", "amount", event().replace("12.5", "1e999")),
    line("no amount", "amount", event({ amount: undefined })),
    line("a refund", "counted", event({ amount: -3.25, customer_id: 9007199254740993 })),
    line("a time in year 9999", "timestamp", event({ timestamp: "9999-12-31T23:59:59Z" })),
    line("a time without zone", "timestamp", event({ timestamp: "2026-01-01T00:00:00" })),
    line("a time that is no time", "timestamp", event({ timestamp: "yesterday" })),
    line("a flag that is none", "isFraud", event({ is_fraud: "maybe" })),
    line("no value at all", "null", ""),
    { what: "Latin-1", fate: "encoding", line: latin1(event({ region: "Québec" })) },
    { what: "a byte that UTF-8 never has", fate: "encoding", line: Uint8Array.of(0x7b, 0xff, 0xfe, 0x7d) },
    {
      what: "UTF-16",
      fate: "json",
      line: new Uint8Array(Uint16Array.from(event(), (char) => char.charCodeAt(0)).buffer),
    },
    line("a carriage return before the line feed", "counted", `${event({ region: "NY" })}\r`),
    line("an hour too early", "late", event({ timestamp: iso(3_600_000) })),
    line("an hour ahead", "future", event({ timestamp: iso(-3_600_000) })),
    line("a transaction without a time", "counted", event({ timestamp: undefined, category: "travel" })),
    line("a megabyte without a transaction", "json", "x".repeat(MEGABYTE)),
    line("a transaction at last", "counted", event({ amount: 7 })),
  ];
}

/** Sends the lines, processes them and asserts that each has met its fate. */
export async function assertBadInputNamed(tally: Installation, lines: readonly BadLine[]): Promise<void> {
  const path = `${tally.directory}/bad.jsonl`;
  const feed = Uint8Array.of(10);
  await Deno.writeFile(
    path,
    new Uint8Array(await new Blob(lines.flatMap(({ line }) => [blobPart(line), feed])).arrayBuffer()),
  );
  await tally.run("produce", "--file", path, "--format", "jsonl", "--allow-future");
  const ledger = await tally.catchUp();
  const { config } = tally, decisions = decide(await readTopic(config), config);
  assert.deepEqual(fatesOf(decisions), lines.map(({ fate, line }) => `${fate} ${line.toBase64()}`).toSorted());
  assert.deepEqual(await tally.letters(), lettersOf(decisions, config.topic));
  assertBalanced(ledger);
  const count = (...kinds: readonly string[]) => decisions.filter(({ kind }) => kinds.includes(kind)).length;
  const { position, counted, late, future, invalid, skipped } = ledger.total;
  assert.deepEqual(
    { position, counted, late, future, invalid, skipped },
    {
      position: lines.length,
      counted: count("counted"),
      late: count("late"),
      future: count("future"),
      invalid: count("invalid"),
      skipped: 0,
    },
  );
}

/** The letters that `tally topic tail --dead` must print for these decisions. */
export function lettersOf(decisions: readonly Decision[], topic: string): readonly PrintedLetter[] {
  return decisions.flatMap((decision) => {
    if (decision.kind === "counted") return [];
    const { record: { partition, offset, kafkaMs, value }, kind: reason, detail } = decision;
    const time = kafkaMs === undefined ? null : new Date(kafkaMs).toISOString();
    const letter = { reason, topic, partition, offset, time, value: value?.toBase64() ?? null };
    return [{ ...letter, ...(detail === "" ? {} : { detail }) }];
  });
}

/** `late`, `future`, `counted` or the detail, with the value; sorted. */
function fatesOf(decisions: readonly Decision[]): readonly string[] {
  return decisions.map((decision) => {
    const fate = decision.kind === "invalid" ? decision.detail : decision.kind;
    return `${fate} ${decision.record.value?.toBase64() ?? ""}`;
  }).toSorted();
}

function latin1(text: string): Uint8Array {
  return Uint8Array.from(text, (char) => char.charCodeAt(0));
}

function blobPart(bytes: Uint8Array): Uint8Array<ArrayBuffer> {
  return new Uint8Array(bytes);
}
