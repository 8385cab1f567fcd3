import assert from "node:assert/strict";
import { virtual } from "../../src/actor/mod.ts";
import { decodeCheckpoint } from "../../src/stream/checkpoint.ts";
import { MemoryLog } from "../fakes/memory_log.ts";
import { MemoryPipeline } from "../fakes/memory_pipeline.ts";
import { appendEvents, eventAt, SCRIPT_START_MS } from "../fakes/memory_script.ts";
import { MemoryLetters, MemoryStore } from "../fakes/memory_store.ts";

const ZOMBIE_MS = 13_000;

/** One event a second. */
function appendSeconds(log: MemoryLog, from: number, to: number): void {
  for (let second = from; second < to; second++) {
    const timestampMs = SCRIPT_START_MS + second * 1_000;
    appendEvents(log, 0, { events: [eventAt(timestampMs)], timestampMs });
  }
}

function logWithEvents(): MemoryLog {
  const log = new MemoryLog(1);
  appendSeconds(log, 0, 200);
  return log;
}

const finals = (store: MemoryStore) => store.of("transactions_avg").filter(({ fields }) => fields["final"]).length;
const hasLeft = (log: MemoryLog) => decodeCheckpoint(log.commits.get(0)?.metadata ?? "")?.hasLeft;

/** A pipeline that dies after its first flushes, without leaving. */
async function crashed(log: MemoryLog, store: MemoryStore, letters: MemoryLetters): Promise<void> {
  const first = await MemoryPipeline.start({ log, store, letters, zombieMs: ZOMBIE_MS });
  await first.time.advance(3_000);
  assert.ok(finals(store) > 0 && hasLeft(log) === false);
  // From here on nothing of it is run any more: its time stands still.
}

Deno.test("takeover: after an owner that has not left, nothing becomes final before its last write can have arrived", async () => {
  const log = logWithEvents(), store = new MemoryStore(), letters = new MemoryLetters();
  await crashed(log, store, letters);
  const before = finals(store);
  appendSeconds(log, 200, 400);
  await using next = await MemoryPipeline.start({
    log,
    store,
    letters,
    time: virtual({ seed: 2 }),
    zombieMs: ZOMBIE_MS,
  });
  await next.time.advance(ZOMBIE_MS - 1_000);
  assert.strictEqual(finals(store), before);
  await next.time.advance(2_000);
  assert.ok(finals(store) > before);
});

Deno.test("takeover: an owner that drained leaves its mark, and the next one makes windows final at once", async () => {
  const log = logWithEvents(), store = new MemoryStore(), letters = new MemoryLetters();
  const first = await MemoryPipeline.start({ log, store, letters, zombieMs: ZOMBIE_MS });
  await first.time.advance(3_000);
  await first.drain();
  await first[Symbol.asyncDispose]();
  assert.strictEqual(hasLeft(log), true);
  const before = finals(store);
  appendSeconds(log, 200, 400);
  await using next = await MemoryPipeline.start({
    log,
    store,
    letters,
    time: virtual({ seed: 2 }),
    zombieMs: ZOMBIE_MS,
  });
  await next.time.advance(3_000);
  assert.ok(finals(store) > before);
  assert.strictEqual(hasLeft(log), false);
});

Deno.test("takeover: owners that come and go hold for the time of the one that has not left together, not each anew", async () => {
  const log = logWithEvents(), store = new MemoryStore(), letters = new MemoryLetters();
  await crashed(log, store, letters);
  const before = finals(store);
  appendSeconds(log, 200, 400);
  for (const seed of [2, 3, 4]) {
    const passing = await MemoryPipeline.start({ log, store, letters, time: virtual({ seed }), zombieMs: ZOMBIE_MS });
    await passing.time.advance(4_000);
    await passing.drain();
    await passing[Symbol.asyncDispose]();
    assert.deepStrictEqual([hasLeft(log), finals(store)], [true, before]);
  }
  await using last = await MemoryPipeline.start({
    log,
    store,
    letters,
    time: virtual({ seed: 5 }),
    zombieMs: ZOMBIE_MS,
  });
  await last.time.advance(3_000);
  assert.ok(finals(store) > before);
});
