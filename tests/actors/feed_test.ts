import assert from "node:assert/strict";
import { balance, type Feed, pump, take } from "../../actors/feed.ts";
import { partitionTask } from "../../actors/partition_task.ts";
import { RoutedPartition, type RoutedPartitionOptions } from "../../actors/routed_partition.ts";
import { ConfigError } from "../../src/stream/failures.ts";
import type { Fetched, FetchedBytes, Source, Want } from "../../src/stream/source.ts";
import { buildRecordBatch } from "../../src/stream/record_batch_builder.ts";
import { ManualClock } from "../fakes/manual_clock.ts";
import { MemoryContext } from "../fakes/memory_context.ts";
import { MemoryLog, MemorySource } from "../fakes/memory_log.ts";
import { SCRIPT_SHAPE } from "../fakes/memory_script.ts";

/** A partition ahead of the others by more is paused: window + 2 × lateness. */
const AHEAD_MS = 120_000;

function world(lanes: (partition: number) => number = () => 0) {
  const clock = new ManualClock(), cx = new MemoryContext(clock), log = new MemoryLog(4);
  const memory = new MemorySource(log, clock);
  const wanted: (readonly Want[])[] = [], recycled: ArrayBuffer[] = [];
  const source: Source = {
    laneOf: lanes,
    fetch: (wants) => {
      wanted.push(wants);
      return new Promise(() => {});
    },
    recycle: (buffer) => void recycled.push(buffer),
    join: (member) => memory.join(member),
    leave: () => memory.leave(),
    offsets: (partitions) => memory.offsets(partitions),
    offsetsAt: (partitions, timeMs) => memory.offsetsAt(partitions, timeMs),
    committed: (partitions) => memory.committed(partitions),
    commit: (generation, commits) => memory.commit(generation, commits),
    report: () => {},
    leaseRemainingMs: () => Infinity,
    describe: () => memory.describe(),
    [Symbol.asyncDispose]: () => memory.leave(),
  };
  const partitions = new Map<number, RoutedPartition>(), crashed = new Set<number>();
  const lane = { creditBytes: 1_000, fetchBytes: 500, maxWaitMs: 50 };
  const feed: Feed = {
    args: { source, shape: SCRIPT_SHAPE, lane },
    partitions,
    crashed,
    fetching: new Set(),
    turn: 0,
    othersMs: Infinity,
  };
  /** Routes a partition whose next offset is 10 of 100. */
  const add = (partition: number, change: Partial<RoutedPartitionOptions> = {}) => {
    const task = cx.ref(partitionTask, `task-${partition}`);
    const routed = new RoutedPartition({
      partition,
      task,
      offset: 10,
      position: 10,
      range: { first: 0, end: 100 },
      stopAt: Infinity,
      nowMs: clock.elapsedMs(),
      ...change,
    });
    partitions.set(partition, routed);
    return routed;
  };
  return { clock, cx, feed, add, crashed, wanted, recycled };
}

/** A fetch's answer of records from `baseOffset` on. */
function bytesOf(partition: number, baseOffset: number, count: number): FetchedBytes {
  const records = Array.from({ length: count }, () => ({ key: null, value: new Uint8Array(5) }));
  const bytes = count === 0 ? new Uint8Array() : buildRecordBatch(records, { timestampMs: 1, baseOffset });
  return {
    kind: "bytes",
    partition,
    buffer: bytes.buffer,
    byteLength: bytes.byteLength,
    aborted: [],
    endOffset: 100,
    logStartOffset: 0,
  };
}

const wantedPartitions = (wanted: readonly (readonly Want[])[]) =>
  wanted.map((wants) => wants.map(({ partition }) => partition));

Deno.test("pump() keeps one fetch under way per lane", () => {
  const { feed, add, cx, wanted } = world((partition) => partition % 2);
  for (const partition of [0, 1, 2]) add(partition);
  pump(feed, cx);
  pump(feed, cx);
  assert.deepStrictEqual(wantedPartitions(wanted).map((each) => each.toSorted()), [[0, 2], [1]]);
  feed.fetching.delete(1);
  pump(feed, cx);
  assert.deepStrictEqual(wantedPartitions(wanted).slice(2), [[1]]);
});

Deno.test("pump() does not fetch partitions whose task crashed, nor paused ones", () => {
  const { feed, add, cx, crashed, wanted } = world();
  for (const partition of [0, 1, 2]) add(partition).isPaused = partition === 1;
  crashed.add(2);
  pump(feed, cx);
  assert.deepStrictEqual(wantedPartitions(wanted), [[0]]);
});

Deno.test("take() sends bytes to their task and counts them against the credit, up to the offset after their last record", () => {
  const { feed, add, cx } = world();
  const routed = add(3), answer = bytesOf(3, 8, 5); // A batch may begin before the offset that was asked for.
  take(feed, { answer, offset: 10 }, cx);
  assert.deepStrictEqual([routed.fetchOffset, routed.inFlightBytes, routed.next], [13, answer.byteLength, 10]);
  assert.deepStrictEqual(cx.sent.map(({ path, kind }) => [path, kind]), [["task-3", "tally"]]);
});

Deno.test("take() drops what a partition no longer waits for, and gives the buffer back", () => {
  const { feed, add, cx, crashed, recycled } = world();
  add(0);
  add(1);
  crashed.add(1);
  const stale: readonly (readonly [Fetched, number])[] = [[bytesOf(0, 9, 2), 9], [bytesOf(1, 10, 2), 10], [
    bytesOf(2, 10, 2),
    10,
  ]];
  for (const [answer, offset] of stale) take(feed, { answer, offset }, cx);
  assert.deepStrictEqual([cx.sent, recycled.length], [[], 3]);
});

Deno.test("take() of an empty answer tells the time of idleness, but not while bytes are on their way to the task", () => {
  const { feed, add, cx, clock, recycled } = world();
  const range = { first: 0, end: 10 };
  const idle = add(0, { range }), busy = add(1, { range });
  busy.inFlightBytes = 5;
  for (const waitMs of [0, 5_000]) {
    clock.advance(waitMs);
    for (const routed of [idle, busy]) {
      routed.askedAtMs = clock.elapsedMs();
      take(feed, { answer: { ...bytesOf(routed.partition, 0, 0), endOffset: 10 }, offset: 10 }, cx);
    }
  }
  assert.deepStrictEqual([idle, busy].map(({ idleness }) => idleness.isQuiet(5_000)), [true, false]);
  assert.strictEqual(recycled.length, 4);
});

Deno.test("take() goes to the log's start when retention took what comes next, once nothing is on its way", () => {
  const { feed, add, cx } = world();
  const routed = add(0), answer = { kind: "outOfRange", partition: 0, logStartOffset: 40, endOffset: 100 } as const;
  routed.inFlightBytes = 5;
  take(feed, { answer, offset: 10 }, cx);
  assert.deepStrictEqual([routed.fetchOffset, cx.sent], [10, []]);
  routed.inFlightBytes = 0;
  take(feed, { answer, offset: 10 }, cx);
  assert.deepStrictEqual([routed.fetchOffset, routed.next, cx.sent], [40, 40, [{
    path: "task-0",
    kind: "gap",
    payload: 40,
  }]]);
});

Deno.test("take() refuses to guess when the log ends before the next offset", () => {
  for (const logStartOffset of [0, 10]) {
    const { feed, add, cx } = world();
    add(0);
    const answer = { kind: "outOfRange", partition: 0, logStartOffset, endOffset: 5 } as const;
    assert.throws(() => take(feed, { answer, offset: 10 }, cx), ConfigError);
  }
});

Deno.test("balance() pauses a partition more than window + 2 lateness ahead of the slowest, not one just as far, and lets it go again", () => {
  const { feed, add } = world();
  const slow = add(0), just = add(1), ahead = add(2);
  slow.watermarkMs = 1_000_000;
  just.watermarkMs = 1_000_000 + AHEAD_MS;
  ahead.watermarkMs = 1_000_001 + AHEAD_MS;
  balance(feed);
  assert.deepStrictEqual([slow, just, ahead].map(({ isPaused }) => isPaused), [false, false, true]);
  slow.watermarkMs++;
  balance(feed);
  assert.strictEqual(ahead.isPaused, false);
});

Deno.test("balance() never pauses a partition that replays, or that is at its end", () => {
  const { feed, add } = world();
  add(0).watermarkMs = 0;
  const replaying = add(1, { position: 50 }), atEnd = add(2, { offset: 100, position: 100 });
  replaying.watermarkMs = atEnd.watermarkMs = 1e12;
  balance(feed);
  assert.deepStrictEqual([replaying.isPaused, atEnd.isPaused], [false, false]);
});

Deno.test("balance(): a partition at its end holds nobody back, for reading cannot bring it nearer", () => {
  const { feed, add } = world();
  add(0, { offset: 100, position: 100 });
  const ahead = add(1);
  ahead.watermarkMs = 1e12;
  balance(feed);
  assert.strictEqual(ahead.isPaused, false);
});

Deno.test("balance() goes by the partitions of other processes too, once anything is known of them", () => {
  for (const [othersMs, isPaused] of [[1_000_000, false], [999_999, true], [-Infinity, false]] as const) {
    const { feed, add } = world();
    const ahead = add(0);
    ahead.watermarkMs = 1_000_000 + AHEAD_MS;
    balance({ ...feed, othersMs });
    assert.strictEqual(ahead.isPaused, isPaused, `${othersMs}`);
  }
});

Deno.test("balance(): our own pause does not count as idleness", () => {
  const { feed, add, clock } = world();
  add(0).watermarkMs = 0;
  const ahead = add(1);
  ahead.watermarkMs = 1e12;
  const answer = () => ({ next: 100, end: 100, askedAtMs: clock.elapsedMs(), nowMs: clock.elapsedMs() });
  ahead.idleness.answered(answer());
  clock.advance(5_000);
  balance(feed);
  ahead.idleness.answered(answer());
  assert.strictEqual(ahead.idleness.isQuiet(5_000), false);
});
