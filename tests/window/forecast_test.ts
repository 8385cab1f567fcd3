import assert from "node:assert/strict";
import { seeded } from "../../src/actor/mod.ts";
import { Forecast } from "../../src/window/forecast.ts";

const STEP_MS = 300_000;
const DAY = 288;

/** Mean absolute error over the last day of `days`. */
function lastError(days: number, valueAt: (step: number) => number): number {
  const forecast = new Forecast();
  let error = 0;
  for (let step = 0; step < days * DAY; step++) {
    const expected = forecast.expected(step * STEP_MS) ?? 0, value = valueAt(step);
    if (step >= (days - 1) * DAY) error += Math.abs(value - expected) / DAY;
    forecast.learn(value);
  }
  return error;
}

Deno.test("Forecast.expected() follows a day, a week and a shift of level", () => {
  const day = (step: number) => 100 + 50 * Math.sin(2 * Math.PI * step / DAY);
  const week = (step: number) => Math.floor(step / DAY) % 7 < 5 ? day(step) : 40;
  assert.ok(lastError(14, day) < 8);
  assert.ok(lastError(35, week) < 12);
  assert.ok(
    lastError(30, (step) => step < 15 * DAY ? 10 : 1_000) < 99,
    `${lastError(30, (step) => step < 15 * DAY ? 10 : 1_000)}`,
  );
});

Deno.test("Forecast.expected() knows nothing at first, and after one value that value", () => {
  const forecast = new Forecast();
  assert.strictEqual(forecast.expected(0), undefined);
  forecast.learn(7);
  assert.strictEqual(forecast.expected(STEP_MS), 7);
});

Deno.test("Forecast.learn() learns nothing from a value without weight", () => {
  const forecast = new Forecast();
  for (let step = 0; step < 500; step++) {
    forecast.expected(step * STEP_MS);
    forecast.learn(step % 2 === 0 ? 5 : 1e6, step % 2 === 0 ? 3 : 0);
  }
  assert.ok(Math.abs((forecast.expected(500 * STEP_MS) ?? 0) - 5) < 1e-9);
});

Deno.test("Forecast.data() through JSON goes on to the bit, and does not grow (seed 21)", () => {
  const random = seeded(21), forecast = new Forecast();
  let restored = new Forecast(), longest = 0;
  for (let step = 0; step < 20 * DAY; step++) {
    const value = random() * 100, timeMs = step * STEP_MS;
    assert.strictEqual(restored.expected(timeMs), forecast.expected(timeMs));
    forecast.learn(value, random());
    restored = step % 97 === 0 ? new Forecast({}, JSON.parse(JSON.stringify(forecast.data()))) : restored;
    if (step % 97 !== 0) restored = new Forecast({}, forecast.data());
    longest = Math.max(longest, forecast.data().day.sums.length + forecast.data().week.sums.length);
  }
  assert.strictEqual(longest, 48 + 168);
});

Deno.test("new Forecast() refuses memories that are no whole number from 1", () => {
  for (const bad of [0, -1, 1.5, NaN, Infinity]) {
    assert.throws(() => new Forecast({ quickSteps: bad }), RangeError);
    assert.throws(() => new Forecast({ daySlots: bad }), RangeError);
  }
  new Forecast({ quickSteps: 1, slowSteps: 1, errorSteps: 1, daySlots: 1 });
});

Deno.test("Forecast.expected() with a high errorPower keeps wrong guesses out, however noisy the values (seed 22)", () => {
  const random = seeded(22), mild = new Forecast(), strict = new Forecast({ errorPower: 16 });
  const misses = [0, 0];
  for (let step = 0; step < 20 * DAY; step++) {
    const usual = 10 + 8 * Math.sin(2 * Math.PI * step / DAY), value = usual + 12 * (random() - 0.5);
    [mild, strict].forEach((forecast, index) => {
      const expected = forecast.expected(step * STEP_MS) ?? usual;
      if (step > 10 * DAY) misses[index] = (misses[index] ?? 0) + Math.abs(expected - usual);
      forecast.learn(value);
    });
  }
  assert.ok((misses[1] ?? NaN) < 0.8 * (misses[0] ?? NaN), `${misses}`);
});
