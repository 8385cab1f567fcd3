import assert from "node:assert/strict";
import { fitLine, isFlat } from "./linear_fit.ts";

Deno.test("fitLine() finds a line that there is, and how much it rises", () => {
  const { at0, slope, scatter, rise } = fitLine([[1, 5], [2, 7], [4, 11]]);
  assert.deepStrictEqual([at0, slope, scatter, rise].map((n) => Math.round(n * 1e9) / 1e9), [3, 2, 0, 6]);
});

Deno.test("fitLine() of measurements at one instant is level", () => {
  assert.deepStrictEqual(fitLine([[1, 1], [1, 2], [1, 3]]).slope, 0);
});

Deno.test("fitLine() takes 3 points at least", () => {
  assert.throws(() => fitLine([[1, 1], [2, 2]]), RangeError);
});

Deno.test("isFlat() allows twice the scatter or the slack, whichever is more, and any fall", () => {
  const fit = { at0: 0, slope: 1, scatter: 1 };
  assert.deepStrictEqual(
    [[2, 0], [2.1, 0], [2.1, 2.1], [-9, 0]].map(([rise = 0, slack = 0]) => isFlat({ ...fit, rise }, slack)),
    [true, false, true, true],
  );
});
