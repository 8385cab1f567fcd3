import assert from "node:assert/strict";
import { system, virtual } from "../../src/actor/mod.ts";
import { partitionTask } from "../../actors/partition_task.ts";
import type { PartitionTaskArgs } from "../../actors/task_state.ts";
import { parseFieldMap } from "../../src/domain/field_map.ts";
import { initialCheckpoint } from "../../src/stream/checkpoint.ts";
import { buildRecordBatch } from "../../src/stream/record_batch_builder.ts";
import { panesNeeded, windowShape } from "../../src/window/shape.ts";

const SHAPE = windowShape({ slideMs: 5_000, windowMs: 60_000, latenessMs: 30_000, zeroFillMs: 60_000 });
const START_MS = 1_750_000_000_000;
const WITHIN = { withinMs: 60_000 };

function argsOf(change: Partial<PartitionTaskArgs> = {}): PartitionTaskArgs {
  const fieldMap = parseFieldMap(undefined);
  return {
    topic: "transactions",
    partition: 0,
    checkpoint: initialCheckpoint(0, { ...SHAPE, fieldMap: fieldMap.hash }),
    shape: SHAPE,
    maxSkewMs: 300_000,
    fieldMap,
    limits: { panes: 1_000, letterBytes: 1 << 20, valueBytes: 1_000 },
    names: { categories: 10, regions: 10, admittedCategories: [], admittedRegions: [] },
    stopAt: undefined,
    caution: { careful: undefined, poison: [] },
    ...change,
  };
}

/** A batch of events, `stepMs` of event time apart. */
function batchOf(baseOffset: number, count: number, stepMs = 10) {
  const encoder = new TextEncoder();
  const records = Array.from({ length: count }, (_, index) => {
    const timestamp = START_MS + (baseOffset + index) * stepMs;
    return { key: null, value: encoder.encode(JSON.stringify({ category: `c${index % 3}`, amount: 1, timestamp })) };
  });
  const bytes = buildRecordBatch(records, { timestampMs: START_MS + (baseOffset + count) * stepMs, baseOffset });
  return { buffer: bytes.slice().buffer, byteLength: bytes.byteLength, aborted: [] };
}

async function started(change: Partial<PartitionTaskArgs> = {}) {
  const time = virtual();
  const running = system({ clock: time.clock, random: time.random });
  const spawned = running.spawn(partitionTask, { id: "task", args: argsOf(change) });
  const [task] = await Promise.all([spawned, time.settle()]);
  return { time, running, task };
}

const REQUEST = { range: { afterMs: -Infinity, upToMs: Infinity }, frontierMs: -Infinity };

Deno.test("partitionTask counts batches that arrive at any moment of another's work, each record once", async () => {
  const { time, running, task } = await started();
  const answers: Promise<unknown>[] = [];
  let offset = 0;
  // A batch arrives with nothing under way, while one waits, and in each turn until the work of the last is over.
  for (let turns = 0; turns < 40; turns++) {
    answers.push(task.ask("tally", batchOf(offset, 5), WITHIN));
    offset += 5;
    for (let hops = 0; hops < turns; hops++) await Promise.resolve();
  }
  await time.settle();
  await Promise.all(answers);
  const { checkpoint } = await task.ask("summary", REQUEST, WITHIN);
  assert.deepStrictEqual([checkpoint.position, checkpoint.ledger.counted, checkpoint.ledger.skipped], [
    offset,
    offset,
    0,
  ]);
  await running.stop();
});

Deno.test("partitionTask stops at the bound of panes in the middle of a batch and goes on when a flush is committed", async () => {
  const panes = panesNeeded(SHAPE, 300_000);
  const { time, running, task } = await started({ limits: { panes, letterBytes: 1 << 20, valueBytes: 1_000 } });
  let tallied: { readonly next: number } | undefined;
  // A pane every five seconds: ten more panes than there may be.
  task.ask("tally", batchOf(0, panes + 10, 5_000), WITHIN).then((answer) => tallied = answer, () => {});
  const positions: number[] = [];
  for (let flushes = 0; flushes < 50 && tallied === undefined; flushes++) {
    await time.settle();
    const { watermarkMs } = await task.ask("mark", { closedMs: -Infinity, asksNames: false }, WITHIN);
    const { checkpoint } = await task.ask("summary", { ...REQUEST, frontierMs: watermarkMs }, WITHIN);
    positions.push(checkpoint.position);
    task.tell("committed", { frontierMs: watermarkMs, position: checkpoint.position });
    await time.settle();
  }
  assert.deepStrictEqual([positions[0], tallied?.next], [panes, panes + 10]);
  await running.stop();
});

Deno.test("partitionTask.mark names the categories of the panes kept, when asked for them", async () => {
  const { time, running, task } = await started();
  const names = async (asksNames: boolean) =>
    (await task.ask("mark", { closedMs: -Infinity, asksNames }, WITHIN)).categories;
  const tallied = task.ask("tally", batchOf(0, 3), WITHIN);
  await time.settle();
  const { next: position } = await tallied;
  const kept = await names(true);
  assert.ok(kept.length > 0 && new Set(kept).size === kept.length);
  assert.deepStrictEqual(await names(false), []);
  task.tell("committed", { frontierMs: 1e15, position });
  await time.settle();
  assert.deepStrictEqual(await names(true), []);
  await running.stop();
});

Deno.test("partitionTask does not start with fewer panes than it needs to move its own frontier", async () => {
  const limits = (panes: number) => ({ limits: { panes, letterBytes: 1 << 20, valueBytes: 1_000 } });
  const needed = panesNeeded(SHAPE, 300_000);
  await assert.rejects(started(limits(needed - 1)));
  const { running } = await started(limits(needed));
  await running.stop();
});

Deno.test("partitionTask.halt gives every waiting batch back undecided", async () => {
  const { time, running, task } = await started();
  const answers = [task.ask("tally", batchOf(0, 5), WITHIN), task.ask("tally", batchOf(5, 5), WITHIN)];
  task.tell("halt");
  await time.settle();
  const nexts = (await Promise.all(answers)).map(({ next }) => next);
  assert.deepStrictEqual(nexts, [0, 0]);
  const { checkpoint } = await task.ask("summary", REQUEST, WITHIN);
  assert.strictEqual(checkpoint.position, 0);
  await running.stop();
});

Deno.test("partitionTask refuses a raise for an offset at which it no longer stands", async () => {
  const { time, running, task } = await started();
  await Promise.all([task.ask("tally", batchOf(0, 5), WITHIN), time.settle()]);
  const order = { watermarkMs: START_MS + 3_600_000, coversGap: true };
  assert.strictEqual(await task.ask("raise", { ...order, next: 0 }, WITHIN), undefined);
  assert.deepStrictEqual(await task.ask("raise", { ...order, next: 5 }, WITHIN), {
    offset: 5,
    watermarkMs: order.watermarkMs,
  });
  await running.stop();
});
