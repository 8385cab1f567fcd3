import assert from "node:assert/strict";
import { SeededRandom } from "../../src/produce/seeded_random.ts";
import { type MetricJudgement, MetricModel, type Observation } from "../../src/window/metric_model.ts";

const MINUTE_MS = 60_000;
const DAY = 1_440;

/** A Poisson number. */
function poisson(mean: number, random: SeededRandom): number {
  let count = 0;
  for (let left = mean - random.exponential(); left > 0; left -= random.exponential()) count++;
  return count;
}

/** Steps minutes `from` to `to` and returns what was judged. */
function stepped(
  model: MetricModel,
  [from, to]: readonly [number, number],
  at: (minute: number) => Omit<Observation, "timeMs">,
) {
  const judged: (MetricJudgement | undefined)[] = [];
  for (let minute = from; minute < to; minute++) judged.push(model.step({ timeMs: minute * MINUTE_MS, ...at(minute) }));
  return judged;
}

const highest = (judged: readonly (MetricJudgement | undefined)[]) =>
  judged.reduce((most, one) => Math.max(most, one?.surprise ?? 0), 0);

Deno.test("MetricModel.step() says the probability: surprises of Poisson counts are as rare as they claim (seeds 61, 62)", () => {
  for (const seed of [61, 62]) {
    for (const mean of [0.3, 8]) {
      const random = new SeededRandom(seed, 0), model = new MetricModel({ kind: "count" });
      const judged = stepped(model, [0, 14 * DAY], () => ({ sum: poisson(mean, random), weight: 1 }));
      for (const claimed of [2, 3]) {
        const beyond = judged.filter((one) => (one?.surprise ?? 0) >= claimed).length;
        assert.ok(beyond <= 2 * 10 ** -claimed * judged.length, `${seed}, ${mean}: ${beyond} beyond ${claimed}`);
      }
    }
  }
});

Deno.test("MetricModel.step() makes nothing of a share among few events, and much of it among many", () => {
  for (const [weight, sum, isTold] of [[3, 1, false], [4, 2, false], [300, 40, true]] as const) {
    const model = new MetricModel({ kind: "share" });
    stepped(model, [0, 3 * DAY], (minute) => ({ sum: minute % 25 === 0 ? 1 : 0, weight: 4 }));
    const surprise = highest(stepped(model, [3 * DAY, 3 * DAY + 1], () => ({ sum, weight })));
    assert.strictEqual(surprise >= 6, isTold, `${sum} of ${weight}: ${surprise}`);
  }
});

Deno.test("MetricModel.step() holds nothing impossible: the first fraud of a category without one is no incident", () => {
  const model = new MetricModel({ kind: "share" });
  stepped(model, [0, DAY], () => ({ sum: 0, weight: 2 }));
  assert.ok(highest(stepped(model, [DAY, DAY + 1], () => ({ sum: 1, weight: 2 }))) < 5);
});

Deno.test("MetricModel.step() finds what is weak but lasts by longer spans (seed 63)", () => {
  const random = new SeededRandom(63, 0), model = new MetricModel({ kind: "count" });
  stepped(model, [0, 5 * DAY], () => ({ sum: poisson(20, random), weight: 1 }));
  const [first] = stepped(model, [5 * DAY, 5 * DAY + 1], () => ({ sum: 13, weight: 1 }));
  const judged = stepped(model, [5 * DAY + 1, 5 * DAY + 60], () => ({ sum: 13, weight: 1 }));
  assert.ok((first?.surprise ?? 0) < 3 && highest(judged) > 6);
  assert.ok(judged.some((one) => one !== undefined && one.surprise > 6 && one.steps > 1));
});

Deno.test("MetricModel.step() takes means for as exact as the number of their events (seed 64)", () => {
  const random = new SeededRandom(64, 0);
  for (const [count, isTold] of [[2, false], [400, true]] as const) {
    const model = new MetricModel({ kind: "mean" });
    const usual = () => ({ sum: count * 50 + Math.sqrt(count) * 30 * random.normal(), weight: count, m2: count * 900 });
    stepped(model, [0, 3 * DAY], usual);
    const surprise = highest(
      stepped(model, [3 * DAY, 3 * DAY + 1], () => ({ sum: count * 75, weight: count, m2: count * 900 })),
    );
    assert.strictEqual(surprise >= 6, isTold, `${count} events: ${surprise}`);
  }
});

Deno.test("MetricModel.step() does not learn an incident as the usual: it is still told in its last minute (seed 65)", () => {
  const random = new SeededRandom(65, 0), model = new MetricModel({ kind: "count" });
  stepped(model, [0, 5 * DAY], () => ({ sum: poisson(10, random), weight: 1 }));
  const silence = stepped(model, [5 * DAY, 5 * DAY + 120], () => ({ sum: 0, weight: 1 }));
  assert.ok((silence.at(-1)?.surprise ?? 0) >= 6);
});

Deno.test("MetricModel.step() judges nothing before the end of its warm-up, and from there on", () => {
  const model = new MetricModel({ kind: "count", warmUpSteps: 10 });
  const judged = stepped(model, [0, 11], () => ({ sum: 5, weight: 1 }));
  assert.deepStrictEqual(judged.map((one) => one !== undefined), [...new Array(10).fill(false), true]);
});

Deno.test("MetricModel.step() gives numbers and a band around the expectation, whatever comes (seed 66)", () => {
  const random = new SeededRandom(66, 0);
  for (const kind of ["count", "share", "mean"] as const) {
    const model = new MetricModel({ kind, warmUpSteps: 1 });
    const judged = stepped(model, [0, 3_000], () => {
      const weight = kind === "count" ? 1 : Math.floor(10 ** (random.unit() * 5) - 1);
      const sum = kind === "share"
        ? random.below(weight + 1)
        : Math.round((random.unit() - (kind === "mean" ? 0.3 : 0)) * 10 ** (random.unit() * 8));
      return { sum, weight, m2: weight * 10 ** (random.unit() * 6) };
    });
    for (const one of judged) {
      if (one === undefined) continue;
      assert.ok(Object.values(one).every((number) => Number.isFinite(number)), JSON.stringify(one));
      assert.ok(
        one.score >= 0 && one.score <= 1 && one.lower <= one.expected && one.expected <= one.upper,
        JSON.stringify(one),
      );
    }
  }
});

Deno.test("MetricModel.data() through JSON goes on to the bit (seed 67)", () => {
  for (const kind of ["count", "share", "mean"] as const) {
    const random = new SeededRandom(67, 0), model = new MetricModel({ kind });
    let restored = new MetricModel({ kind });
    for (let minute = 0; minute < 2 * DAY; minute++) {
      const weight = kind === "count" ? 1 : poisson(4, random);
      const observation = { timeMs: minute * MINUTE_MS, sum: poisson(weight * 0.4, random), weight, m2: random.unit() };
      assert.deepStrictEqual(restored.step(observation), model.step(observation));
      if (minute % 61 === 0) restored = new MetricModel({ kind }, JSON.parse(JSON.stringify(model.data())));
    }
  }
});
