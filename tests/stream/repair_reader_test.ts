import assert from "node:assert/strict";
import { RetryableError } from "../../src/stream/failures.ts";
import { RepairReader } from "../../src/stream/repair_reader.ts";
import { ManualClock } from "../fakes/manual_clock.ts";
import { MemoryLog, MemorySource } from "../fakes/memory_log.ts";

/** More than half of what one fetch may bring, so that each fetch brings one batch of three records. */
const VALUE = "x".repeat(400_000);

/** One partition of four batches, read at 10 records a second. */
function reading() {
  const log = new MemoryLog(1), clock = new ManualClock(), stop = new AbortController();
  for (let batch = 0; batch < 4; batch++) log.append(0, [VALUE, VALUE, VALUE], 0);
  const source = new MemorySource(log, clock);
  const reader = new RepairReader({ source, clock, signal: stop.signal, recordsPerSecond: 10 });
  const offsets: number[] = [], settled: (readonly [elapsedMs: number, offsets: number])[] = [];
  const taker = {
    take: ({ offset }: { readonly offset: number }) => void offsets.push(offset),
    settle(passed: number): boolean {
      settled.push([clock.elapsedMs(), passed]);
      return true;
    },
  };
  return { log, clock, stop, source, reader, taker, offsets, settled };
}

/** Lets time pass until the promise has settled. */
async function driven<T>(clock: ManualClock, promise: Promise<T>): Promise<T> {
  let isSettled = false;
  const settled = promise.finally(() => isSettled = true);
  settled.catch(() => {}); // Awaited below.
  while (!isSettled) {
    await new Promise<void>((resolve) => clock.yield(resolve));
    clock.advance(clock.nextInMs() ?? 0);
  }
  return await settled;
}

Deno.test("RepairReader.read() shows exactly the records of the span, and no more in a second than it may", async () => {
  const { clock, reader, taker, offsets, settled } = reading();
  assert.equal(await driven(clock, reader.read({ partition: 0, from: 1, to: 11 }, taker)), true);
  assert.deepEqual(offsets, [1, 2, 3, 4, 5, 6, 7, 8, 9, 10]);
  assert.deepEqual(settled, [[0, 2], [200, 3], [500, 3], [800, 2]]);
  assert.deepEqual([reader.passed, clock.elapsedMs()], [10, 1_000]);
});

Deno.test("RepairReader.read() ends where its taker says so, and reads nothing of an empty span", async () => {
  const { clock, reader, taker, source } = reading();
  const span = { partition: 0, from: 0, to: 12 };
  assert.equal(await driven(clock, reader.read(span, { ...taker, settle: () => false })), false);
  assert.equal(await driven(clock, reader.read({ ...span, from: 12 }, taker)), true);
  assert.equal(source.fetches.length, 1);
});

Deno.test("RepairReader.read() tries again what fails for a while, and gives up when told to stop or overtaken", async () => {
  const { clock, log, source, stop, reader, taker, settled } = reading();
  const span = { partition: 0, from: 0, to: 3 };
  source.failFetches = 3;
  assert.equal(await driven(clock, reader.read(span, taker)), true);
  assert.deepEqual(settled, [[200 + 400 + 800, 3]]);
  log.deleteBefore(0, 3);
  await assert.rejects(driven(clock, reader.read(span, taker)), /log begins at 3 by now/);
  stop.abort();
  await assert.rejects(driven(clock, reader.read({ ...span, to: 6, from: 3 }, taker)), RetryableError);
});
