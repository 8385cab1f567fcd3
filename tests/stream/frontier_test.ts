import assert from "node:assert/strict";
import { closingRaises, frontierOf, highOf, newestEndMs, raisesDue, type Standing } from "../../src/stream/frontier.ts";
import { windowShape } from "../../src/window/shape.ts";

const SHAPE = windowShape({ slideMs: 5, windowMs: 20, latenessMs: 10, zeroFillMs: 15 });

/** A partition that is read and has nothing yet, but for what a test says. */
function standing(partition: number, change: Partial<Standing> = {}): Standing {
  return {
    partition,
    watermarkMs: -Infinity,
    highMs: -Infinity,
    newestPaneMs: -Infinity,
    isIdle: false,
    quietForMs: 0,
    ...change,
  };
}

const raised = (partition: number, watermarkMs: number) => ({ partition, watermarkMs });

Deno.test("frontierOf() is the lowest watermark, and -Infinity without partitions or with one that has none", () => {
  assert.strictEqual(frontierOf([{ watermarkMs: 7 }, { watermarkMs: 5 }, { watermarkMs: 9 }]), 5);
  assert.strictEqual(frontierOf([]), -Infinity);
  assert.strictEqual(frontierOf([{ watermarkMs: 7 }, { watermarkMs: -Infinity }]), -Infinity);
});

Deno.test("highOf() is the highest time over all partitions, -Infinity without any", () => {
  assert.strictEqual(highOf([{ highMs: -Infinity }, { highMs: 9 }, { highMs: 7 }]), 9);
  assert.strictEqual(highOf([]), -Infinity);
});

Deno.test("newestEndMs() is the end of the pane that holds the highest time: a time on a boundary belongs to the next pane", () => {
  for (const [highMs, endMs] of [[99, 100], [100, 105], [104, 105], [-Infinity, -Infinity]] as const) {
    assert.strictEqual(newestEndMs([{ highMs }], SHAPE), endMs);
  }
});

Deno.test("raisesDue() raises an idle partition to the lowest watermark of those that are not, down to a pane's end", () => {
  const standings = [
    standing(0, { watermarkMs: 104 }),
    standing(1, { watermarkMs: 200 }),
    standing(2, { isIdle: true }),
    standing(3, { isIdle: true, watermarkMs: 99 }),
    standing(4, { isIdle: true, watermarkMs: 100 }),
    standing(5, { isIdle: true, watermarkMs: 300 }),
  ];
  assert.deepStrictEqual(raisesDue(standings, SHAPE), [raised(2, 100), raised(3, 100)]);
});

Deno.test("raisesDue() raises nobody while a partition that is not idle has no watermark, or nobody has one", () => {
  const idle = standing(0, { isIdle: true, highMs: 100, quietForMs: 1_000 });
  assert.deepStrictEqual(raisesDue([idle, standing(1)], SHAPE), []);
  assert.deepStrictEqual(raisesDue([standing(0, { isIdle: true, quietForMs: 9_999 })], SHAPE), []);
  assert.deepStrictEqual(raisesDue([], SHAPE), []);
});

Deno.test("raisesDue(), all idle, goes by the wall clock: highest time of any + time since the last record of any - lateness", () => {
  const at = (quietForMs: number) => [
    standing(0, { isIdle: true, watermarkMs: 40, highMs: 50, newestPaneMs: 50, quietForMs: 5_000 }),
    standing(1, { isIdle: true, watermarkMs: 90, highMs: 100, newestPaneMs: 100, quietForMs }),
    standing(2, { isIdle: true, quietForMs: 9_000 }),
  ];
  assert.deepStrictEqual(raisesDue(at(4), SHAPE), [raised(0, 90), raised(2, 90)]);
  assert.deepStrictEqual(raisesDue(at(5), SHAPE), [raised(0, 95), raised(1, 95), raised(2, 95)]);
});

Deno.test("raisesDue(), all idle, ends window + zero fill past the newest pane: then every zero is final and no more", () => {
  const all = (change: Partial<Standing>) =>
    raisesDue([standing(0, { isIdle: true, quietForMs: 1e9, ...change })], SHAPE);
  assert.deepStrictEqual(all({ highMs: 104, newestPaneMs: 100 }), [raised(0, 135)]);
  // An event ahead of its Kafka timestamp lies in a pane past the highest time.
  assert.deepStrictEqual(all({ highMs: 104, newestPaneMs: 115 }), [raised(0, 150)]);
  assert.deepStrictEqual(all({ highMs: 104, newestPaneMs: -Infinity }), [raised(0, 135)]);
  assert.deepStrictEqual(all({ highMs: 104, newestPaneMs: 100, watermarkMs: 135 }), []);
});

Deno.test("closingRaises() raises every partition to the end of the newest pane, whether idle or not, and none that is there", () => {
  const standings = [
    standing(0, { watermarkMs: 94, highMs: 104 }),
    standing(1),
    standing(2, { watermarkMs: 105 }),
    standing(3, { watermarkMs: 106, isIdle: true }),
  ];
  assert.deepStrictEqual(closingRaises(standings, SHAPE), [raised(0, 105), raised(1, 105)]);
});

Deno.test("closingRaises() without any event raises nobody", () => {
  assert.deepStrictEqual(closingRaises([standing(0), standing(1, { isIdle: true })], SHAPE), []);
});

Deno.test("raisesDue() goes by the partitions of other processes as by those of this one", () => {
  const idle = standing(0, { isIdle: true, watermarkMs: 100, highMs: 120, newestPaneMs: 120, quietForMs: 1_000 });
  const active = standing(1, { watermarkMs: 200 });
  const others = (activeMs: number, farthestMs = -Infinity) => ({ activeMs, farthestMs });
  assert.deepStrictEqual(raisesDue([idle, active], SHAPE, others(150)), [raised(0, 150)]);
  assert.deepStrictEqual(raisesDue([idle, active], SHAPE, others(250)), [raised(0, 200)]);
  assert.deepStrictEqual(raisesDue([idle], SHAPE, others(900)), [raised(0, 900)]);
  assert.deepStrictEqual(raisesDue([idle], SHAPE, others(-Infinity)), []);
});

Deno.test("raisesDue(), all idle everywhere, follows the process that has come farthest when the clock does not go as far", () => {
  const idle = standing(0, { isIdle: true, watermarkMs: 100, highMs: 120, newestPaneMs: 120, quietForMs: 1_000 });
  const none = standing(0, { isIdle: true });
  assert.deepStrictEqual(raisesDue([idle], SHAPE, { activeMs: Infinity, farthestMs: 130 }), [raised(0, 155)]);
  assert.deepStrictEqual(raisesDue([idle], SHAPE, { activeMs: Infinity, farthestMs: 177 }), [raised(0, 175)]);
  assert.deepStrictEqual(raisesDue([none], SHAPE, { activeMs: Infinity, farthestMs: 177 }), [raised(0, 175)]);
});
