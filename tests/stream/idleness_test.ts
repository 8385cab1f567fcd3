import assert from "node:assert/strict";
import { Idleness } from "../../src/stream/idleness.ts";

const IDLE_MS = 5_000;
const START_MS = 100;

const empty = () => new Idleness({ assignedAtMs: START_MS, next: 0, end: 0 });

Deno.test("Idleness.isQuiet() begins when fetches have shown the end for as long as it takes, not a millisecond sooner", () => {
  const idleness = empty();
  assert.strictEqual(idleness.isQuiet(IDLE_MS, START_MS + 1e9), false); // Nobody has answered yet.
  idleness.answered(0, 0, 1_000);
  idleness.answered(0, 0, 3_000);
  assert.deepStrictEqual([idleness.isQuiet(IDLE_MS, 5_999), idleness.isQuiet(IDLE_MS, 6_000)], [false, true]);
});

Deno.test("Idleness.isQuiet() is false behind the end, however long nothing comes", () => {
  const idleness = empty();
  idleness.answered(0, 1, 1_000);
  assert.strictEqual(idleness.isQuiet(IDLE_MS, 1e9), false);
});

Deno.test("Idleness.isQuiet() starts anew with a record that raises the watermark, and goes on with one that does not", () => {
  for (const [hasRaised, isQuiet] of [[true, false], [false, true]] as const) {
    const idleness = empty();
    idleness.answered(0, 0, 1_000);
    idleness.advanced(1, hasRaised, 4_000);
    idleness.answered(1, 1, 4_100);
    assert.strictEqual(idleness.isQuiet(IDLE_MS, 6_000), isQuiet);
    assert.strictEqual(idleness.isQuiet(IDLE_MS, 9_100), true);
  }
});

Deno.test("Idleness: our own pause, a stall or a broken connection starts the time anew", () => {
  const idleness = empty();
  idleness.answered(0, 0, 1_000);
  assert.strictEqual(idleness.isQuiet(IDLE_MS, 6_000), true);
  idleness.interrupted();
  assert.strictEqual(idleness.isQuiet(IDLE_MS, 1e9), false);
  idleness.answered(0, 0, 10_000);
  assert.deepStrictEqual([idleness.isQuiet(IDLE_MS, 14_999), idleness.isQuiet(IDLE_MS, 15_000)], [false, true]);
});

Deno.test("Idleness.quietForMs() is the time since the last record of any kind, or since assignment", () => {
  const idleness = empty();
  assert.strictEqual(idleness.quietForMs(START_MS + 7), 7);
  idleness.answered(0, 0, 500);
  assert.strictEqual(idleness.quietForMs(START_MS + 900), 900);
  idleness.advanced(1, false, 2_000);
  assert.strictEqual(idleness.quietForMs(2_500), 500);
});

Deno.test("Idleness.hasReachedFirstEnd is true once all up to the end recorded at assignment is decided, for good", () => {
  const idleness = new Idleness({ assignedAtMs: START_MS, next: 3, end: 10 });
  assert.strictEqual(idleness.hasReachedFirstEnd, false);
  idleness.advanced(9, true, 200);
  assert.strictEqual(idleness.hasReachedFirstEnd, false);
  idleness.advanced(10, true, 300);
  idleness.answered(10, 99, 400);
  idleness.interrupted();
  assert.strictEqual(idleness.hasReachedFirstEnd, true);
  assert.strictEqual(new Idleness({ assignedAtMs: 0, next: 10, end: 10 }).hasReachedFirstEnd, true);
});

Deno.test("Idleness.isAhead(): idle time since assignment is enough at the end, while another catches up", () => {
  const idleness = new Idleness({ assignedAtMs: START_MS, next: 0, end: 1 });
  idleness.advanced(1, true, 4_000);
  idleness.answered(1, 1, 4_900);
  assert.deepStrictEqual([idleness.isAhead(IDLE_MS, START_MS + 4_999), idleness.isAhead(IDLE_MS, START_MS + 5_000)], [
    false,
    true,
  ]);
  assert.strictEqual(idleness.isAhead(0, 4_900), true);
  assert.strictEqual(idleness.isQuiet(IDLE_MS, START_MS + 5_000), false);
  idleness.answered(1, 2, 5_200);
  assert.strictEqual(idleness.isAhead(IDLE_MS, 6_000), false);
});
