import assert from "node:assert/strict";
import { seeded, seedOfRun } from "./seeded.ts";
import { type FetchState, type LaneFetch, planFetch } from "../../src/stream/lane_plan.ts";

const LIMITS = { creditBytes: 1_000, fetchBytes: 200, maxWaitMs: 50 };

/** A partition at its end with all its credit, but for what a test says. */
function partition(id: number, change: Partial<FetchState> = {}): FetchState {
  return {
    partition: id,
    fetchOffset: 10,
    endOffset: 10,
    stopAt: Infinity,
    inFlightBytes: 0,
    isPaused: false,
    askedAtMs: -Infinity,
    ...change,
  };
}

const NOW_MS = 7_000;
const at = (turn: number) => ({ turn, nowMs: NOW_MS });
const BUSY = { endOffset: 99 };
const fetched = (plan: LaneFetch | undefined) => plan?.wants.map((want) => want.partition);

Deno.test("planFetch() asks each partition for its next offset, at most the bytes of one fetch", () => {
  assert.deepStrictEqual(planFetch([partition(4, { ...BUSY, fetchOffset: 17 })], LIMITS, at(0)), {
    wants: [{ partition: 4, offset: 17, maxBytes: 200 }],
    maxWaitMs: 0,
  });
});

Deno.test("planFetch() fetches under the credit, not at it", () => {
  assert.deepStrictEqual(fetched(planFetch([partition(0, { ...BUSY, inFlightBytes: 999 })], LIMITS, at(0))), [0]);
  assert.strictEqual(planFetch([partition(0, { ...BUSY, inFlightBytes: 1_000 })], LIMITS, at(0)), undefined);
});

Deno.test("planFetch() leaves out partitions that are paused or at the offset to stop at", () => {
  const partitions = [
    partition(0, { ...BUSY, isPaused: true }),
    partition(1, { ...BUSY, stopAt: 10 }),
    partition(2, { ...BUSY, stopAt: 11 }),
  ];
  assert.deepStrictEqual(fetched(planFetch(partitions, LIMITS, at(0))), [2]);
});

Deno.test("planFetch() with nothing to fetch plans nothing", () => {
  for (const partitions of [[], [partition(0, { isPaused: true })], [partition(0, { stopAt: 5 })]]) {
    assert.strictEqual(planFetch(partitions, LIMITS, at(3)), undefined);
  }
});

Deno.test("planFetch() waits for news only when all that may be read is read", () => {
  assert.strictEqual(planFetch([partition(0), partition(1)], LIMITS, at(0))?.maxWaitMs, 50);
  assert.strictEqual(planFetch([partition(0), partition(1, BUSY)], LIMITS, at(0))?.maxWaitMs, 0);
  // What a paused partition has left may not be read, so it is no reason to hurry.
  assert.strictEqual(
    planFetch([partition(0), partition(1, { ...BUSY, isPaused: true })], LIMITS, at(0))?.maxWaitMs,
    50,
  );
});

Deno.test("planFetch() asks idle partitions alone, while a busy one waits for credit, only as often as news is waited for", () => {
  const full = partition(1, { ...BUSY, inFlightBytes: 1_000 });
  const [fresh, stale] = [partition(0, { askedAtMs: NOW_MS - 49 }), partition(3, { askedAtMs: NOW_MS - 50 })];
  assert.strictEqual(planFetch([fresh, full], LIMITS, at(0)), undefined);
  assert.deepStrictEqual(planFetch([fresh, full, stale], LIMITS, at(0)), {
    wants: [{ partition: 3, offset: 10, maxBytes: 200 }],
    maxWaitMs: 0,
  });
  assert.deepStrictEqual(fetched(planFetch([fresh, full, partition(2, BUSY)], LIMITS, at(0))), [0, 2]);
});

Deno.test("planFetch() gives each partition the first place equally often", () => {
  const partitions = [0, 1, 2].map((id) => partition(id, BUSY));
  const firsts = Array.from({ length: 9 }, (_, turn) => fetched(planFetch(partitions, LIMITS, at(turn)))?.[0]);
  assert.deepStrictEqual(firsts, [0, 1, 2, 0, 1, 2, 0, 1, 2]);
  assert.deepStrictEqual(fetched(planFetch(partitions, LIMITS, at(1))), [1, 2, 0]);
});

Deno.test("planFetch() holds its laws over random lanes", () => {
  const seed = seedOfRun();
  console.log("seed", seed);
  const random = seeded(seed);
  const below = (limit: number) => Math.floor(random() * limit);
  for (let round = 0; round < 2_000; round++) {
    const partitions = Array.from({ length: below(6) }, (_, id) =>
      partition(id, {
        endOffset: 9 + below(3),
        stopAt: random() < 0.3 ? 9 + below(3) : Infinity,
        inFlightBytes: 998 + below(4),
        isPaused: random() < 0.3,
        askedAtMs: NOW_MS - 49 - below(2),
      }));
    const plan = planFetch(partitions, LIMITS, at(below(100)));
    const mayRead = partitions.filter((one) => !one.isPaused && one.fetchOffset < one.stopAt);
    const free = mayRead.filter((one) => one.inFlightBytes < 1_000);
    const left = mayRead.filter((one) => one.fetchOffset < one.endOffset);
    const isStuck = left.length > 0 && !left.some((one) => free.includes(one));
    const asked = isStuck ? free.filter((one) => NOW_MS - one.askedAtMs >= 50) : free;
    assert.deepStrictEqual(
      plan === undefined ? "waits" : [fetched(plan)?.toSorted(), plan.maxWaitMs],
      asked.length === 0 ? "waits" : [asked.map((one) => one.partition), left.length > 0 ? 0 : 50],
      `seed ${seed}, round ${round}`,
    );
  }
});
