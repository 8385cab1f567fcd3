import assert from "node:assert/strict";
import { median, range, tableOf } from "../../bench/report.ts";

Deno.test("tableOf() aligns numbers right and rounds them to what they are good for", () => {
  const lines = tableOf({ columns: ["what", "k/s"], rows: [["one", 1_234.5], ["two", 0.1234]] });
  assert.deepStrictEqual(lines, [
    "| what |   k/s |",
    "| ---- | ----: |",
    "| one  | 1,235 |",
    "| two  |  0.12 |",
  ]);
});

Deno.test("range() gives one number when both ends look the same", () => {
  assert.deepStrictEqual([range([1.001, 1.002]), range([1_000, 2_500], 1_000)], ["1.00", "1.00–2.50"]);
});

Deno.test("median() is the middle, or the mean of the two middles", () => {
  assert.deepStrictEqual([median([3, 1, 2]), median([4, 1, 2, 3])], [2, 2.5]);
});
