import assert from "node:assert/strict";
import { BURST_MS, CATCH_UP, Pacer, type PacerOptions } from "../../src/produce/pacer.ts";
import { SeededRandom } from "../../src/produce/seeded_random.ts";
import { ManualClock } from "../fakes/manual_clock.ts";

/** Records due every `gapMs` from 0 on, all of them let go that the pacer allows now. */
class Feed {
  released = 0;
  readonly #gapMs: number;
  readonly #pacer: Pacer;

  constructor(clock: ManualClock, gapMs: number, options: PacerOptions) {
    this.#gapMs = gapMs;
    this.#pacer = new Pacer(clock, options);
  }

  release(): number {
    const before = this.released;
    while (this.#pacer.waitMs(this.released * this.#gapMs) === 0) this.released++;
    return this.released - before;
  }
}

Deno.test("Pacer.waitMs() names the time to a record's due instant, and that grows less as time goes on", () => {
  const clock = new ManualClock();
  clock.advance(7);
  const pacer = new Pacer(clock, { speed: 2, originMs: 1_000 });
  const waits = [pacer.waitMs(1_000), pacer.waitMs(1_500)];
  clock.advance(249);
  waits.push(pacer.waitMs(1_500));
  clock.advance(1);
  waits.push(pacer.waitMs(1_500));
  assert.deepStrictEqual(waits, [0, 250, 1, 0]);
});

Deno.test("Pacer.waitMs() takes the first event time as origin when none is given", () => {
  const pacer = new Pacer(new ManualClock(), { speed: 1 });
  assert.deepStrictEqual([pacer.waitMs(undefined), pacer.waitMs(5_000), pacer.waitMs(5_010)], [0, 0, 10]);
});

Deno.test("Pacer.waitMs() holds the rate within 1 % over an hour of irregular wake-ups and stalls", () => {
  const clock = new ManualClock();
  const random = new SeededRandom(42, 0);
  const feed = new Feed(clock, 2, { speed: 3 });
  while (clock.elapsedMs() < 3_600_000) {
    clock.advance(random.unit() < 0.0001 ? 4_000 : random.below(9));
    feed.release();
  }
  const due = clock.elapsedMs() * 3 / 2;
  assert.ok(Math.abs(feed.released / due - 1) < 0.01, `seed 42: ${feed.released} of ${due}`);
});

Deno.test("Pacer.waitMs() after a stall lets a bounded burst go, then catches up at twice the speed, then keeps it", () => {
  const clock = new ManualClock();
  const feed = new Feed(clock, 1, { speed: 1 });
  feed.release();
  clock.advance(10_000);
  const burst = feed.release();
  const perSecond: number[] = [];
  for (let second = 0; second < 14; second++) {
    const before = feed.released;
    for (let tick = 0; tick < 100; tick++) {
      clock.advance(10);
      feed.release();
    }
    perSecond.push(feed.released - before);
  }
  assert.ok(burst <= CATCH_UP * BURST_MS + 2, `burst of ${burst}`);
  assert.ok(perSecond.every((count) => count <= 2_001), `per second ${perSecond}`);
  assert.deepStrictEqual([perSecond.slice(-3), feed.released], [[1_000, 1_000, 1_000], 24_001]);
});

Deno.test("Pacer.waitMs() does not take a long gap between records for a stall", () => {
  const clock = new ManualClock();
  const pacer = new Pacer(clock, { speed: 1 });
  pacer.waitMs(0);
  clock.advance(60_000);
  assert.deepStrictEqual([pacer.waitMs(60_000), pacer.waitMs(60_100)], [0, 100]);
});

Deno.test("Pacer.waitMs() sends records without or with an earlier event time along with the one before", () => {
  const clock = new ManualClock();
  const pacer = new Pacer(clock, { speed: 1 });
  const waits = [pacer.waitMs(1_000), pacer.waitMs(500), pacer.waitMs(undefined), pacer.waitMs(1_001)];
  assert.deepStrictEqual(waits, [0, 0, 0, 1]);
});

Deno.test("Pacer.waitMs() never waits at speed Infinity", () => {
  const pacer = new Pacer(new ManualClock(), { speed: Infinity });
  assert.deepStrictEqual([pacer.waitMs(0), pacer.waitMs(9e12)], [0, 0]);
});

Deno.test("Pacer refuses a speed that is not above 0", () => {
  for (const speed of [0, -1, NaN]) assert.throws(() => new Pacer(new ManualClock(), { speed }), RangeError);
});
