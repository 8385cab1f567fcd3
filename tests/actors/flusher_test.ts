import assert from "node:assert/strict";
import type { Point } from "../../src/domain/point.ts";
import { decodeCheckpoint } from "../../src/stream/checkpoint.ts";
import { MemoryLog } from "../fakes/memory_log.ts";
import { MemoryPipeline } from "../fakes/memory_pipeline.ts";
import { MemoryLetters, MemoryStore } from "../fakes/memory_store.ts";
import {
  appendEvents,
  appendScript,
  assertExact,
  assertTrue,
  eventAt,
  SCRIPT_START_MS,
  type StandingEvent,
} from "../fakes/memory_script.ts";

const QUIET_MS = 300_000;
const WINDOW_MS = 60_000, ZERO_FILL_MS = 60_000;
const writtenBy = ({ store, letters }: MemoryPipeline, events: readonly StandingEvent[]) => ({
  store,
  letters,
  events,
});
const nameOf = ({ measurement, tags, timeMs }: Point) => JSON.stringify([measurement, tags, timeMs]);
const isOurs = ({ measurement }: Point) => measurement !== "tally_partition";
const isFinal = ({ fields }: Point) => fields["final"] === true;
const endOf = ({ measurement, timeMs }: Point) => measurement === "transactions_total" ? timeMs + 5_000 : timeMs;

/** Runs a live pipeline while a script comes in piece by piece. */
async function fed(log: MemoryLog, pipeline: MemoryPipeline, seed: number): Promise<readonly StandingEvent[]> {
  const events: StandingEvent[] = [];
  for (let piece = 0; piece < 12; piece++) {
    events.push(...appendScript(log, { seed: seed + piece, batches: 5, startMs: SCRIPT_START_MS + piece * 60_000 }));
    await pipeline.time.advance(700);
  }
  return events;
}

Deno.test("flusher writes each final point once, and never anything of that name again", async () => {
  const log = new MemoryLog(3);
  await using pipeline = await MemoryPipeline.start({ log });
  const events = await fed(log, pipeline, 40);
  await pipeline.time.advance(QUIET_MS);
  assertExact(writtenBy(pipeline, events));
  const last = new Set<string>(), twice: string[] = [];
  for (const point of pipeline.store.writes.flat().filter(isOurs)) {
    if (last.has(nameOf(point))) twice.push(nameOf(point));
    if (isFinal(point)) last.add(nameOf(point));
  }
  assert.deepStrictEqual(twice, []);
});

Deno.test("flusher writes provisional points only up to the end of the newest pane", async () => {
  const log = new MemoryLog(1);
  await using pipeline = await MemoryPipeline.start({ log });
  const atMs = SCRIPT_START_MS + 7_000;
  appendEvents(log, 0, { events: [eventAt(atMs)], timestampMs: atMs });
  await pipeline.time.advance(2_500);
  assert.deepStrictEqual(pipeline.store.of("transactions_avg").map(({ timeMs, fields }) => [timeMs, fields["final"]]), [
    [SCRIPT_START_MS + 10_000, false],
  ]);
  // An event ahead of its Kafka timestamp lies past the newest time, so its windows wait.
  appendEvents(log, 0, { events: [eventAt(atMs + 200_000)], timestampMs: atMs });
  await pipeline.time.advance(2_000);
  assert.deepStrictEqual(pipeline.store.of("transactions_avg").map(({ timeMs }) => timeMs), [SCRIPT_START_MS + 10_000]);
});

Deno.test("flusher writes a provisional point again when an event of it has come, and not when none has", async () => {
  const log = new MemoryLog(1);
  await using pipeline = await MemoryPipeline.start({ log });
  const atMs = SCRIPT_START_MS + 7_000;
  const writes = () =>
    pipeline.store.writes.flat().filter(({ measurement }) => measurement === "transactions_avg").map(({ fields }) =>
      fields["transaction_count"]
    );
  appendEvents(log, 0, { events: [eventAt(atMs)], timestampMs: atMs });
  await pipeline.time.advance(3_500);
  assert.deepStrictEqual(writes(), [1]);
  appendEvents(log, 0, { events: [eventAt(atMs - 1_000)], timestampMs: atMs });
  await pipeline.time.advance(1_200);
  assert.deepStrictEqual(writes(), [1, 2]);
});

Deno.test("flusher: an empty window has a zero as long as the zero fill lasts, and the last one is final too", async () => {
  const log = new MemoryLog(2);
  await using pipeline = await MemoryPipeline.start({ log });
  const atMs = SCRIPT_START_MS + 5_000; // The pane's own start.
  appendEvents(log, 0, { events: [eventAt(atMs)], timestampMs: atMs });
  await pipeline.time.advance(QUIET_MS);
  const points = pipeline.store.of("transactions_avg");
  assert.deepStrictEqual(points.filter(isFinal).length, points.length);
  const last = atMs + WINDOW_MS + ZERO_FILL_MS;
  assert.deepStrictEqual([points[0]?.timeMs, points.at(-1)?.timeMs], [atMs + 5_000, last]);
  assert.deepStrictEqual(points.map(({ fields }) => fields["transaction_count"]), [
    ...Array(12).fill(1),
    ...Array(12).fill(0),
  ]);
});

Deno.test("flusher commits a raise before it writes anything that the raise has closed", async () => {
  const log = new MemoryLog(3);
  await using pipeline = await MemoryPipeline.start({ log });
  const closedTooSoon: string[] = [];
  /** What a successor would judge by: the committed raises of the partition that never had a record. */
  const reachedMs = () => {
    const checkpoint = decodeCheckpoint(log.commits.get(2)?.metadata ?? "");
    return Math.max(
      -Infinity,
      checkpoint?.watermarkMs ?? -Infinity,
      ...(checkpoint?.raises ?? []).map(({ watermarkMs }) => watermarkMs),
    );
  };
  pipeline.store.onWrite = (points) => {
    const now = reachedMs();
    closedTooSoon.push(...points.filter((point) => isOurs(point) && isFinal(point) && endOf(point) > now).map(nameOf));
  };
  for (let piece = 0; piece < 12; piece++) {
    appendScript(log, { seed: 60 + piece, batches: 5, partitions: [0, 1], startMs: SCRIPT_START_MS + piece * 60_000 });
    if (piece === 6) pipeline.crash(0);
    if (piece === 8) pipeline.source.failCommits = { count: 3, afterwards: false };
    await pipeline.time.advance(1_700);
  }
  await pipeline.time.advance(QUIET_MS);
  assert.deepStrictEqual(closedTooSoon, []);
  assert.ok(pipeline.store.of("transactions_avg").every(isFinal));
});

Deno.test("flusher commits no position before the points and letters that depend on it are acknowledged", async () => {
  const log = new MemoryLog(2);
  await using pipeline = await MemoryPipeline.start({ log });
  const early: string[] = [];
  pipeline.source.onCommit = (commits) => {
    for (const { partition, position, metadata } of commits) {
      const checkpoint = decodeCheckpoint(metadata);
      const before = log.commits.get(partition)?.position ?? 0;
      if (checkpoint === undefined || position === before) continue;
      const dead = checkpoint.ledger.late + checkpoint.ledger.future + checkpoint.ledger.invalid;
      const kept = [...pipeline.letters.letters.values()].filter((letter) =>
        letter.partition === partition && letter.offset < position
      );
      if (kept.length !== dead) early.push(`partition ${partition}: ${dead} dead, ${kept.length} letters`);
    }
  };
  pipeline.store.failWrites = { count: 2, afterwards: false };
  pipeline.letters.failAppends = 2;
  const events = await fed(log, pipeline, 80);
  pipeline.letters.failAppends = 2;
  await pipeline.time.advance(QUIET_MS);
  assert.deepStrictEqual(early, []);
  assertExact(writtenBy(pipeline, events));
});

Deno.test("flusher: dead letters wait while the store is down, none is lost when it comes back, and the position waits too", async () => {
  const log = new MemoryLog(2);
  await using pipeline = await MemoryPipeline.start({ log });
  pipeline.store.failWrites = { count: 1e6, afterwards: false };
  const events = await fed(log, pipeline, 100);
  assert.deepStrictEqual(
    [...log.commits.values()].map(({ position }) => position).filter((position) => position > 0),
    [],
  );
  await pipeline.time.advance(60_000);
  assert.match(pipeline.board.problems().join(), /nothing was acknowledged for .*Cannot write/);
  pipeline.store.failWrites = { count: 0, afterwards: false };
  await pipeline.time.advance(QUIET_MS);
  assert.deepStrictEqual(pipeline.board.problems(), []);
  assertExact(writtenBy(pipeline, events));
});

Deno.test("flusher appends each dead letter once", async () => {
  const log = new MemoryLog(2);
  await using pipeline = await MemoryPipeline.start({ log });
  const appended: string[] = [];
  pipeline.letters.onAppend = (letters) =>
    void appended.push(...letters.map(({ partition, offset }) => `${partition} ${offset}`));
  const events = await fed(log, pipeline, 110);
  await pipeline.time.advance(QUIET_MS);
  assertExact(writtenBy(pipeline, events));
  assert.deepStrictEqual(
    appended.toSorted(),
    [...pipeline.letters.letters.values()].map(({ partition, offset }) => `${partition} ${offset}`).toSorted(),
  );
});

Deno.test("flusher: a crash of one partition between two questions loses no letter of the others", async () => {
  for (let delayMs = 0; delayMs <= 1_000; delayMs += 100) {
    const log = new MemoryLog(3);
    await using pipeline = await MemoryPipeline.start({ log });
    const events = [...appendScript(log, { seed: 115 })];
    await pipeline.time.advance(delayMs);
    pipeline.crash(2);
    await pipeline.time.advance(QUIET_MS);
    assertExact({ ...writtenBy(pipeline, events), message: `crash after ${delayMs} ms` });
    assert.strictEqual(pipeline.letters.letters.size, pipeline.board.ledger.total.late);
  }
});

Deno.test("flusher goes on at the bound of letters: what waits is read when they are durable", async () => {
  const log = new MemoryLog(1);
  for (let batch = 0; batch < 30; batch++) log.append(0, Array.from({ length: 20 }, () => "not JSON"), SCRIPT_START_MS);
  await using pipeline = await MemoryPipeline.start({
    log,
    limits: { panes: 4_096, letterBytes: 5_000, valueBytes: 1 << 20 },
  });
  await pipeline.time.advance(QUIET_MS);
  assert.deepStrictEqual([pipeline.letters.letters.size, pipeline.board.ledger.total.invalid], [600, 600]);
});

Deno.test("flusher makes final at most 64 panes at a time in a catch-up, and all of them without waiting for a tick", async () => {
  const log = new MemoryLog(1), events: StandingEvent[] = [];
  for (let batch = 0; batch < 500; batch++) {
    const atMs = SCRIPT_START_MS + batch * 5_000;
    events.push(...appendEvents(log, 0, { events: [eventAt(atMs)], timestampMs: atMs }));
  }
  await using pipeline = await MemoryPipeline.start({ log });
  await pipeline.time.advance(2_500);
  const panes = pipeline.store.writes.map((points) =>
    points.filter((point) => point.measurement === "transactions_total" && isFinal(point)).length
  );
  assert.ok(panes.every((count) => count <= 64), `${panes}`);
  assert.ok(panes.reduce((sum, count) => sum + count, 0) >= 490, `${panes}`);
  await pipeline.time.advance(QUIET_MS);
  assertExact(writtenBy(pipeline, events));
});

Deno.test("flusher: a point that the store refuses holds nothing up", async () => {
  const log = new MemoryLog(2);
  const events = appendScript(log, { seed: 120 });
  await using pipeline = await MemoryPipeline.start({ log });
  const refused = new Set<string>();
  pipeline.store.refusal = (point) => {
    if (!isOurs(point) || point.timeMs % 25_000 !== 0) return undefined;
    refused.add(nameOf(point));
    return "field type conflict";
  };
  await pipeline.time.advance(QUIET_MS);
  assert.ok(refused.size > 0);
  assert.ok(assertTrue(writtenBy(pipeline, events)).length > 100);
  assert.deepStrictEqual(log.ends.map((_, partition) => log.commits.get(partition)?.position), log.ends);
});

Deno.test("flusher starts no write while the group may have given the partitions away", async () => {
  const log = new MemoryLog(1);
  const events = appendScript(log, { seed: 130 });
  await using pipeline = await MemoryPipeline.start({ log });
  pipeline.source.leaseMs = 3_000; // Just the store's time-out.
  await pipeline.time.advance(20_000);
  assert.deepStrictEqual(pipeline.store.writes, []);
  pipeline.source.leaseMs = 3_001;
  await pipeline.time.advance(QUIET_MS);
  assertExact(writtenBy(pipeline, events));
});

Deno.test("flusher writes a partition's progress at most once a second, and commits nothing new when nothing has changed", async () => {
  const log = new MemoryLog(2);
  appendScript(log, { seed: 140 });
  await using pipeline = await MemoryPipeline.start({ log });
  await pipeline.time.advance(QUIET_MS);
  const commits: number[] = [];
  pipeline.source.onCommit = (all) => void commits.push(all.length);
  const before = pipeline.store.writes.length;
  await pipeline.time.advance(10_000);
  const written = pipeline.store.writes.slice(before).flat();
  assert.deepStrictEqual([written.filter(isOurs), commits], [[], []]);
  assert.ok(written.length <= 2 * 10, `${written.length}`);
  assert.deepStrictEqual(
    written.slice(0, 2).map(({ tags, fields }) => [tags["partition"], fields["lag"], fields["position"]]),
    [
      ["0", 0, log.ends[0]],
      ["1", 0, log.ends[1]],
    ],
  );
});

Deno.test("flusher: killed at any moment and started again, the store ends exact and no final point ever changes", async () => {
  for (const seed of [1, 2, 3, 4, 5, 6]) {
    const log = new MemoryLog(3), store = new MemoryStore(), letters = new MemoryLetters();
    const events: StandingEvent[] = [], finals = new Map<string, string>(), changed: string[] = [];
    store.onWrite = (points) => {
      for (const point of points.filter(isOurs)) {
        const before = finals.get(nameOf(point)), now = JSON.stringify(point.fields);
        if (before !== undefined && before !== now) changed.push(`${nameOf(point)}, final ${isFinal(point)}`);
        if (isFinal(point)) finals.set(nameOf(point), now);
      }
    };
    for (let life = 0; life < 5; life++) {
      const pipeline = await MemoryPipeline.start({ log, store, letters, fetchBytes: 2_000, creditBytes: 2_000 });
      events.push(
        ...appendScript(log, { seed: seed * 10 + life, batches: 10, startMs: SCRIPT_START_MS + life * 100_000 }),
      );
      await pipeline.time.advance(500 + seed * 397 + life * 311);
      // What is written from here on is never committed.
      pipeline.source.failCommits = { count: 1e6, afterwards: false };
      events.push(
        ...appendScript(log, {
          seed: seed * 10 + 7 + life,
          batches: 5,
          startMs: SCRIPT_START_MS + life * 100_000 + 70_000,
        }),
      );
      await pipeline.time.advance(1_100);
      await pipeline.kill();
    }
    await using last = await MemoryPipeline.start({ log, store, letters });
    await last.time.advance(QUIET_MS);
    assert.deepStrictEqual(changed.slice(0, 3), [], `seed ${seed}`);
    assertExact({ store, letters, events, message: `seed ${seed}` });
  }
});

Deno.test("flusher: what was written final but not committed is not made provisional by the successor that reads it again", async () => {
  const log = new MemoryLog(1), events: StandingEvent[] = [];
  for (let batch = 0; batch < 60; batch++) {
    const atMs = SCRIPT_START_MS + batch * 5_000;
    events.push(...appendEvents(log, 0, { events: [eventAt(atMs)], timestampMs: atMs }));
  }
  const first = await MemoryPipeline.start({ log });
  // A claim moves no position; what would is refused from the first time on.
  first.source.onCommit = (commits) => {
    if (commits.some(({ position }) => position > 0)) first.source.failCommits = { count: 1e6, afterwards: false };
  };
  await first.time.advance(1_500);
  await first.kill();
  const { store, letters } = first;
  const finals = new Map(
    [...store.points.values()].filter((point) => isOurs(point) && isFinal(point)).map((
      point,
    ) => [nameOf(point), JSON.stringify(point.fields)]),
  );
  assert.ok(finals.size > 50);
  const changed: string[] = [];
  store.onWrite = (points) => {
    changed.push(
      ...points.filter((point) =>
        (finals.get(nameOf(point)) ?? JSON.stringify(point.fields)) !== JSON.stringify(point.fields)
      ).map(nameOf),
    );
  };
  await using second = await MemoryPipeline.start({ log, store, letters, fetchBytes: 1, fetchesLeft: 20 });
  await second.time.advance(10_000);
  second.source.fetchesLeft = Infinity;
  await second.time.advance(QUIET_MS);
  assert.deepStrictEqual(changed, []);
  assertExact({ store, letters, events });
});

Deno.test("flusher: what the clock closed stays closed over a restart: an event for it is late, and no point changes", async () => {
  const log = new MemoryLog(1), atMs = SCRIPT_START_MS;
  const events = [...appendEvents(log, 0, { events: [eventAt(atMs)], timestampMs: atMs })];
  const first = await MemoryPipeline.start({ log });
  await first.time.advance(100_000);
  await first.drain();
  await first.kill();
  const { store, letters } = first;
  await using second = await MemoryPipeline.start({ log, store, letters });
  await second.time.advance(10_000);
  events.push(...appendEvents(log, 0, { events: [eventAt(atMs + 20_000)], timestampMs: atMs + 100_000 }));
  await second.time.advance(QUIET_MS);
  assert.deepStrictEqual([...letters.letters.values()].map(({ reason, offset }) => [reason, offset]), [["late", 1]]);
  assertExact({ store, letters, events });
});

Deno.test("flusher: a longer lateness after a restart leaves every final point true", async () => {
  for (const latenessMs of [0, 90_000]) {
    const log = new MemoryLog(2);
    const events = [...appendScript(log, { seed: 150 })];
    const first = await MemoryPipeline.start({ log });
    await first.time.advance(4_000);
    await first.drain();
    await first[Symbol.asyncDispose]();
    const { store, letters } = first;
    events.push(...appendScript(log, { seed: 151, startMs: SCRIPT_START_MS + 600_000, batches: 100 }));
    await using second = await MemoryPipeline.start({ log, store, letters, shape: { latenessMs } });
    await second.time.advance(QUIET_MS);
    assert.ok(assertTrue({ store, letters, events }).length > 100);
    assert.ok(second.board.totals.uncovered > 0);
  }
});
