import assert from "node:assert/strict";
import { seeded } from "../../src/actor/mod.ts";
import { AnomalyModel, type AnomalyModelOptions, type Judgement } from "../../src/window/anomaly_model.ts";

const STEP_MS = 300_000;
const DAY = 288;

/** What the model makes of `count` values. */
function judged(count: number, valueAt: (step: number) => number, options: AnomalyModelOptions = {}): Judgement[] {
  const model = new AnomalyModel(options);
  return Array.from({ length: count }, (_, step) => model.step({ timeMs: step * STEP_MS, value: valueAt(step) }));
}

const alarmsOf = (judgements: readonly Judgement[], threshold = 0.999) =>
  judgements.flatMap(({ alarm }, step) => alarm >= threshold ? [step] : []);

/** A day's rhythm with noise. */
function rhythm(seed: number): (step: number) => number {
  const random = seeded(seed);
  return (step) => 100 + 40 * Math.sin(2 * Math.PI * step / DAY) + 4 * (random() + random() + random() - 1.5);
}

Deno.test("AnomalyModel.step() marks a peak at once, and a noon that stays dark within its first hour (seed 31)", () => {
  const peakAt = 12 * DAY + 100, usual = rhythm(31);
  const peak = judged(13 * DAY, (step) => usual(step) + (step === peakAt ? 200 : 0));
  assert.ok((peak[peakAt]?.score ?? 0) > 0.999);
  const dark = rhythm(31), from = 12 * DAY + 60;
  const darkness = judged(13 * DAY, (step) => step >= from && step < from + 24 ? 60 : dark(step));
  assert.ok(darkness.slice(from, from + 12).some(({ score }) => score > 0.999));
});

Deno.test("AnomalyModel.step() raises fewer than two alarms in a thousand steps of rhythm and noise (seeds 32 to 36)", () => {
  for (const seed of [32, 33, 34, 35, 36]) {
    const alarms = alarmsOf(judged(30 * DAY, rhythm(seed)));
    assert.ok(alarms.length < 0.002 * 30 * DAY, `seed ${seed}: ${alarms.length}`);
  }
});

Deno.test("AnomalyModel.step() raises no alarm for a quietSteps after an alarm, and may the step after", () => {
  const jump = (step: number) => step < 1_000 ? step % 5 : step % 2 === 0 ? 1e6 * 4 ** (step - 1_000) : 0;
  const [first = NaN, second = NaN] = alarmsOf(judged(1_100, jump, { quietSteps: 10 }));
  assert.deepStrictEqual([first, second], [1_000, 1_011]);
});

Deno.test("AnomalyModel.step() has nothing to say of a constant, of zeros, or of its first hundred values", () => {
  for (const constant of [0, 45, -3]) assert.deepStrictEqual(alarmsOf(judged(2_000, () => constant)), []);
  const early = judged(101, (step) => 10 ** (step % 9));
  assert.ok(early.slice(0, 100).every(({ score }) => score === 0));
});

Deno.test("AnomalyModel.step() gives scores from 0 to 1 and a band around what is expected that holds nearly all (seed 37)", () => {
  const usual = rhythm(37), values: number[] = [];
  const judgements = judged(20 * DAY, (step) => values[step] = usual(step));
  let inside = 0;
  judgements.forEach(({ score, lower, expected, upper }, step) => {
    assert.ok(score >= 0 && score <= 1 && lower <= expected && expected <= upper);
    const value = values[step] ?? NaN;
    if (step >= 10 * DAY && value >= lower && value <= upper) inside++;
  });
  assert.ok(inside / (10 * DAY) > 0.97, `${inside}`);
});

Deno.test("AnomalyModel.step() copes with gaps: a week missing is no alarm when it ends as usual (seed 38)", () => {
  const usual = rhythm(38), model = new AnomalyModel();
  for (let step = 0; step < 10 * DAY; step++) model.step({ timeMs: step * STEP_MS, value: usual(step) });
  for (let step = 17 * DAY; step < 17 * DAY + 24; step++) {
    assert.ok(model.step({ timeMs: step * STEP_MS, value: usual(step) }).alarm < 0.999);
  }
});

Deno.test("AnomalyModel.data() through JSON goes on to the bit (seed 39)", () => {
  const random = seeded(39), model = new AnomalyModel();
  let restored = new AnomalyModel();
  for (let step = 0; step < 6 * DAY; step++) {
    const sample = { timeMs: step * STEP_MS, value: step % 500 === 499 ? 1e4 : random() * 20 };
    assert.deepStrictEqual(restored.step(sample), model.step(sample));
    if (step % 53 === 0) restored = new AnomalyModel({}, JSON.parse(JSON.stringify(model.data())));
  }
});

Deno.test("new AnomalyModel() refuses a threshold that is no probability", () => {
  for (const bad of [0, 1, -1, NaN]) assert.throws(() => new AnomalyModel({ threshold: bad }), RangeError);
});
