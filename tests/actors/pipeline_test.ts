import assert from "node:assert/strict";
import { seeded } from "../../src/actor/mod.ts";
import { imbalance } from "../../src/stream/ledger.ts";
import { MemoryLog } from "../fakes/memory_log.ts";
import { MemoryPipeline } from "../fakes/memory_pipeline.ts";
import { naivePanes, naiveWindows, type OracleEvent } from "../fakes/naive_oracle.ts";

const SHAPE = { slideMs: 5_000, windowMs: 60_000, latenessMs: 30_000, zeroFillMs: 60_000 };
const CATEGORIES = ["grocery_pos", "travel", "gas_transport"];

interface Standing {
  readonly partition: number;
  readonly offset: number;
  readonly event: OracleEvent;
}

/** Random events in batches over partitions, the last one always empty. */
function script(seed: number, log: MemoryLog): readonly Standing[] {
  const random = seeded(seed), events: Standing[] = [];
  const partitions = log.ends.length - 1;
  let nowMs = 1_750_000_000_000;
  for (let batch = 0; batch < 60; batch++) {
    const partition = Math.floor(random() * partitions);
    const rows = Array.from({ length: 1 + Math.floor(random() * 20) }, () => {
      nowMs += Math.floor(random() * 2_000);
      return {
        category: CATEGORIES[Math.floor(random() * CATEGORIES.length)] ?? "travel",
        region: random() < 0.5 ? "CA" : "NY",
        occurredAtMs: Math.floor(nowMs - random() * 45_000),
        amount: Math.round(random() * 10_000) / 100,
        isFraud: random() < 0.05,
        customer: `c${Math.floor(random() * 30)}`,
      };
    });
    const offset = log.ends[partition] ?? 0;
    log.append(partition, rows.map(textOf), nowMs);
    events.push(...rows.map((event, index) => ({ partition, offset: offset + index, event })));
  }
  return events;
}

function textOf({ category, region, occurredAtMs, amount, isFraud, customer }: OracleEvent): string {
  const timestamp = new Date(occurredAtMs).toISOString();
  return JSON.stringify({ category, region, timestamp, amount, is_fraud: isFraud, customer_id: customer });
}

/** Everything in the store equals the topic minus its dead letters. */
function assertExact(pipeline: MemoryPipeline, events: readonly Standing[], message: string): void {
  const letters = pipeline.letters.letters;
  const counted = events.filter(({ partition, offset }) => !letters.has(`transactions ${partition} ${offset}`))
    .map(({ event }) => event);
  const windows = pipeline.store.of("transactions_avg"), panes = pipeline.store.of("transactions_total");
  assert.ok(windows.length > 0 && panes.length > 0, message);
  const upToMs = Math.max(...windows.map(({ timeMs }) => timeMs));
  const rounded = (sum: unknown) => Math.round(Number(sum) * 1e6) / 1e6;
  assert.deepStrictEqual(
    table(windows, ({ tags, timeMs, fields }) => [
      `${tags["category"]} ${timeMs}`,
      [fields["transaction_count"], rounded(fields["amount_sum"]), fields["fraud_count"], fields["final"]],
    ]),
    table(naiveWindows(counted, SHAPE, upToMs), ([key, cell]) => [
      key,
      [cell.count, rounded(cell.sum), cell.fraudCount, true],
    ]),
    message,
  );
  assert.deepStrictEqual(
    table(panes, ({ tags, timeMs, fields }) => [
      `${tags["category"]} ${tags["region"]} ${timeMs}`,
      [fields["transaction_count"], rounded(fields["amount_sum"]), fields["final"]],
    ]),
    table(naivePanes(counted, SHAPE, upToMs), ([key, cell]) => [key, [cell.count, rounded(cell.sum), true]]),
    message,
  );
}

/** Rows by key, in the order of the keys. */
function table<T>(rows: Iterable<T>, rowOf: (row: T) => readonly [string, unknown]): Readonly<Record<string, unknown>> {
  return Object.fromEntries([...rows].map(rowOf).toSorted(([a], [b]) => a < b ? -1 : 1));
}

Deno.test("pipeline: until caught up, the store holds exactly the topic minus its dead letters, all of it final", async () => {
  for (let seed = 1; seed <= 15; seed++) {
    const log = new MemoryLog(4);
    const events = script(seed, log);
    await using pipeline = await MemoryPipeline.start({ log, untilCaughtUp: true });
    await pipeline.finish();
    assertExact(pipeline, events, `seed ${seed}`);
    const { partitions, total } = pipeline.board.ledger;
    assert.deepStrictEqual(partitions.map((line) => imbalance(line, line.position)), [0, 0, 0, 0]);
    assert.deepStrictEqual(
      [total.position, total.late],
      [events.length, pipeline.letters.letters.size],
      `seed ${seed}`,
    );
  }
});

Deno.test("pipeline: a second run continues where the first stopped and changes no final point", async () => {
  const log = new MemoryLog(4);
  const events = script(99, log);
  const first = await MemoryPipeline.start({ log, untilCaughtUp: true });
  await first.finish();
  await first[Symbol.asyncDispose]();
  const { store, letters } = first;
  const before = [...store.points], writes = store.writes.length;
  await using second = await MemoryPipeline.start({ log, store, letters, untilCaughtUp: true });
  await second.finish();
  const again = store.writes.slice(writes).flat().filter(({ measurement }) => measurement !== "tally_partition");
  assert.deepStrictEqual([again, [...store.points].filter(([, point]) => point.measurement !== "tally_partition")], [
    [],
    before.filter(([, point]) => point.measurement !== "tally_partition"),
  ]);
  assertExact(second, events, "after the second run");
});

Deno.test("pipeline: a live run closes its windows by the clock when every partition has gone quiet", async () => {
  const log = new MemoryLog(2);
  const events = script(5, log);
  await using pipeline = await MemoryPipeline.start({ log });
  await pipeline.time.advance(300_000);
  assertExact(pipeline, events, "quiet for five minutes");
});

Deno.test("pipeline: a store that fails and comes back costs nothing and doubles nothing", async () => {
  for (const afterwards of [false, true]) {
    const log = new MemoryLog(3);
    const events = script(21, log);
    await using pipeline = await MemoryPipeline.start({ log });
    pipeline.store.failWrites = { count: 3, afterwards };
    pipeline.source.failCommits = { count: 3, afterwards };
    await pipeline.time.advance(300_000);
    assertExact(pipeline, events, `failing ${afterwards ? "after" : "before"} the write`);
  }
});

Deno.test("pipeline: partitions taken away and given back in the middle of a stream lose and double nothing", async () => {
  const log = new MemoryLog(3);
  const early = script(31, log);
  await using pipeline = await MemoryPipeline.start({ log });
  await pipeline.time.advance(700);
  const handedBack = pipeline.source.rebalance();
  await pipeline.time.advance(15_000);
  await handedBack;
  await pipeline.time.advance(300_000);
  assertExact(pipeline, early, "after a rebalance");
});
