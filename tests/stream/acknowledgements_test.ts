import assert from "node:assert/strict";
import { Acknowledgements } from "../../src/stream/acknowledgements.ts";
import { RetryableError } from "../../src/stream/failures.ts";
import { ManualClock } from "../fakes/manual_clock.ts";

function measured(capacity = 10) {
  const clock = new ManualClock(1_000);
  const acknowledgements = new Acknowledgements(clock, capacity);
  const write = (tookMs: number, refused: readonly unknown[] = []) => () => {
    clock.advance(tookMs);
    return Promise.resolve({ refused });
  };
  return { clock, acknowledgements, write };
}

Deno.test("Acknowledgements.measure() gives the write's result and notes its size and time", async () => {
  const { acknowledgements, write } = measured();
  assert.deepEqual(await acknowledgements.measure(5, write(30, ["bad"])), { refused: ["bad"] });
  await acknowledgements.measure(2, write(0));
  assert.deepEqual(acknowledgements.summary, {
    writes: 2,
    points: 6,
    refused: 1,
    failures: 0,
    recent: [{ atMs: 1_030, points: 5, tookMs: 30 }, { atMs: 1_030, points: 2, tookMs: 0 }],
  });
});

Deno.test("Acknowledgements.measure() throws what the write throws, and counts it apart", async () => {
  const { clock, acknowledgements } = measured();
  const failure = new RetryableError("Cannot write: the store does not answer");
  const write = () => {
    clock.advance(3_000);
    return Promise.reject(failure);
  };
  await assert.rejects(acknowledgements.measure(5, write), failure);
  const { writes, points, failures, recent } = acknowledgements.summary;
  assert.deepEqual([writes, points, failures], [0, 0, 1]);
  assert.deepEqual(recent, [{ atMs: 4_000, points: 5, tookMs: 3_000, failure: failure.message }]);
});

Deno.test("Acknowledgements keeps capacity writes and sums all", async () => {
  const { acknowledgements, write } = measured(2);
  for (const points of [1, 2, 3]) await acknowledgements.measure(points, write(1));
  const { points, recent } = acknowledgements.summary;
  assert.deepEqual([points, recent.map((one) => one.points)], [6, [2, 3]]);
  for (const bad of [0, -1, NaN]) assert.throws(() => new Acknowledgements(new ManualClock(), bad), RangeError);
});
