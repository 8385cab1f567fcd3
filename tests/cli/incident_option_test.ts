import { InvalidArgumentError } from "commander";
import assert from "node:assert/strict";
import { incidentPlan, oneMoreIncident } from "../../src/cli/incident_option.ts";
import { INCIDENT_KINDS, STRENGTHS } from "../../src/produce/incident_kind.ts";

Deno.test("incidentPlan() reads kind, category, region, start, duration and strength", () => {
  assert.deepStrictEqual(incidentPlan("fraud-burst:category=travel,at=+10m,for=15m,strength=0.25"), {
    kind: "fraud-burst",
    category: "travel",
    begins: { afterMs: 600_000 },
    durationMs: 900_000,
    strength: 0.25,
  });
  assert.deepStrictEqual(incidentPlan("new-region:region=HI,category=a=b:c,at=2026-01-05T00:10:00Z,strength=7"), {
    kind: "new-region",
    category: "a=b:c",
    region: "HI",
    begins: { atMs: Date.UTC(2026, 0, 5, 0, 10) },
    durationMs: 600_000,
    strength: 7,
  });
});

Deno.test("incidentPlan() gives every kind a strength of its own when none is named", () => {
  for (const kind of INCIDENT_KINDS) {
    const { strength, begins } = incidentPlan(`${kind}:category=home,region=ZZ`),
      { standard, allows } = STRENGTHS[kind];
    assert.deepStrictEqual([strength, begins, allows(standard)], [standard, { afterMs: 0 }, true], kind);
  }
});

Deno.test("incidentPlan() takes the strengths of each kind at their limits and none past them", () => {
  const limits = {
    "fraud-burst": [[0.001, 1], [0, -0.1, 1.001]],
    "rate-drop": [[0, 0.999], [-0.1, 1]],
    "rate-surge": [[1.001, 100], [1, 100.1]],
    "price-shift": [[0.001, 0.999, 1.001, 1_000], [0, 1, 1_000.1]],
    "dead-category": [[0], [0.1, 1]],
    "new-region": [[0.001, 10_000], [0, -1, 10_001]],
  } as const;
  for (const kind of INCIDENT_KINDS) {
    const read = (strength: number) => incidentPlan(`${kind}:category=home,region=ZZ,strength=${strength}`).strength;
    const [good, bad] = limits[kind];
    assert.deepStrictEqual(good.map(read), [...good]);
    for (const strength of [...bad, NaN, Infinity]) assert.throws(() => read(strength), InvalidArgumentError, kind);
  }
});

Deno.test("incidentPlan() refuses what it cannot read, and names the part", () => {
  const wrong: [text: string, said: RegExp][] = [
    ["", /kind is one of fraud-burst, .*got ""/],
    ["fraud:category=a", /kind is one of .*got "fraud"/],
    ["rate-drop", /rate-drop needs a category/],
    ["rate-drop:region=TX", /rate-drop needs a category/],
    ["rate-drop:category=", /category has 1 to 128 bytes/],
    [`rate-drop:category=${"a".repeat(129)}`, /category has 1 to 128 bytes/],
    ["rate-drop:category=a,region=\n", /region has 1 to 128 bytes/],
    ["rate-drop:category=a,category=b", /category is given twice/],
    ["rate-drop:category=a,colour=red", /got "colour=red"/],
    ["rate-drop:category=a,", /got ""/],
    ["rate-drop:category=a,strength=", /strength of rate-drop is the factor of the rate, .*got ""/],
    ["rate-drop:category=a,for=0s", /for is a duration .*got "0s"/],
    ["rate-drop:category=a,for=long", /for is a duration .*got "long"/],
    ["rate-drop:category=a,at=+soon", /at is a time .*got "\+soon"/],
    ["rate-drop:category=a,at=soon", /at is a time .*got "soon"/],
    ["new-region:category=a", /new-region needs the region/],
  ];
  for (const [text, said] of wrong) {
    assert.throws(
      () => incidentPlan(text),
      (error) => error instanceof InvalidArgumentError && said.test(error.message),
      text,
    );
  }
});

Deno.test("oneMoreIncident() keeps those of the flags before it, in order", () => {
  const two = oneMoreIncident("rate-drop:category=b", oneMoreIncident("rate-drop:category=a"));
  assert.deepStrictEqual(two.map(({ category }) => category), ["a", "b"]);
});
