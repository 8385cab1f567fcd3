import assert from "node:assert/strict";
import { source } from "../../actors/source.ts";
import { PATHS } from "../../actors/supervisor.ts";
import { imbalance } from "../../src/stream/ledger.ts";
import { buildRecordBatch } from "../../src/stream/record_batch_builder.ts";
import { MemoryLog } from "../fakes/memory_log.ts";
import { MemoryPipeline, type PipelineOptions } from "../fakes/memory_pipeline.ts";
import {
  appendEvents,
  appendScript,
  assertExact,
  assertTrue,
  eventAt,
  SCRIPT_START_MS,
  type StandingEvent,
} from "../fakes/memory_script.ts";

/** Long enough for every window and zero to be closed by the clock. */
const QUIET_MS = 300_000;

const started = (options: PipelineOptions) => MemoryPipeline.start(options);
const writtenBy = ({ store, letters }: MemoryPipeline, events: readonly StandingEvent[]) => ({
  store,
  letters,
  events,
});

async function statuses(pipeline: MemoryPipeline) {
  const asked = pipeline.system.ref(source, PATHS.source).ask("statuses", { withinMs: 60_000 });
  await pipeline.time.settle();
  return await asked;
}

/** Everything was counted once: nothing is missing, nothing is double. */
function assertBalanced(pipeline: MemoryPipeline, log: MemoryLog): void {
  const { partitions } = pipeline.board.ledger;
  assert.deepStrictEqual(
    partitions.map((line) => [line.position, imbalance(line, line.position)]),
    log.ends.map((end) => [end, 0]),
  );
}

/** A promise that a test opens. */
function gate(): { readonly wait: Promise<void>; readonly open: () => void } {
  const { promise, resolve } = Promise.withResolvers<void>();
  return { wait: promise, open: () => resolve() };
}

Deno.test("source: a partition whose task crashes goes back to its checkpoint, alone, and the result is exact", async () => {
  for (const seed of [1, 2, 3]) {
    const log = new MemoryLog(3);
    const events = [...appendScript(log, { seed })];
    await using pipeline = await started({ log });
    await pipeline.time.advance(2_500);
    const before = pipeline.source.fetches.length;
    pipeline.crash(1);
    events.push(...appendScript(log, { seed: seed + 100, startMs: SCRIPT_START_MS + 700_000 }));
    await pipeline.time.advance(QUIET_MS);
    assertExact({ ...writtenBy(pipeline, events), message: `seed ${seed}` });
    assertBalanced(pipeline, log);
    const asked = pipeline.source.fetches.slice(before).flat();
    const goesBack = [0, 1, 2].map((partition) => {
      const offsets = asked.filter((want) => want.partition === partition).map(({ offset }) => offset);
      return offsets.some((offset, index) => offset < (offsets[index - 1] ?? 0));
    });
    assert.deepStrictEqual([goesBack[0], goesBack[2]], [false, false]);
  }
});

Deno.test("source: a crash before anything was committed begins the partition anew, and nothing is counted twice", async () => {
  const log = new MemoryLog(2);
  const events = appendScript(log, { seed: 8 });
  await using pipeline = await started({ log });
  pipeline.crash(0);
  pipeline.crash(1);
  await pipeline.time.advance(QUIET_MS);
  assertExact(writtenBy(pipeline, events));
  assertBalanced(pipeline, log);
});

Deno.test("source: a crash while the store is down and letters wait loses no letter", async () => {
  const log = new MemoryLog(2);
  const events = appendScript(log, { seed: 9 });
  const opening = gate();
  await using pipeline = await started({ log });
  pipeline.store.gate = opening.wait;
  await pipeline.time.advance(1_500);
  pipeline.crash(1);
  await pipeline.time.advance(20_000);
  opening.open();
  await pipeline.time.advance(QUIET_MS);
  assertExact(writtenBy(pipeline, events));
  assert.strictEqual(pipeline.board.ledger.total.late, pipeline.letters.letters.size);
});

Deno.test("source: what retention took in the middle of a run is counted as skipped, and only whole windows are written", async () => {
  const log = new MemoryLog(2);
  const events = [...appendScript(log, { seed: 11 })];
  await using pipeline = await started({ log });
  await pipeline.time.advance(3_000);
  pipeline.source.failFetches = 1e6;
  events.push(...appendScript(log, { seed: 12, startMs: SCRIPT_START_MS + 700_000, partitions: [0] }));
  const lost = (log.ends[0] ?? 0) - 100;
  log.deleteBefore(0, lost);
  const [standing] = await statuses(pipeline);
  const skipped = (log.starts[0] ?? 0) - (standing?.next ?? 0);
  pipeline.source.failFetches = 0;
  events.push(...appendScript(log, { seed: 13, startMs: SCRIPT_START_MS + 1_400_000 }));
  await pipeline.time.advance(QUIET_MS);
  assert.ok(skipped > 0);
  assert.strictEqual(pipeline.board.ledger.total.skipped, skipped);
  assertBalanced(pipeline, log);
  assert.ok(assertTrue(writtenBy(pipeline, events)).length > 0);
  assert.ok(pipeline.board.totals.uncovered > 0);
});

Deno.test("source: a start in the middle of the log writes only windows that were seen whole", async () => {
  for (const from of [{ timeMs: SCRIPT_START_MS + 200_000 }, "latest"] as const) {
    const log = new MemoryLog(2);
    const events = [...appendScript(log, { seed: 14 })];
    await using pipeline = await started({ log, from });
    await pipeline.time.advance(2_000);
    events.push(...appendScript(log, { seed: 15, startMs: SCRIPT_START_MS + 700_000, batches: 120 }));
    await pipeline.time.advance(QUIET_MS);
    assert.ok(assertTrue(writtenBy(pipeline, events)).length > 100);
    assert.ok(pipeline.board.totals.uncovered > 0);
    const { total } = pipeline.board.ledger;
    assert.strictEqual(imbalance(total, total.position), 0);
    assert.ok(total.first > 0);
  }
});

Deno.test("source: a partition far ahead is paused, the one behind is read on, and then all of it is read", async () => {
  const log = new MemoryLog(2);
  const events: StandingEvent[] = [];
  for (let batch = 0; batch < 200; batch++) {
    const aheadMs = SCRIPT_START_MS + batch * 10_000, behindMs = SCRIPT_START_MS + batch * 5_000;
    events.push(...appendEvents(log, 0, { events: [eventAt(aheadMs)], timestampMs: aheadMs }));
    events.push(...appendEvents(log, 1, { events: [eventAt(behindMs, { amount: 3 })], timestampMs: behindMs }));
  }
  await using pipeline = await started({ log, fetchBytes: 300, creditBytes: 300 });
  await pipeline.time.advance(QUIET_MS);
  assertExact(writtenBy(pipeline, events));
  assertBalanced(pipeline, log);
  let behind = 0, widestMs = 0;
  for (const { partition, offset } of pipeline.source.fetches.flat()) {
    if (partition === 1) behind = offset;
    else if (behind < 199) widestMs = Math.max(widestMs, offset * 10_000 - behind * 5_000);
  }
  // At most window + 2 lateness ahead, and what is on its way; far more lies in the log.
  assert.ok(widestMs > 100_000 && widestMs <= 120_000 + 60_000, `${widestMs}`);
});

Deno.test("source: partitions that never receive a record hold nothing up", async () => {
  const log = new MemoryLog(12);
  const events = appendScript(log, { seed: 16, partitions: [3] });
  await using pipeline = await started({ log });
  await pipeline.time.advance(8_000);
  const finals = assertTrue(writtenBy(pipeline, events));
  // Idle after 5 s: all that the one partition with records has closed is final then, though it is not idle itself.
  assert.ok(finals.length > 100, `${finals.length}`);
  await pipeline.time.advance(QUIET_MS);
  assertExact(writtenBy(pipeline, events));
});

Deno.test("source: fetches that fail are tried again, and a broken connection is not idleness", async () => {
  const log = new MemoryLog(2);
  const events = appendScript(log, { seed: 17 });
  await using pipeline = await started({ log });
  pipeline.source.failFetches = 30;
  await pipeline.time.advance(10_000);
  assert.deepStrictEqual((await statuses(pipeline)).map(({ isIdle }) => isIdle), [false, false]);
  await pipeline.time.advance(QUIET_MS);
  assertExact(writtenBy(pipeline, events));
});

Deno.test("source: partitions that were lost and come back lose and double nothing", async () => {
  for (const waitMs of [0, 300, 1_050, 4_000]) {
    const log = new MemoryLog(3);
    const events = [...appendScript(log, { seed: 18 })];
    await using pipeline = await started({ log });
    await pipeline.time.advance(waitMs);
    pipeline.source.lose();
    await pipeline.time.advance(waitMs);
    assert.deepStrictEqual(await statuses(pipeline), []);
    pipeline.source.assign();
    events.push(...appendScript(log, { seed: 19, startMs: SCRIPT_START_MS + 700_000 }));
    await pipeline.time.advance(QUIET_MS);
    assertExact({ ...writtenBy(pipeline, events), message: `lost after ${waitMs} ms` });
    assertBalanced(pipeline, log);
  }
});

Deno.test("source: partitions lost and given back while a write hangs are read on when it has ended", async () => {
  const log = new MemoryLog(3);
  const events = [...appendScript(log, { seed: 20 })];
  const opening = gate();
  await using pipeline = await started({ log });
  pipeline.store.gate = opening.wait;
  await pipeline.time.advance(1_500);
  pipeline.source.lose();
  pipeline.source.assign();
  await pipeline.time.advance(500);
  opening.open();
  events.push(...appendScript(log, { seed: 21, startMs: SCRIPT_START_MS + 700_000 }));
  await pipeline.time.advance(QUIET_MS);
  assert.strictEqual((await statuses(pipeline)).length, 3);
  assertExact(writtenBy(pipeline, events));
});

Deno.test("source: some partitions are given to another member and the rest goes on", async () => {
  const log = new MemoryLog(3);
  appendScript(log, { seed: 22 });
  await using pipeline = await started({ log });
  await pipeline.time.advance(1_500);
  const revoked = pipeline.source.revoke();
  await pipeline.time.advance(3_000);
  await revoked;
  pipeline.source.assign([0, 2]);
  await pipeline.time.advance(3_000);
  assert.deepStrictEqual((await statuses(pipeline)).map(({ partition, next, end }) => [partition, next === end]), [[
    0,
    true,
  ], [2, true]]);
});

Deno.test("source.drain while a write hangs commits all that was read when it was ordered", async () => {
  const log = new MemoryLog(2);
  appendScript(log, { seed: 23 });
  const opening = gate();
  await using pipeline = await started({ log });
  await pipeline.time.advance(900);
  pipeline.store.gate = opening.wait;
  await pipeline.time.advance(500);
  appendScript(log, { seed: 24, startMs: SCRIPT_START_MS + 700_000 });
  await pipeline.time.advance(500);
  assert.deepStrictEqual((await statuses(pipeline)).map(({ next }) => next), log.ends);
  const drained = pipeline.drain();
  await pipeline.time.advance(200);
  opening.open();
  await drained;
  assert.deepStrictEqual(log.ends.map((_, partition) => log.commits.get(partition)?.position), log.ends);
});

Deno.test("source.drain without partitions is done at once", async () => {
  await using pipeline = await started({ log: new MemoryLog(1) });
  pipeline.source.lose();
  await pipeline.time.settle();
  await pipeline.drain();
});

Deno.test("source.close is not answered by a flush that was ordered before anything was read", async () => {
  const log = new MemoryLog(2);
  const events = appendScript(log, { seed: 26 });
  const opening = gate();
  await using pipeline = await started({ log, untilCaughtUp: true, fetchesLeft: 0 });
  pipeline.store.gate = opening.wait;
  await pipeline.time.advance(1_500);
  pipeline.source.fetchesLeft = Infinity;
  await pipeline.time.advance(2_000);
  const closed = pipeline.close();
  await pipeline.time.advance(100);
  opening.open();
  await closed;
  assertExact(writtenBy(pipeline, events));
});

Deno.test("source.close is answered only when all is final, also when a task crashes meanwhile and must be read again", async () => {
  const log = new MemoryLog(2);
  const events = appendScript(log, { seed: 25 });
  await using pipeline = await started({ log, untilCaughtUp: true });
  const caughtUp = pipeline.system.ref(source, PATHS.source).ask("caughtUp", { withinMs: 3_600_000 });
  await pipeline.time.advance(300);
  await caughtUp;
  pipeline.crash(0);
  pipeline.source.failFetches = 10;
  await pipeline.close();
  assertExact(writtenBy(pipeline, events));
});

Deno.test("source: until caught up, what comes later is not counted, and a second run continues there", async () => {
  const log = new MemoryLog(2);
  const events = appendScript(log, { seed: 26 });
  const ends = [...log.ends];
  const first = await started({ log, untilCaughtUp: true });
  first.source.failFetches = 1;
  appendScript(log, { seed: 27, startMs: SCRIPT_START_MS + 700_000 });
  await first.finish();
  assertExact(writtenBy(first, events));
  assert.deepStrictEqual(ends.map((_, partition) => log.commits.get(partition)?.position), ends);
  await first[Symbol.asyncDispose]();
});

Deno.test("source: until caught up on an empty topic ends with nothing written", async () => {
  await using pipeline = await started({ log: new MemoryLog(3), untilCaughtUp: true });
  await pipeline.finish();
  assert.deepStrictEqual([pipeline.store.of("transactions_avg"), pipeline.store.of("transactions_total")], [[], []]);
});

Deno.test("source: an assignment that cannot be read yet is tried again, and not once it is over", async () => {
  const log = new MemoryLog(2);
  const events = appendScript(log, { seed: 28 });
  await using pipeline = await started({ log });
  pipeline.source.lose();
  pipeline.source.failCommitted = 1;
  pipeline.source.assign([0]);
  await pipeline.time.settle();
  pipeline.source.lose();
  await pipeline.time.advance(2_000);
  assert.deepStrictEqual(await statuses(pipeline), []);
  pipeline.source.failCommitted = 3;
  pipeline.source.assign();
  await pipeline.time.advance(QUIET_MS);
  assertExact(writtenBy(pipeline, events));
});

Deno.test("source: a control batch that cannot be read is dead-lettered, and the partition goes on", async () => {
  const log = new MemoryLog(1);
  const events = [...appendScript(log, { seed: 29, batches: 10 })];
  const baseOffset = log.ends[0] ?? 0;
  log.appendBatch(
    0,
    buildRecordBatch([{ key: new Uint8Array(1), value: null }], {
      timestampMs: SCRIPT_START_MS,
      baseOffset,
      control: true,
      transactional: true,
      producerId: 5n,
    }),
  );
  events.push(...appendScript(log, { seed: 30, startMs: SCRIPT_START_MS + 700_000, batches: 10 }));
  await using pipeline = await started({ log });
  await pipeline.time.advance(QUIET_MS);
  assertExact(writtenBy(pipeline, events));
  assertBalanced(pipeline, log);
});
