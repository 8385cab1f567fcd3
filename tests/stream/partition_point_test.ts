import assert from "node:assert/strict";
import { partitionPoint } from "../../src/stream/partition_point.ts";

const PROGRESS = {
  partition: 3,
  first: 5,
  position: 90,
  end: 100,
  counted: 80,
  late: 1,
  future: 2,
  invalid: 1,
  skipped: 1,
  amended: 4,
  watermarkMs: 1_000_000,
};

Deno.test("partitionPoint() says how far a partition has come, named by its number and the flush", () => {
  assert.deepStrictEqual(partitionPoint(PROGRESS, 1_002_500.75), {
    measurement: "tally_partition",
    tags: { partition: "3" },
    timeMs: 1_002_500,
    fields: {
      lag: 10,
      position: 90,
      watermark_delay_seconds: 2.50075,
      counted: 80,
      late: 1,
      future: 2,
      invalid: 1,
      skipped: 1,
      amended: 4,
    },
  });
});

Deno.test("partitionPoint() leaves the delay out while there is no watermark", () => {
  const { fields } = partitionPoint({ ...PROGRESS, watermarkMs: -Infinity }, 1_000);
  assert.strictEqual("watermark_delay_seconds" in fields, false);
});

Deno.test("partitionPoint() has no negative lag when the end was heard of before the position", () => {
  assert.strictEqual(partitionPoint({ ...PROGRESS, end: 89 }, 1_000).fields["lag"], 0);
});
