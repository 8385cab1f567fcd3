import assert from "node:assert/strict";
import { seeded } from "../../src/actor/mod.ts";
import type { Point } from "../../src/domain/point.ts";
import { parseFieldMap } from "../../src/domain/field_map.ts";
import { ConfigError } from "../../src/stream/failures.ts";
import { rollUp } from "../../src/stream/roll_up.ts";
import { MemoryPipeline } from "../fakes/memory_pipeline.ts";
import {
  appendEvents,
  appendScript,
  assertExact,
  eventAt,
  SCRIPT_SHAPE,
  SCRIPT_START_MS,
  type StandingEvent,
} from "../fakes/memory_script.ts";
import type { OracleEvent } from "../fakes/naive_oracle.ts";
import { MemoryStore } from "../fakes/memory_store.ts";
import { RepairWorld } from "./repair_world.ts";

const SLIDE_MS = SCRIPT_SHAPE.slideMs, WINDOW_MS = SCRIPT_SHAPE.windowMs;
const SEEDS = 5;

/** A processed topic of random events, some of them late. */
async function scripted(seed: number, partitions = 3) {
  const world = new RepairWorld(partitions);
  const events = appendScript(world.log, { seed });
  await world.process();
  return { world, events };
}

/** The store holds exactly the events but those of the letters that stand. */
function assertLaw(world: RepairWorld, events: readonly StandingEvent[], message: string): void {
  assertExact({ store: world.store, letters: world.standing, events, message });
}

Deno.test("repair() of a range makes the store exact with its late events counted, and touches nothing outside", async () => {
  for (let seed = 1; seed <= SEEDS; seed++) {
    const { world, events } = await scripted(seed), random = seeded(seed);
    const { frontierMs } = await world.group();
    const length = frontierMs - SCRIPT_START_MS;
    const fromMs = SCRIPT_START_MS + random() * length / 2, toMs = fromMs + 1 + random() * length / 3;
    const before = new Map(world.store.points);
    world.store.writes.length = 0;
    const { letters } = await world.backfill({ fromMs, toMs });
    assertLaw(world, events, `seed ${seed}`);
    const firstMs = Math.floor(fromMs / SLIDE_MS) * SLIDE_MS, lastMs = Math.ceil(toMs / SLIDE_MS) * SLIDE_MS;
    const outside = [...world.store.points].filter(([name, point]) => {
      const isPane = point.measurement === "transactions_total";
      const isInside = isPane
        ? point.timeMs >= firstMs && point.timeMs < lastMs
        : point.timeMs > firstMs && point.timeMs <= lastMs + WINDOW_MS;
      return !isInside && before.get(name) !== point && JSON.stringify(before.get(name)) !== JSON.stringify(point);
    });
    assert.deepEqual(outside, [], `seed ${seed}`);
    const late = events.filter(({ partition, offset, event }) =>
      world.deadLetters.letters.has(`transactions ${partition} ${offset}`) &&
      event.occurredAtMs >= firstMs && event.occurredAtMs < lastMs
    );
    assert.deepEqual(
      letters.chosen.map(({ partition, offset }) => `${partition} ${offset}`).sort(),
      late.map(({ partition, offset }) => `${partition} ${offset}`).sort(),
      `seed ${seed}`,
    );
  }
});

/** So patient that no event of a script is late. */
const PATIENT_MS = 3_600_000;

Deno.test("repair() writes to the bit what a run would have written for which the late events were not late", async () => {
  for (let seed = 1; seed <= SEEDS; seed++) {
    const { world } = await scripted(seed), patient = new RepairWorld(3);
    appendScript(patient.log, { seed });
    await patient.process(PATIENT_MS);
    const toMs = (await world.group()).frontierMs - WINDOW_MS + SLIDE_MS;
    await world.backfill({ fromMs: SCRIPT_START_MS - PATIENT_MS, toMs: Infinity });
    assert.ok(world.amendments.records.size > 0, `seed ${seed}`);
    assert.deepEqual(upTo(toMs, world.store), upTo(toMs, patient.store), `seed ${seed}`);
  }
});

/** Points by name: panes that start before, windows that end by a time. */
function upTo(toMs: number, { points }: MemoryStore): ReadonlyMap<string, Point> {
  const isIn = ({ measurement, timeMs }: Point) =>
    measurement === "transactions_total" ? timeMs < toMs : timeMs <= toMs;
  return new Map([...points].filter(([, point]) => isIn(point)).sort(([a], [b]) => a < b ? -1 : 1));
}

Deno.test("repair() writes the bits that are there where nothing was late", async () => {
  for (let seed = 1; seed <= SEEDS; seed++) {
    const world = new RepairWorld(3);
    appendScript(world.log, { seed });
    await world.process(PATIENT_MS);
    const before = new Map(world.store.points);
    const { points, refused, letters } = await world.backfill({ fromMs: SCRIPT_START_MS - PATIENT_MS, toMs: Infinity });
    assert.ok(points > before.size / 2, `${points} of ${before.size}`);
    assert.deepEqual([refused, letters.chosen, new Map(world.store.points)], [0, [], before], `seed ${seed}`);
  }
});

function lateEvents(times: readonly number[]): readonly OracleEvent[] {
  return times.map((occurredAtMs, index) => eventAt(occurredAtMs, { amount: 2 ** index }));
}

Deno.test("repair() puts back the event at the start of the range and the one before its end, not their neighbours", async () => {
  const world = new RepairWorld(1), fromMs = SCRIPT_START_MS + 120_000, toMs = fromMs + 30_000;
  const regular = Array.from({ length: 600 }, (_, index) => eventAt(SCRIPT_START_MS + index * 1_000));
  const events = [...appendEvents(world.log, 0, { events: regular, timestampMs: SCRIPT_START_MS + 600_000 })];
  const edges = lateEvents([fromMs - 1, fromMs, toMs - 1, toMs]);
  events.push(...appendEvents(world.log, 0, { events: edges, timestampMs: SCRIPT_START_MS + 600_000 }));
  await world.process();
  const { letters } = await world.backfill({ fromMs, toMs });
  assert.deepEqual(letters.chosen.map(({ offset }) => offset), [601, 602]);
  assertLaw(world, events, "edges");
  const sums = new Map(world.store.of("transactions_avg").map(({ timeMs, fields }) => [timeMs, fields["amount_sum"]]));
  // Windows of 60 events: the first with the amount 2 ends a slide into the range, the last with 4 a window after it.
  assert.deepEqual(
    [fromMs, fromMs + SLIDE_MS, fromMs + WINDOW_MS, toMs, toMs + WINDOW_MS - SLIDE_MS, toMs + WINDOW_MS].map((ms) =>
      sums.get(ms)
    ),
    [60, 62, 66, 66, 64, 60],
  );
});

Deno.test("repair() waits with letters until every window that holds them is final, and writes nothing after the frontier", async () => {
  const world = new RepairWorld(1), endMs = SCRIPT_START_MS + 600_000;
  const regular = Array.from({ length: 600 }, (_, index) => eventAt(SCRIPT_START_MS + index * 1_000));
  const events = [...appendEvents(world.log, 0, { events: regular, timestampMs: endMs })];
  const dueMs = endMs - WINDOW_MS;
  events.push(
    ...appendEvents(world.log, 0, { events: lateEvents([dueMs + SLIDE_MS - 1, dueMs + SLIDE_MS]), timestampMs: endMs }),
  );
  await world.process();
  world.store.writes.length = 0;
  const { group, letters } = await world.replay("late");
  assert.deepEqual([group.frontierMs, letters.chosen.length, letters.waiting], [endMs, 1, 1]);
  const ends = world.store.writes.flat().map(({ measurement, timeMs }) =>
    measurement === "transactions_total" ? timeMs + SLIDE_MS : timeMs
  );
  assert.equal(Math.max(...ends), endMs);
  assertLaw(world, events, "waiting");
  await assert.rejects(world.backfill({ fromMs: dueMs + SLIDE_MS, toMs: endMs }), ConfigError);
  await world.backfill({ fromMs: dueMs + SLIDE_MS - 1, toMs: endMs });
});

Deno.test("repair() refuses what the log may no longer hold, to the pane", async () => {
  const world = new RepairWorld(1);
  for (let batch = 0; batch < 60; batch++) {
    const startMs = SCRIPT_START_MS + batch * 10_000;
    const events = Array.from({ length: 10 }, (_, index) => eventAt(startMs + index * 1_000));
    appendEvents(world.log, 0, { events, timestampMs: startMs + 10_000 });
  }
  await world.process();
  world.log.deleteBefore(0, 100);
  // The first batch left came at +110 s; what is gone may have been 300 s ahead of it: events from +410.001 s on are there.
  const coveredMs = SCRIPT_START_MS + 110_000 + 300_000 + 1;
  assert.equal((await world.group()).coveredFromMs, coveredMs);
  const neededMs = WINDOW_MS + SCRIPT_SHAPE.zeroFillMs - SLIDE_MS;
  const firstMs = Math.ceil((coveredMs + neededMs) / SLIDE_MS) * SLIDE_MS;
  const toMs = firstMs + SLIDE_MS;
  const before = new Map(world.store.points);
  await assert.rejects(
    world.backfill({ fromMs: firstMs - 1, toMs }),
    (error) => error instanceof ConfigError && error.message.includes(new Date(firstMs).toISOString()),
  );
  await world.backfill({ fromMs: firstMs, toMs });
  assert.deepEqual(new Map(world.store.points), before);
});

Deno.test("repair() of letters counts each once: a second run changes nothing", async () => {
  for (let seed = 1; seed <= SEEDS; seed++) {
    const { world, events } = await scripted(seed);
    const { letters } = await world.replay("late");
    assert.ok(letters.chosen.length > 0, `seed ${seed}`);
    assertLaw(world, events, `seed ${seed}`);
    const points = new Map(world.store.points), amended = await world.amendments.counts();
    const again = await world.replay("late");
    assert.deepEqual([again.points, again.letters.chosen.length], [0, 0]);
    assert.deepEqual([new Map(world.store.points), await world.amendments.counts()], [points, amended]);
    assert.equal([...amended.values()].reduce((sum, count) => sum + count, 0), letters.chosen.length);
  }
});

Deno.test("repair() that is killed before or after any write, or before it names its letters, leaves nothing that another run does not mend", async () => {
  class Killed extends Error {
    override readonly name = "Killed";
  }
  const { world: whole } = await scripted(5);
  whole.store.writes.length = 0;
  await whole.replay("late");
  const writes = whole.store.writes.length;
  for (let survived = 0; survived <= writes; survived++) {
    const { world, events } = await scripted(5);
    let left = survived;
    world.store.onWrite = () => {
      if (left-- === 0) throw new Killed();
    };
    world.amendments.onAdd = () => {
      throw new Killed();
    };
    await assert.rejects(world.replay("late"), Killed);
    assert.equal(world.amendments.records.size, 0);
    world.store.onWrite = () => {};
    world.amendments.onAdd = () => {};
    await world.replay("late");
    assertLaw(world, events, `after ${survived} writes`);
    assert.deepEqual(new Map(world.store.points), new Map(whole.store.points));
    assert.deepEqual(await world.amendments.counts(), await whole.amendments.counts());
  }
});

Deno.test("repair() in parts that fit into memory writes what it writes at once, and refuses when one pane does not fit", async () => {
  const { world: whole } = await scripted(7);
  await whole.replay("late");
  const { world, events } = await scripted(7);
  world.maxPanes = 400;
  const { records } = await world.replay("late");
  assert.ok(records > events.length, "the log was read more than once");
  assert.deepEqual(new Map(world.store.points), new Map(whole.store.points));
  // Of one pane's windows every pane is needed, from one window and zero fill before to as much after.
  const onePane = { fromMs: SCRIPT_START_MS + 200_000, toMs: SCRIPT_START_MS + 200_000 + SLIDE_MS };
  world.maxPanes = 20;
  await assert.rejects(world.backfill(onePane), /--max-panes/);
});

Deno.test("repair() beside a running processor and the processor write no point of each other's", async () => {
  for (let seed = 1; seed <= SEEDS; seed++) {
    const world = new RepairWorld(3);
    const events = [...appendScript(world.log, { seed, batches: 40 })];
    await using pipeline = await MemoryPipeline.start({
      log: world.log,
      store: world.store,
      letters: world.deadLetters,
    });
    await pipeline.time.advance(20_000);
    await world.replay("late");
    const repaired = new Map([...world.store.points].filter(([, { fields }]) => fields["final"]));
    const startMs = SCRIPT_START_MS + 600_000;
    events.push(...appendScript(world.log, { seed: seed + 1_000, batches: 40, startMs }));
    await pipeline.time.advance(20_000);
    await world.replay("late");
    await pipeline.time.advance(200_000);
    await pipeline.drain();
    assertLaw(world, events, `seed ${seed}`);
    const changed = [...repaired].filter(([name, point]) => {
      const now = world.store.points.get(name)?.fields["transaction_count"];
      return Number(now) < Number(point.fields["transaction_count"]);
    });
    assert.deepEqual(changed, [], `seed ${seed}`);
    assert.ok(world.amendments.records.size > 0);
  }
});

Deno.test("repair() rolls up again the hours and days of what it has written, and only those that have ended", async () => {
  const world = new RepairWorld(1), hourMs = 3_600_000, startMs = Math.ceil(SCRIPT_START_MS / hourMs) * hourMs;
  const regular = Array.from({ length: 150 }, (_, minute) => eventAt(startMs + minute * 60_000));
  appendEvents(world.log, 0, { events: regular, timestampMs: startMs + 150 * 60_000 });
  const late = [startMs + 90 * 60_000, startMs + 125 * 60_000].map((occurredAtMs) => eventAt(occurredAtMs));
  appendEvents(world.log, 0, { events: late, timestampMs: startMs + 150 * 60_000 });
  await world.process();
  const { frontierMs: finalMs } = await world.group();
  await rollUp(world.store, { fromMs: startMs, toMs: finalMs, finalMs });
  const hours = () =>
    world.store.of("transactions_hourly").map(({ timeMs, fields }) => [timeMs, fields["transaction_count"]]);
  assert.deepEqual(hours(), [[startMs, 60], [startMs + hourMs, 60]]);
  await world.replay("late");
  assert.deepEqual(hours(), [[startMs, 60], [startMs + hourMs, 61]]);
  assert.equal(world.amendments.records.size, 2);
});

Deno.test("repair() leaves letters whose windows the log or the store no longer hold, and counts them", async () => {
  const world = new RepairWorld(1), hourMs = 3_600_000, startMs = Math.ceil(SCRIPT_START_MS / hourMs) * hourMs;
  const regular = Array.from({ length: 240 }, (_, minute) => eventAt(startMs + minute * 60_000));
  const events = [...appendEvents(world.log, 0, { events: regular, timestampMs: startMs + 240 * 60_000 })];
  const late = lateEvents([startMs + 2 * hourMs - 1, startMs + 2 * hourMs]);
  events.push(...appendEvents(world.log, 0, { events: late, timestampMs: startMs + 240 * 60_000 }));
  await world.process();
  // The frontier stands in the fourth hour: up to the second one may go at any moment.
  world.retentionMs = 2 * hourMs + 1;
  const { letters } = await world.replay("late");
  assert.deepEqual([letters.uncovered, letters.chosen], [1, [{ partition: 0, offset: 241 }]]);
  assertLaw(world, events, "uncovered");
});

Deno.test("repair() puts back what a mended mapping can read, and leaves what it cannot and what has crashed a task", async () => {
  const world = new RepairWorld(1);
  const regular = Array.from({ length: 600 }, (_, index) => eventAt(SCRIPT_START_MS + index * 1_000));
  appendEvents(world.log, 0, { events: regular, timestampMs: SCRIPT_START_MS + 600_000 });
  const timestamp = new Date(SCRIPT_START_MS + 100_000).toISOString();
  const value = (rest: object) => JSON.stringify({ category: "mended", timestamp, ...rest });
  const values = [value({ amt: 2 }), value({}), "no JSON", null, value({ amt: 3 })];
  world.log.append(0, values, SCRIPT_START_MS + 600_000);
  await world.process();
  const name = "transactions 0 604", poisoned = world.deadLetters.letters.get(name);
  assert.ok(poisoned);
  world.deadLetters.letters.set(name, { ...poisoned, detail: "poison" });
  await assert.rejects(async () => {
    world.fieldMap = parseFieldMap("amount=amt");
    await world.replay("invalid");
  }, /FIELD_MAP/);
  world.continueWith(world.fieldMap);
  const { letters } = await world.replay("invalid");
  assert.deepEqual([letters.chosen, letters.unreadable], [[{ partition: 0, offset: 600 }], 4]);
  const [window] = world.store.of("transactions_avg").filter(({ tags }) => tags["category"] === "mended");
  assert.deepEqual([window?.timeMs, window?.fields["amount_sum"]], [SCRIPT_START_MS + 105_000, 2]);
});

Deno.test("repair() leaves windows the anomaly scores that they were given", async () => {
  const { world } = await scripted(2);
  const [name, window] = [...world.store.points].find(([, { measurement }]) => measurement === "transactions_avg") ??
    [];
  assert.ok(name !== undefined && window !== undefined);
  world.store.points.set(name, { ...window, fields: { ...window.fields, anomaly_score: 4.5 } });
  await world.backfill({ fromMs: SCRIPT_START_MS - PATIENT_MS, toMs: Infinity });
  assert.deepEqual(
    [...world.store.points].filter(([, { fields }]) => "anomaly_score" in fields).map(([key, { fields }]) => [
      key,
      fields["anomaly_score"],
    ]),
    [[name, 4.5]],
  );
});
