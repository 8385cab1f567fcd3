import assert from "node:assert/strict";
import { Idleness } from "../../src/stream/idleness.ts";

const IDLE_MS = 5_000;
const START_MS = 100;

/** An answer that came the moment it was asked for. */
const at = (next: number, end: number, nowMs: number) => ({ next, end, askedAtMs: nowMs, nowMs });

const empty = () => new Idleness({ assignedAtMs: START_MS, next: 0, end: 0 });

Deno.test("Idleness.isQuiet() begins when fetches have shown the end for as long as it takes, not a millisecond sooner", () => {
  const idleness = empty();
  assert.strictEqual(idleness.isQuiet(IDLE_MS), false); // Nobody has answered yet.
  idleness.answered(at(0, 0, 1_000));
  idleness.answered(at(0, 0, 5_999));
  assert.strictEqual(idleness.isQuiet(IDLE_MS), false);
  idleness.answered(at(0, 0, 6_000));
  assert.strictEqual(idleness.isQuiet(IDLE_MS), true);
});

Deno.test("Idleness.isQuiet() is false behind the end, however long nothing comes", () => {
  const idleness = empty();
  idleness.answered(at(0, 1, 1_000));
  idleness.answered(at(0, 1, 1e9));
  assert.strictEqual(idleness.isQuiet(IDLE_MS), false);
});

Deno.test("Idleness: an answer tells nothing about the time after its question, so a process that slept knows nothing", () => {
  const idleness = empty();
  idleness.answered(at(0, 0, 1_000));
  idleness.answered({ ...at(0, 0, 900_000), askedAtMs: 1_250 }); // Asked, then asleep for a quarter of an hour.
  assert.deepStrictEqual([idleness.isQuiet(IDLE_MS), idleness.isAhead(IDLE_MS), idleness.quietForMs], [
    false,
    false,
    1_150,
  ]);
  idleness.answered(at(0, 0, 900_100));
  assert.deepStrictEqual([idleness.isQuiet(IDLE_MS), idleness.quietForMs], [true, 900_000]);
});

Deno.test("Idleness.isQuiet() starts anew with a record that raises the watermark, and goes on with one that does not", () => {
  for (const [hasRaised, isQuiet] of [[true, false], [false, true]] as const) {
    const idleness = empty();
    idleness.answered(at(0, 0, 1_000));
    idleness.advanced(1, hasRaised, 4_000);
    idleness.answered(at(1, 1, 4_100));
    idleness.answered(at(1, 1, 6_000));
    assert.strictEqual(idleness.isQuiet(IDLE_MS), isQuiet);
    idleness.answered(at(1, 1, 9_100));
    assert.strictEqual(idleness.isQuiet(IDLE_MS), true);
  }
});

Deno.test("Idleness: our own pause, a stall or a broken connection starts the time anew", () => {
  const idleness = empty();
  idleness.answered(at(0, 0, 1_000));
  idleness.answered(at(0, 0, 6_000));
  assert.strictEqual(idleness.isQuiet(IDLE_MS), true);
  idleness.interrupted();
  assert.strictEqual(idleness.isQuiet(IDLE_MS), false);
  idleness.answered(at(0, 0, 10_000));
  idleness.answered(at(0, 0, 14_999));
  assert.strictEqual(idleness.isQuiet(IDLE_MS), false);
  idleness.answered(at(0, 0, 15_000));
  assert.strictEqual(idleness.isQuiet(IDLE_MS), true);
});

Deno.test("Idleness.quietForMs is the known time since the last record of any kind, or since assignment", () => {
  const idleness = empty();
  assert.strictEqual(idleness.quietForMs, 0);
  idleness.answered(at(0, 0, START_MS + 900));
  assert.strictEqual(idleness.quietForMs, 900);
  idleness.advanced(1, false, 2_000);
  assert.strictEqual(idleness.quietForMs, 0);
  idleness.answered(at(1, 1, 2_500));
  assert.strictEqual(idleness.quietForMs, 500);
});

Deno.test("Idleness.hasReachedFirstEnd is true once all up to the end recorded at assignment is decided, for good", () => {
  const idleness = new Idleness({ assignedAtMs: START_MS, next: 3, end: 10 });
  assert.strictEqual(idleness.hasReachedFirstEnd, false);
  idleness.advanced(9, true, 200);
  assert.strictEqual(idleness.hasReachedFirstEnd, false);
  idleness.advanced(10, true, 300);
  idleness.answered(at(10, 99, 400));
  idleness.interrupted();
  assert.strictEqual(idleness.hasReachedFirstEnd, true);
  assert.strictEqual(new Idleness({ assignedAtMs: 0, next: 10, end: 10 }).hasReachedFirstEnd, true);
});

Deno.test("Idleness.isAhead(): idle time since assignment is enough at the end, while another catches up", () => {
  const idleness = new Idleness({ assignedAtMs: START_MS, next: 0, end: 1 });
  idleness.advanced(1, true, 4_000);
  idleness.answered(at(1, 1, START_MS + 4_999));
  assert.deepStrictEqual([idleness.isAhead(IDLE_MS), idleness.isAhead(0)], [false, true]);
  idleness.answered(at(1, 1, START_MS + 5_000));
  assert.deepStrictEqual([idleness.isAhead(IDLE_MS), idleness.isQuiet(IDLE_MS)], [true, false]);
  idleness.answered(at(1, 2, 6_000));
  assert.strictEqual(idleness.isAhead(IDLE_MS), false);
});
