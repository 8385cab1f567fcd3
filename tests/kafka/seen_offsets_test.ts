import assert from "node:assert/strict";
import { SeenOffsets } from "../../src/kafka/seen_offsets.ts";

Deno.test("SeenOffsets.isNew() is true once for each topic, partition and offset", () => {
  const seen = new SeenOffsets({ capacity: 10 });
  const names = [["t", 0, 1], ["t", 0, 2], ["t", 1, 1], ["u", 0, 1], ["t", 0, 1], ["u", 0, 1]] as const;
  assert.deepEqual(names.map(([topic, partition, offset]) => seen.isNew(topic, partition, offset)), [
    true,
    true,
    true,
    true,
    false,
    false,
  ]);
});

Deno.test("SeenOffsets.isNew() remembers capacity offsets of a partition, and forgets the oldest beyond", () => {
  const seen = new SeenOffsets({ capacity: 3 });
  for (const offset of [1, 2, 3]) seen.isNew("t", 0, offset);
  assert.equal(seen.isNew("t", 0, 1), false, "three are remembered");
  seen.isNew("t", 0, 4);
  assert.deepEqual([2, 3, 4].map((offset) => seen.isNew("t", 0, offset)), [false, false, false]);
  assert.equal(seen.isNew("t", 0, 1), true, "a fourth displaced the first");
});

Deno.test("SeenOffsets refuses a capacity below 1", () => {
  for (const capacity of [0, -1, NaN]) assert.throws(() => new SeenOffsets({ capacity }), RangeError);
});
