import assert from "node:assert/strict";
import { horizonMs, lastFinalEndMs, MAX_PANES_PER_WINDOW, paneIndexOf, windowShape } from "../../src/window/shape.ts";

const SHAPE = { slideMs: 5_000, windowMs: 60_000, latenessMs: 30_000, zeroFillMs: 60_000 };

Deno.test("windowShape() takes 1 and 1,440 slides a window, and refuses 0, 1,441 and half a slide", () => {
  for (const panes of [1, MAX_PANES_PER_WINDOW]) assert.ok(windowShape({ ...SHAPE, windowMs: panes * 5_000 }));
  for (const panes of [0, MAX_PANES_PER_WINDOW + 1, 1.5]) {
    assert.throws(() => windowShape({ ...SHAPE, windowMs: panes * 5_000 }), RangeError);
  }
});

Deno.test("windowShape() refuses durations that are negative, not whole or not numbers, and a slide of 0", () => {
  for (const bad of [-1, 0.5, NaN, Infinity]) {
    for (const name of Object.keys(SHAPE)) {
      assert.throws(() => windowShape({ ...SHAPE, [name]: bad }), RangeError, name);
    }
  }
  assert.throws(() => windowShape({ ...SHAPE, slideMs: 0 }), RangeError);
  assert.throws(() => windowShape({ ...SHAPE, zeroFillMs: 7_000 }), RangeError);
});

Deno.test("paneIndexOf() puts a pane's start into it and its end into the next", () => {
  assert.deepStrictEqual([0, 4_999, 5_000, -1].map((timeMs) => paneIndexOf(timeMs, 5_000)), [0, 0, 1, -1]);
});

Deno.test("horizonMs() is the start of the oldest pane that the next window or its zero fill needs", () => {
  // At frontier 1,000,000 the window ending then is final; the next ends at 1,005,000 and looks back 120 s.
  assert.strictEqual(horizonMs(1_000_000, SHAPE), 1_005_000 - 120_000);
  assert.strictEqual(horizonMs(1_004_999, SHAPE), 1_005_000 - 120_000);
  assert.strictEqual(horizonMs(1_005_000, SHAPE), 1_010_000 - 120_000);
  assert.strictEqual(horizonMs(-Infinity, SHAPE), -Infinity);
  assert.strictEqual(lastFinalEndMs(-Infinity, 5_000), -Infinity);
});
