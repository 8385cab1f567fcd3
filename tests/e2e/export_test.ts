/** `tally export`, and topics that can be made again. */
import assert from "node:assert/strict";
import { parse } from "csv-parse/sync";
import { MEASUREMENTS } from "../../src/domain/point.ts";
import { Installation, linesOf } from "./installation.ts";
import { readTopic } from "./recomputation.ts";

const GENERATED = ["produce", "--count", "5000", "--seed", "3", "--start", "2026-03-01T10:00:00Z", "--rate", "50"];

Deno.test("tally export prints the same points as CSV and as JSONL, sorted by time and tags, in the range asked for", async () => {
  await using tally = await Installation.create();
  await tally.run(...GENERATED, "--speed", "max");
  await tally.catchUp();
  for (const name of MEASUREMENTS) {
    const asked = (format: string) => tally.run("export", "--measurement", name, "--format", format);
    const [jsonl, csv] = await Promise.all([asked("jsonl"), asked("csv")]);
    const points = linesOf<Record<string, unknown>>(jsonl);
    const rows: Record<string, string>[] = parse(csv, { columns: true });
    assert.deepEqual(rows.map(withoutEmpty), points.map(asText));
    const order = points.map(({ time, category, region, partition }) => [time, category, region, partition].join("\0"));
    assert.deepEqual(order, order.toSorted(), name);
  }
  const [from, to] = ["2026-03-01T10:00:30.000Z", "2026-03-01T10:01:00.000Z"];
  const inside = (await tally.points("transactions_avg")).filter(({ time = "" }) => time >= from && time < to);
  assert.ok(inside.length > 0, "there are points in the range");
  const asked = await tally.run("export", "--measurement", "transactions_avg", "--from", from, "--to", to);
  assert.deepEqual(linesOf(asked), inside);
});

Deno.test("tally produce with the same seed and start makes the same topic, another seed another", async () => {
  const topics = await Promise.all(["3", "3", "4"].map(async (seed) => {
    await using tally = await Installation.create();
    await tally.run(...GENERATED, "--seed", seed, "--speed", "max");
    const text = new TextDecoder();
    return (await readTopic(tally.config)).map(({ partition, offset, key, value }) =>
      `${partition} ${offset} ${key} ${value === null ? null : text.decode(value)}`
    );
  }));
  assert.equal(topics[0]?.length, 5_000);
  assert.deepEqual(topics[1], topics[0]);
  assert.notDeepEqual(topics[2], topics[0]);
});

function withoutEmpty(row: Readonly<Record<string, string>>): Record<string, string> {
  return Object.fromEntries(Object.entries(row).filter(([, cell]) => cell !== ""));
}

function asText(point: Readonly<Record<string, unknown>>): Record<string, string> {
  return Object.fromEntries(Object.entries(point).map(([name, value]) => [name, String(value)]));
}
