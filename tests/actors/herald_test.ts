import assert from "node:assert/strict";
import { herald, HERALD_LIMITS } from "../../actors/herald.ts";
import { Board } from "../../actors/live.ts";
import { child, supervisor, system, virtual } from "../../src/actor/mod.ts";
import type { Alarm, Bell } from "../../src/stream/alarm.ts";
import { RetryableError } from "../../src/stream/failures.ts";
import { MemoryStore } from "../fakes/memory_store.ts";
import { seeded } from "../stream/seeded.ts";
import { incidentOf } from "../webhook/incident.ts";
import { STANDING, T0 } from "./flush_news.ts";

const MINUTE_MS = 60_000;

/** Somebody who hears, and answers as told. */
class Ear implements Bell {
  readonly heard: string[] = [];
  answer: () => "taken" | "refused" | "lost" | "busy" = () => "taken";

  ring({ key, event }: Alarm): Promise<"taken" | "refused"> {
    const answer = this.answer();
    if (answer !== "busy") this.heard.push(`${event} ${key}`);
    if (answer === "taken" || answer === "refused") return Promise.resolve(answer);
    return Promise.reject(new RetryableError("Cannot tell an alarm: scripted"));
  }
}

async function world(store: MemoryStore, bell: Bell) {
  const time = virtual({ startMs: T0 }), board = new Board(time.clock), lease = { ms: Infinity };
  const running = system({ clock: time.clock, random: time.random });
  const log = { debug() {}, info() {}, warn() {}, error() {} };
  const args = { log, store, board, bell, storeTimeoutMs: 3_000, leaseRemainingMs: () => lease.ms };
  const started = running.start(supervisor({
    id: "tally",
    plan: { strategy: "one_for_one", intensity: { max: 5, withinMs: 60_000 } },
    children: [child(herald, { id: "herald", args })],
  }));
  await time.advance(0);
  await started;
  board.stand([STANDING]);
  const frontier = (frontierMs: number) =>
    board.take({
      ...{ points: [], pointCount: 0, letterCount: 0, uncovered: 0, overflowed: 0, lines: [] },
      ...{ frontierMs, highMs: frontierMs, partitionCount: 1 },
    });
  frontier(T0 + 60 * MINUTE_MS);
  return {
    time,
    lease,
    frontier,
    /** Incidents are written, and told of. */
    async write(...incidents: ReturnType<typeof incidentOf>[]) {
      await store.write(incidents);
      board.mark(incidents);
      board.publish();
    },
    [Symbol.asyncDispose]: () => running.stop(),
  };
}

const events = ({ heard }: Ear) => heard.map((text) => text.split(" ")[0]);

Deno.test("herald tells of an incident once when it opens and once when it has ended, however often it is written", async () => {
  const store = new MemoryStore(), ear = new Ear();
  await using it = await world(store, ear);
  for (const open of [true, true, false, false]) {
    await it.write(incidentOf({ open }));
    await it.time.advance(2_000);
  }
  assert.deepStrictEqual([events(ear), new Set(ear.heard).size], [["opened", "ended"], 2]);
});

Deno.test("herald tells again what was not taken, later and later, in order, and goes on", async () => {
  const store = new MemoryStore(), ear = new Ear(), asked: number[] = [];
  await using it = await world(store, ear);
  ear.answer = () => {
    asked.push(it.time.clock.elapsedMs());
    return asked.length < 6 ? "busy" : "taken";
  };
  await it.write(incidentOf({ open: false }), incidentOf({ open: true, minute: 20 }));
  await it.time.advance(120_000);
  assert.deepStrictEqual(events(ear), ["opened", "ended", "opened"]);
  const waits = asked.slice(1, 6).map((ms, index) => ms - (asked[index] ?? 0));
  assert.ok(waits.every((ms, index) => ms >= 1_000 * 2 ** index && ms <= 1_000 * 2 ** index + 1_100), waits.join());
});

Deno.test("herald does not tell again what was refused for good", async () => {
  const store = new MemoryStore(), ear = new Ear();
  ear.answer = () => "refused";
  await using it = await world(store, ear);
  await it.write(incidentOf({ open: true }));
  await it.time.advance(180_000);
  assert.deepStrictEqual(events(ear), ["opened"]);
});

Deno.test("herald that is killed anywhere loses no alarm, and what it tells twice has the same key (seeds 1 to 30)", async () => {
  const expected = ["opened", "ended"].map((event) => `${event} ${incidentOf({ open: true }).fields["id"]}.${event}`);
  for (let seed = 1; seed <= 30; seed++) {
    const store = new MemoryStore(), ear = new Ear(), random = seeded(seed);
    ear.answer = () => random() < 0.4 ? "taken" : random() < 0.5 ? "lost" : "busy";
    for (const open of [true, true, false, false]) {
      await using it = await world(store, ear);
      await it.write(incidentOf({ open }));
      store.failWrites = { count: random() < 0.5 ? 1 : 0, afterwards: random() < 0.5 };
      await it.time.advance(Math.floor(random() * 5_000));
      store.failWrites = { count: 0, afterwards: false };
    }
    ear.answer = () => "taken";
    await using it = await world(store, ear);
    await it.time.advance(2_000);
    assert.deepStrictEqual([...new Set(ear.heard)], expected, `seed ${seed}`);
    const told = ear.heard.length;
    await it.time.advance(300_000);
    assert.strictEqual(ear.heard.length, told, `seed ${seed}`);
  }
});

Deno.test("herald tells nothing while somebody else may own the category", async () => {
  const store = new MemoryStore(), ear = new Ear();
  await using it = await world(store, ear);
  it.lease.ms = 3_000;
  await it.write(incidentOf({ open: true }));
  await it.time.advance(5_000);
  assert.deepStrictEqual(events(ear), []);
  it.lease.ms = 3_001;
  await it.time.advance(20_000);
  assert.deepStrictEqual(events(ear), ["opened"]);
});

Deno.test("herald tells of the incidents of the last day and of none before, however many there are", async () => {
  const store = new MemoryStore(), ear = new Ear(), { perLook, maxAgeMs } = HERALD_LIMITS;
  await using it = await world(store, ear);
  it.frontier(T0 + maxAgeMs + MINUTE_MS);
  const many = Array.from({ length: 2 * perLook + 2 }, (_, minute) => incidentOf({ open: true, minute }));
  await it.write(...many);
  await it.time.advance(10_000);
  assert.deepStrictEqual(ear.heard, many.slice(1).map(({ fields }) => `opened ${fields["id"]}.opened`));
});
