import assert from "node:assert/strict";
import { imbalance } from "../../src/stream/ledger.ts";
import { MemoryLog } from "../fakes/memory_log.ts";
import { MemoryPipeline } from "../fakes/memory_pipeline.ts";
import { appendScript, assertExact, SCRIPT_START_MS, type StandingEvent } from "../fakes/memory_script.ts";

/** Random events in batches over all partitions but the last, which stays empty. */
function script(seed: number, log: MemoryLog): readonly StandingEvent[] {
  return appendScript(log, { seed, partitions: log.ends.slice(1).map((_, partition) => partition) });
}

Deno.test("pipeline: until caught up, the store holds exactly the topic minus its dead letters, all of it final", async () => {
  for (let seed = 1; seed <= 15; seed++) {
    const log = new MemoryLog(4);
    const events = script(seed, log);
    await using pipeline = await MemoryPipeline.start({ log, untilCaughtUp: true });
    await pipeline.finish();
    assertExact({ store: pipeline.store, letters: pipeline.letters, events: events, message: `seed ${seed}` });
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
  assertExact({ store: second.store, letters: second.letters, events: events, message: "after the second run" });
});

Deno.test("pipeline: a live run closes its windows by the clock when every partition has gone quiet", async () => {
  const log = new MemoryLog(2);
  const events = script(5, log);
  await using pipeline = await MemoryPipeline.start({ log });
  await pipeline.time.advance(300_000);
  assertExact({ store: pipeline.store, letters: pipeline.letters, events: events, message: "quiet for five minutes" });
});

Deno.test("pipeline: a store that fails and comes back costs nothing and doubles nothing", async () => {
  for (const afterwards of [false, true]) {
    const log = new MemoryLog(3);
    const events = script(21, log);
    await using pipeline = await MemoryPipeline.start({ log });
    pipeline.store.failWrites = { count: 3, afterwards };
    pipeline.source.failCommits = { count: 3, afterwards };
    await pipeline.time.advance(300_000);
    assertExact({
      store: pipeline.store,
      letters: pipeline.letters,
      events: events,
      message: `failing ${afterwards ? "after" : "before"} the write`,
    });
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
  assertExact({ store: pipeline.store, letters: pipeline.letters, events: early, message: "after a rebalance" });
});

Deno.test("pipeline: events without a region are counted where they lie, with their centroid", async () => {
  const log = new MemoryLog(1), timestamp = new Date(SCRIPT_START_MS).toISOString();
  const texts = ['"lat":39.74,"lon":-104.99', '"lat":39.7,"lon":-105', '"lat":52.5,"lon":13.5', '"lat":39.7']
    .map((place) => `{"category":"travel","amount":1,"timestamp":"${timestamp}",${place}}`);
  log.append(0, texts, SCRIPT_START_MS);
  await using pipeline = await MemoryPipeline.start({ log, untilCaughtUp: true });
  await pipeline.finish();
  const totals = [...pipeline.store.points.values()].filter(({ measurement }) => measurement === "transactions_total");
  const seen = totals.map(({ tags, fields }) => [tags.region, fields.transaction_count, fields.lat, fields.lon]);
  assert.deepStrictEqual(seen.sort(), [
    ["CO", 2, 39.72, -104.995],
    ["geo:u33", 1, 52.5, 13.5],
    ["unknown", 1, undefined, undefined],
  ]);
});
