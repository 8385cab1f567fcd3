import assert from "node:assert/strict";
import { type PartitionStanding, Progress } from "../../src/stream/progress.ts";

const LIMIT_MS = 30_000;

function standing(partition: number, change: Partial<PartitionStanding> = {}): PartitionStanding {
  return { partition, next: 5, end: 10, watermarkMs: 1_000 + partition, isPaused: false, ...change };
}

Deno.test("Progress.problems(): a partition with lag may stand still for 30 s, not a millisecond longer", () => {
  const progress = new Progress(0);
  progress.stand([standing(3)], 1_000);
  progress.stand([standing(3)], 20_000);
  assert.deepStrictEqual(progress.problems(1_000 + LIMIT_MS), []);
  assert.deepStrictEqual(progress.problems(1_001 + LIMIT_MS), ["partition 3 has stood at offset 5 of 10 for 30 s"]);
});

Deno.test("Progress.problems(): one offset forward, or the end, starts the time anew", () => {
  for (const moved of [{ next: 6 }, { next: 10 }]) {
    const progress = new Progress(0);
    progress.stand([standing(0)], 0);
    progress.stand([standing(0, moved)], 20_000);
    progress.acknowledged({ frontierMs: 1 }, 20_000 + LIMIT_MS);
    assert.deepStrictEqual(progress.problems(20_000 + LIMIT_MS), []);
  }
});

Deno.test("Progress.problems(): a partition at its end is well for ever, and has 30 s from when more comes", () => {
  const progress = new Progress(0);
  progress.stand([standing(0, { next: 10 })], 0);
  progress.acknowledged({ frontierMs: 1 }, 1e9);
  assert.deepStrictEqual(progress.problems(1e9), []);
  progress.stand([standing(0, { next: 10 })], 1e9);
  progress.stand([standing(0, { next: 10, end: 11 })], 1e9 + 1);
  assert.deepStrictEqual(progress.problems(1e9 + LIMIT_MS), []);
  progress.acknowledged({ frontierMs: 1 }, 1e9 + LIMIT_MS);
  assert.strictEqual(progress.problems(1e9 + 2 + LIMIT_MS).length, 1);
});

Deno.test("Progress.problems(): a paused partition is well while the frontier moves, and names who holds it when it does not", () => {
  const paused = [
    standing(0, { isPaused: true, watermarkMs: 9_000 }),
    standing(1, { next: 10 }),
    standing(2, { next: 10, watermarkMs: 1_001 }),
  ];
  const progress = new Progress(0);
  progress.stand(paused, 0);
  progress.acknowledged({ frontierMs: 100 }, 40_000);
  progress.stand(paused, 40_000);
  assert.deepStrictEqual(progress.problems(40_000 + LIMIT_MS), []);
  progress.acknowledged({ frontierMs: 100 }, 60_000); // Durable again, but it has not moved.
  assert.deepStrictEqual(progress.problems(40_001 + LIMIT_MS), [
    "partition 0 is paused and waits for the frontier, which has not moved for 30 s; held by partition 1, 2",
  ]);
});

Deno.test("Progress.problems(): a store that does not acknowledge is a problem after the bound, with its reason, until it does", () => {
  const progress = new Progress(0);
  progress.stand([standing(0, { next: 10 })], 0);
  progress.acknowledged({ frontierMs: 1 }, 5_000);
  progress.putOff("Cannot write: connection refused");
  assert.deepStrictEqual(progress.problems(5_000 + LIMIT_MS), []);
  assert.deepStrictEqual(progress.problems(5_001 + LIMIT_MS), [
    "nothing was acknowledged for 30 s: Cannot write: connection refused",
  ]);
  progress.acknowledged({ frontierMs: 1 }, 50_000);
  assert.deepStrictEqual(progress.problems(50_000 + LIMIT_MS), []);
});

Deno.test("Progress.problems(): a flush that neither ends nor fails is a problem too, but not while there is nothing to flush", () => {
  const progress = new Progress(0);
  assert.deepStrictEqual(progress.problems(1e9), []);
  progress.stand([standing(0, { next: 10 })], 1_000);
  progress.acknowledged({ frontierMs: 1 }, 5_000);
  assert.deepStrictEqual(progress.problems(5_000 + LIMIT_MS), []);
  assert.strictEqual(progress.problems(5_001 + LIMIT_MS).length, 1);
});

Deno.test("Progress takes its bounds from its options", () => {
  const progress = new Progress(0, { stalledMs: 10, unacknowledgedMs: 20 });
  progress.stand([standing(0)], 0);
  progress.putOff("x");
  assert.deepStrictEqual([10, 11, 20, 21].map((nowMs) => progress.problems(nowMs).length), [0, 1, 1, 2]);
});

Deno.test("Progress.stand() forgets partitions that are no longer ours, and their standing still", () => {
  const progress = new Progress(0);
  progress.stand([standing(0), standing(1)], 0);
  progress.stand([standing(1, { next: 6 })], 29_000);
  assert.deepStrictEqual(progress.partitions.map(({ partition }) => partition), [1]);
  assert.deepStrictEqual(progress.problems(40_000), []);
  progress.stand([standing(1, { next: 7 }), standing(0)], 50_000);
  assert.deepStrictEqual(progress.problems(50_000 + LIMIT_MS), []);
});

Deno.test("Progress.holders() are all partitions with the lowest watermark, in order", () => {
  const progress = new Progress(0);
  progress.stand(
    [standing(7, { watermarkMs: 5 }), standing(2, { watermarkMs: 5 }), standing(0, { watermarkMs: 6 })],
    0,
  );
  assert.deepStrictEqual(progress.holders(), [2, 7]);
  assert.deepStrictEqual(progress.partitions.map(({ partition }) => partition), [0, 2, 7]);
});

Deno.test("Progress.problems() names the partition of another process that has kept the frontier back for too long", () => {
  const progress = new Progress(0);
  progress.stand([standing(0, { next: 10 })], 0);
  progress.acknowledged({ frontierMs: 5, heldBy: 7 }, 1_000);
  progress.acknowledged({ frontierMs: 5, heldBy: 7 }, 1_000 + LIMIT_MS);
  assert.deepStrictEqual(progress.problems(1_000 + LIMIT_MS), []);
  assert.match(progress.problems(1_001 + LIMIT_MS).join(), /nothing was made final for .*: partition 7, which another/);
  progress.acknowledged({ frontierMs: 6, heldBy: 7 }, 1_001 + LIMIT_MS);
  assert.deepStrictEqual(progress.problems(1_001 + LIMIT_MS), []);
  progress.acknowledged({ frontierMs: 6 }, 2_000 + LIMIT_MS);
  progress.acknowledged({ frontierMs: 6, heldBy: 7 }, 3_000 + LIMIT_MS);
  assert.deepStrictEqual(progress.problems(3_000 + LIMIT_MS), []);
});

Deno.test("Progress.problems() says why one process has all partitions, also where there is none", () => {
  const progress = new Progress(0);
  progress.shared("the topic is not keyed");
  assert.deepStrictEqual(progress.problems(0), ["the topic is not keyed"]);
  progress.shared(undefined);
  assert.deepStrictEqual(progress.problems(0), []);
});
