import assert from "node:assert/strict";
import { seeded } from "../../src/actor/mod.ts";
import { murmur3Text } from "../../src/domain/hash.ts";
import { HyperLogLog } from "../../src/window/hyper_log_log.ts";

function countOf(from: number, to: number): HyperLogLog {
  const counter = new HyperLogLog();
  for (let customer = from; customer < to; customer++) counter.add(murmur3Text(`customer-${customer}`) || 1);
  return counter;
}

Deno.test("HyperLogLog.estimate() is exact for 0 and 1, and stays there when a customer comes again", () => {
  assert.strictEqual(new HyperLogLog().estimate(), 0);
  const one = countOf(0, 1);
  for (let again = 0; again < 1_000; again++) one.add(murmur3Text("customer-0"));
  assert.strictEqual(one.estimate(), 1);
});

// 1.6 % is the standard error; the bound leaves room for the sampling error of this many runs.
Deno.test("HyperLogLog.estimate() has a root mean square error near 1.6 % from 10 to 50,000", () => {
  for (const count of [10, 100, 384, 1_000, 5_000, 12_000, 50_000]) {
    const runs = count > 2_000 ? 10 : 40;
    let squares = 0;
    for (let run = 0; run < runs; run++) {
      const estimate = countOf(run * 1_000_000, run * 1_000_000 + count).estimate();
      squares += ((estimate - count) / count) ** 2;
    }
    const error = Math.sqrt(squares / runs);
    assert.ok(error <= 0.025, `${count}: ${error}`);
  }
});

Deno.test("HyperLogLog.merge() gives to the bit what adding everything to one gives, sparse or dense, in any order", () => {
  const random = seeded(7);
  for (let trial = 0; trial < 50; trial++) {
    const cuts = [0, 1, 2, 3].map(() => Math.floor(random() * 3_000)).sort((a, b) => a - b);
    const [a = 0, b = 0, c = 0, d = 0] = cuts;
    const parts = [countOf(a, c), countOf(b, d), countOf(c, d)];
    const whole = new HyperLogLog();
    for (let customer = a; customer < Math.max(c, d); customer++) whole.add(murmur3Text(`customer-${customer}`) || 1);
    for (const order of [[0, 1, 2], [2, 0, 1]]) {
      const merged = new HyperLogLog();
      for (const index of order) merged.merge(parts[index]?.data() ?? new Uint32Array(0));
      assert.strictEqual(merged.estimate(), whole.estimate());
    }
  }
});
