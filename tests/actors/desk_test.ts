import assert from "node:assert/strict";
import { Desk, type Flush } from "../../actors/desk.ts";
import type { Point } from "../../src/domain/point.ts";
import type { Log } from "../../src/log.ts";
import { type Checkpoint, decodeCheckpoint, encodeCheckpoint, initialCheckpoint } from "../../src/stream/checkpoint.ts";
import type { DeadLetter } from "../../src/stream/dead_letters.ts";
import { FencedError, RetryableError } from "../../src/stream/failures.ts";
import { ManualClock } from "../fakes/manual_clock.ts";
import { MemoryLog, MemorySource } from "../fakes/memory_log.ts";
import { MemoryLetters, MemoryStore } from "../fakes/memory_store.ts";

const CONFIG = { slideMs: 5, windowMs: 20, latenessMs: 10, zeroFillMs: 10, fieldMap: "00000000" };
const STORE_TIMEOUT_MS = 3_000;
/** How long after a takeover a write of the owner before may still arrive. */
const ZOMBIE_MS = 13_000;
const GENERATION = 7;

const checkpointAt = (position: number, change: Partial<Checkpoint> = {}): Checkpoint => ({
  ...initialCheckpoint(0, CONFIG),
  position,
  offset: position,
  hasLeft: false,
  ledger: { ...initialCheckpoint(0, CONFIG).ledger, counted: position },
  ...change,
});

const owned = (partition: number, checkpoint: Checkpoint) => (
  { partition, checkpoint, closedMs: -Infinity, isAdded: false }
);

const pointAt = (timeMs: number): Point => ({
  measurement: "transactions_avg",
  tags: { category: "travel", window: "20ms" },
  timeMs,
  fields: { transaction_count: 1, final: true },
});

const letterAt = (offset: number): DeadLetter => ({
  reason: "late",
  detail: "",
  topic: "transactions",
  partition: 0,
  offset,
  timeMs: 1,
  value: null,
});

function flushOf(change: Partial<Omit<Flush, "news">> = {}): Flush {
  const { points = [pointAt(100)], letters = [letterAt(3)], frontierMs = 100, isLast = false } = change;
  const checkpoints = change.checkpoints ?? new Map([[0, checkpointAt(5)]]);
  const news = {
    points,
    pointCount: 1,
    letterCount: 1,
    uncovered: 0,
    overflowed: 0,
    lines: [],
    frontierMs,
    highMs: 100,
    partitionCount: 1,
  };
  return { points, letters, checkpoints, frontierMs, isLast, news };
}

/** A desk that owns partition 0 from offset 0 and 1 from offset 9, and what it did. */
function world() {
  const clock = new ManualClock(), log = new MemoryLog(2), errors: string[] = [], calls: string[] = [];
  const source = new MemorySource(log, clock), store = new MemoryStore(), deadLetters = new MemoryLetters();
  const told: Log = { debug() {}, info() {}, warn() {}, error: (message) => void errors.push(message) };
  log.generation = GENERATION;
  store.onWrite = (points) => void calls.push(`write ${points.map(({ timeMs }) => timeMs)}`);
  deadLetters.onAppend = (letters) => void calls.push(`letters ${letters.map(({ offset }) => offset)}`);
  source.onCommit = (commits) =>
    void calls.push(
      `commit ${
        commits.map(({ partition, position, metadata }) =>
          `${partition}@${position}+${decodeCheckpoint(metadata)?.raises.length}`
        )
      }`,
    );
  const desk = new Desk({
    clock,
    log: told,
    source,
    store,
    deadLetters,
    storeTimeoutMs: STORE_TIMEOUT_MS,
    zombieMs: ZOMBIE_MS,
  });
  desk.own({
    generation: GENERATION,
    partitionCount: 2,
    checkpoints: [owned(0, checkpointAt(0)), owned(1, checkpointAt(9))],
  });
  return { desk, clock, log, source, store, deadLetters, calls, errors };
}

Deno.test("Desk.settle() writes, then dead letters, then commits, and says what became durable", async () => {
  const { desk, calls } = world();
  const flush = flushOf();
  desk.open(flush);
  assert.strictEqual(await desk.settle(), flush);
  assert.deepStrictEqual(calls, ["write 100", "letters 3", "commit 0@5+0"]);
  assert.strictEqual(await desk.settle(), undefined);
});

Deno.test("Desk.settle() does a failed step again and the ones before it not", async () => {
  const cases = [
    ["write", ["write 100", "write 100", "letters 3", "commit 0@5+0"]],
    ["letters", ["write 100", "letters 3", "letters 3", "commit 0@5+0"]],
    ["commit", ["write 100", "letters 3", "commit 0@5+0", "commit 0@5+0"]],
  ] as const;
  for (const [failing, expected] of cases) {
    for (const afterwards of [false, true]) {
      const { desk, clock, store, source, deadLetters, calls } = world();
      if (failing === "write") store.failWrites = { count: 1, afterwards };
      if (failing === "letters") deadLetters.failAppends = 1;
      if (failing === "commit") source.failCommits = { count: 1, afterwards };
      desk.open(flushOf());
      await assert.rejects(desk.settle(), RetryableError);
      clock.advance(STORE_TIMEOUT_MS);
      assert.notStrictEqual(await desk.settle(), undefined);
      assert.deepStrictEqual(calls, expected);
    }
  }
});

Deno.test("Desk.settle() leaves out what there is none of", async () => {
  const { desk, calls } = world();
  desk.open(flushOf({ points: [], letters: [] }));
  await desk.settle();
  assert.deepStrictEqual(calls, ["commit 0@5+0"]);
});

Deno.test("Desk.settle() does not commit a checkpoint again that has not changed", async () => {
  const { desk, calls } = world();
  const checkpoints = new Map([[0, checkpointAt(0)], [1, checkpointAt(10)]]);
  for (let flushes = 0; flushes < 2; flushes++) {
    desk.open(flushOf({ points: [], letters: [], checkpoints }));
    assert.notStrictEqual(await desk.settle(), undefined);
  }
  assert.deepStrictEqual(calls, ["commit 1@10+0"]);
});

Deno.test("Desk.settle() starts a write only when the lease outlasts a store time-out, not when it just equals it", async () => {
  const { desk, source, calls } = world();
  desk.open(flushOf());
  source.leaseMs = STORE_TIMEOUT_MS;
  await assert.rejects(desk.settle(), RetryableError);
  assert.deepStrictEqual(calls, []);
  source.leaseMs = STORE_TIMEOUT_MS + 1;
  await desk.settle();
  assert.deepStrictEqual(calls.length, 3);
});

Deno.test("Desk.settle() starts no write sooner than a store time-out after one that failed was sent", async () => {
  const { desk, clock, store, calls } = world();
  store.failWrites = { count: 1, afterwards: true };
  desk.open(flushOf());
  await assert.rejects(desk.settle(), RetryableError);
  clock.advance(STORE_TIMEOUT_MS - 1);
  await assert.rejects(desk.settle(), (error) => error instanceof RetryableError && error.retryAfterMs === 1);
  assert.deepStrictEqual(calls, ["write 100"]);
  clock.advance(1);
  await desk.settle();
  assert.deepStrictEqual(calls.slice(0, 2), ["write 100", "write 100"]);
});

Deno.test("Desk: the late copy of a write that failed is waited for by the next owner of this desk too", async () => {
  const { desk, clock, store, calls, log } = world();
  store.failWrites = { count: 1, afterwards: true };
  desk.open(flushOf());
  await assert.rejects(desk.settle(), RetryableError);
  desk.disown();
  log.generation++;
  desk.own({ generation: GENERATION + 1, partitionCount: 2, checkpoints: [owned(0, checkpointAt(0))] });
  desk.open(flushOf());
  clock.advance(STORE_TIMEOUT_MS - 1);
  await assert.rejects(desk.settle(), RetryableError);
  assert.deepStrictEqual(calls, ["write 100"]);
});

Deno.test("Desk.settle() writes at once after a write that was acknowledged", async () => {
  const { desk, calls } = world();
  for (const position of [5, 6]) {
    desk.open(flushOf({ letters: [], checkpoints: new Map([[0, checkpointAt(position)]]) }));
    await desk.settle();
  }
  assert.strictEqual(calls.length, 4);
});

Deno.test("Desk.settle() commits a raise before anything else, upon the last commit: position and ledger stay", async () => {
  const { desk, source, calls, log } = world();
  const raises = [{ offset: 4, watermarkMs: 90 }];
  const raised: Checkpoint[] = [];
  source.onCommit = (commits) => {
    calls.push("commit");
    for (const { metadata } of commits) raised.push(decodeCheckpoint(metadata) ?? checkpointAt(-1));
  };
  const flushed = checkpointAt(5, { raises, frontierMs: 90 });
  desk.open(flushOf({ checkpoints: new Map([[0, flushed], [1, checkpointAt(10)]]) }));
  await desk.settle();
  assert.deepStrictEqual(calls, ["commit", "write 100", "letters 3", "commit"]);
  assert.deepStrictEqual(raised, [{ ...checkpointAt(0), raises }, flushed, checkpointAt(10)]);
  assert.deepStrictEqual([...log.commits.values()].map(({ position }) => position), [5, 10]);
});

Deno.test("Desk.settle() writes nothing while a raise is not committed", async () => {
  for (const afterwards of [false, true]) {
    const { desk, source, calls } = world();
    source.failCommits = { count: 2, afterwards };
    const checkpoints = new Map([[0, checkpointAt(5, { raises: [{ offset: 4, watermarkMs: 90 }] })]]);
    desk.open(flushOf({ checkpoints }));
    await assert.rejects(desk.settle(), RetryableError);
    await assert.rejects(desk.settle(), RetryableError);
    assert.deepStrictEqual(calls, ["commit 0@0+1", "commit 0@0+1"]);
    await desk.settle();
    assert.deepStrictEqual(calls.slice(2), ["commit 0@0+1", "write 100", "letters 3", "commit 0@5+1"]);
  }
});

Deno.test("Desk.settle(): a raise at the offset of a committed one takes its place; known ones are not committed again", async () => {
  const { desk, source } = world();
  const known = { offset: 2, watermarkMs: 50 },
    old = { offset: 4, watermarkMs: 60 },
    fresh = { offset: 4, watermarkMs: 90 };
  desk.own({
    generation: GENERATION,
    partitionCount: 2,
    checkpoints: [owned(0, checkpointAt(4, { offset: 1, raises: [known, old] }))],
  });
  const commits: unknown[] = [];
  source.onCommit = ([commit]) => void commits.push(decodeCheckpoint(commit?.metadata ?? "")?.raises);
  const flushed = checkpointAt(6, { offset: 1, raises: [known, fresh] });
  desk.open(flushOf({ points: [], letters: [], checkpoints: new Map([[0, flushed]]) }));
  await desk.settle();
  assert.deepStrictEqual(commits, [[known, fresh], [known, fresh]]);
  desk.open(flushOf({ points: [], letters: [], checkpoints: new Map([[0, { ...flushed, frontierMs: 1 }]]) }));
  await desk.settle();
  assert.strictEqual(commits.length, 3);
});

/** What a desk commits for partition 0, taken over from an owner who has left or not. */
function takenOver(hasLeft: boolean) {
  const { desk, source, clock, log } = world();
  const left: boolean[] = [];
  source.onCommit = (commits) =>
    void left.push(...commits.map(({ metadata }) => decodeCheckpoint(metadata)?.hasLeft ?? true));
  log.generation++;
  desk.own({ generation: GENERATION + 1, partitionCount: 2, checkpoints: [owned(0, checkpointAt(0, { hasLeft }))] });
  const committed = () => decodeCheckpoint(log.commits.get(0)?.metadata ?? "") ?? checkpointAt(0);
  return { desk, clock, left, committed };
}

Deno.test("Desk takes down the mark of an owner who had left before it writes anything, once", async () => {
  const { desk, left } = takenOver(true);
  for (const position of [5, 6]) {
    desk.open(flushOf({ checkpoints: new Map([[0, checkpointAt(position)]]) }));
    await desk.settle();
  }
  assert.deepStrictEqual(left, [false, false, false]);
});

Deno.test("Desk.isHolding until no write of an owner who has not left can arrive; after one who has, never", () => {
  assert.strictEqual(takenOver(true).desk.isHolding, false);
  const { desk, clock } = takenOver(false);
  clock.advance(ZOMBIE_MS - 1);
  assert.strictEqual(desk.isHolding, true);
  clock.advance(1);
  assert.strictEqual(desk.isHolding, false);
});

Deno.test("Desk marks that it has left with the last flush, not with any other", async () => {
  for (const isLast of [true, false]) {
    const { desk, left } = takenOver(true);
    desk.open(flushOf({ isLast }));
    await desk.settle();
    assert.strictEqual(left.at(-1), isLast);
  }
});

Deno.test("Desk that leaves while it holds hands on the rest of the time, and the next one holds for that", async () => {
  for (const [passedMs, restMs] of [[5_000, ZOMBIE_MS - 5_000], [ZOMBIE_MS, undefined]] as const) {
    const { desk, clock, committed } = takenOver(false);
    clock.advance(passedMs);
    desk.open(flushOf({ isLast: true }));
    await desk.settle();
    const checkpoint = committed();
    assert.deepStrictEqual([checkpoint.hasLeft, checkpoint.holdMs], [true, restMs]);
    desk.own({ generation: GENERATION + 2, partitionCount: 2, checkpoints: [owned(0, checkpoint)] });
    assert.strictEqual(desk.isHolding, restMs !== undefined);
    clock.advance(restMs ?? 0);
    assert.strictEqual(desk.isHolding, false);
  }
});

Deno.test("Desk.closedOf() is what is committed of a partition or was closed with it before, Desk.closedMs the lowest", () => {
  const { desk } = world();
  assert.strictEqual(desk.closedMs, -Infinity);
  desk.own({
    generation: GENERATION + 1,
    partitionCount: 2,
    checkpoints: [owned(0, checkpointAt(0, { frontierMs: 70 })), { ...owned(1, checkpointAt(0)), closedMs: 80 }],
  });
  assert.deepStrictEqual([desk.closedOf(0), desk.closedOf(1), desk.closedMs], [70, 80, 70]);
  desk.disown();
  assert.strictEqual(desk.closedMs, -Infinity);
});

Deno.test("Desk.closedMs rises with what is committed, not before", async () => {
  const { desk } = world();
  const checkpoints = new Map([[0, checkpointAt(5, { frontierMs: 95 })], [1, checkpointAt(9, { frontierMs: 95 })]]);
  desk.open(flushOf({ checkpoints }));
  assert.strictEqual(desk.closedMs, -Infinity);
  await desk.settle();
  assert.strictEqual(desk.closedMs, 95);
});

Deno.test("Desk commits a partition that was added to the topic as it begins before it writes anything, once", async () => {
  const { desk, calls, log } = world();
  log.generation++;
  const raises = [{ offset: 0, watermarkMs: 50 }], added = checkpointAt(0, { raises });
  desk.own({ generation: GENERATION + 1, partitionCount: 2, checkpoints: [{ ...owned(0, added), isAdded: true }] });
  for (const position of [5, 6]) {
    desk.open(flushOf({ letters: [], checkpoints: new Map([[0, checkpointAt(position, { raises })]]) }));
    await desk.settle();
  }
  assert.deepStrictEqual(calls, ["commit 0@0+1", "write 100", "commit 0@5+1", "write 100", "commit 0@6+1"]);
});

Deno.test("Desk.own() of the same generation adds, of a new one begins anew and drops what lay there", async () => {
  const { desk, calls, log } = world();
  desk.open(flushOf());
  desk.own({
    generation: GENERATION,
    partitionCount: 2,
    checkpoints: [owned(5, checkpointAt(0, { frontierMs: 50 }))],
  });
  assert.strictEqual(desk.closedOf(5), 50);
  log.generation++;
  desk.own({ generation: GENERATION + 1, partitionCount: 2, checkpoints: [owned(1, checkpointAt(9))] });
  assert.deepStrictEqual([desk.closedOf(5), desk.generation], [-Infinity, GENERATION + 1]);
  assert.strictEqual(await desk.settle(), undefined);
  assert.deepStrictEqual(calls, []);
});

Deno.test("Desk.disown() forgets everything, and nothing can be settled until partitions are owned again", async () => {
  const { desk, calls } = world();
  desk.open(flushOf());
  desk.disown();
  await assert.rejects(desk.settle(), FencedError);
  assert.deepStrictEqual([desk.closedMs, desk.generation, calls], [-Infinity, undefined, []]);
});

Deno.test("Desk.settle() with an old generation is fenced and changes no commit", async () => {
  const { desk, log } = world();
  log.generation++;
  desk.open(flushOf());
  await assert.rejects(desk.settle(), FencedError);
  assert.strictEqual(log.commits.size, 0);
});

Deno.test("Desk sets aside what the store refuses, says so, and makes the rest durable", async () => {
  const { desk, store, errors, calls } = world();
  store.refusal = ({ timeMs }) => timeMs === 200 ? "field type conflict" : undefined;
  desk.open(flushOf({ points: [pointAt(100), pointAt(200)] }));
  assert.notStrictEqual(await desk.settle(), undefined);
  assert.deepStrictEqual(desk.refused, { points: [{ point: pointAt(200), reason: "field type conflict" }], count: 1 });
  assert.deepStrictEqual([errors, store.points.size, calls.length], [["The store refused a point"], 1, 3]);
});

Deno.test("Desk keeps the last 100 refused points and counts all of them", async () => {
  for (const [count, firstKept] of [[100, 0], [101, 1]] as const) {
    const { desk, store } = world();
    store.refusal = () => "no";
    desk.open(flushOf({ points: Array.from({ length: count }, (_, index) => pointAt(index)) }));
    await desk.settle();
    assert.deepStrictEqual([desk.refused.points.length, desk.refused.points[0]?.point.timeMs, desk.refused.count], [
      100,
      firstKept,
      count,
    ]);
  }
});

Deno.test("Desk: a checkpoint comes back from its commit as it was laid down", async () => {
  const { desk, log } = world();
  const checkpoint = checkpointAt(5, { frontierMs: 95, sinceMs: Infinity });
  desk.open(flushOf({ checkpoints: new Map([[0, checkpoint]]) }));
  await desk.settle();
  assert.deepStrictEqual(log.commits.get(0), { partition: 0, position: 5, metadata: encodeCheckpoint(checkpoint) });
});
