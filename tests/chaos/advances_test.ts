import assert from "node:assert/strict";
import { Advances } from "./advances.ts";

function noted(...notes: readonly (readonly [partition: number, position: number, atMs: number])[]): Advances {
  const advances = new Advances();
  for (const [partition, position, atMs] of notes) advances.note(partition, position, atMs);
  return advances;
}

Deno.test("Advances.note() takes only positions that are new, whoever tells them", () => {
  const advances = noted([0, 5, 1], [0, 5, 2], [0, 4, 3], [1, 7, 3]);
  assert.deepStrictEqual([advances.total, advances.busy, advances.firstAfter(0)], [12, [], 1]);
});

Deno.test("Advances.haveAllSince() asks every partition that has advanced before, and no other", () => {
  const advances = noted([0, 1, 1], [0, 2, 10], [1, 1, 2], [1, 2, 8], [2, 1, 3]);
  assert.deepStrictEqual([7, 8, 9].map((atMs) => advances.haveAllSince(atMs)), [true, false, false]);
  assert.strictEqual(new Advances().haveAllSince(0), false);
});

Deno.test("Advances.stallsWithin() is each partition's longest gap that reaches into the stretch", () => {
  const advances = noted([0, 1, 0], [0, 2, 50], [0, 3, 60], [0, 4, 100], [1, 1, 55], [1, 2, 58]);
  assert.deepStrictEqual(advances.stallsWithin({ fromMs: 50, toMs: 120 }), [
    { fromMs: 60, toMs: 100 },
    { fromMs: 55, toMs: 58 },
  ]);
  assert.deepStrictEqual(advances.stallsWithin({ fromMs: 49, toMs: 120 })[0], { fromMs: 0, toMs: 50 });
});
