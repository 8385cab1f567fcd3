import assert from "node:assert/strict";
import { playCrowd } from "./crowd.ts";

const SEEDS = 60;

Deno.test(`playCrowd() breaks no law in ${SEEDS} seeds of processes that share a topic, keyed or not, and of added partitions`, async () => {
  const broken: string[] = [];
  let splits = 0;
  for (let seed = 0; seed < SEEDS; seed++) {
    const outcome = await playCrowd(seed);
    if (outcome.breaches.length > 0) broken.push(`seed ${seed}: ${outcome.breaches[0]}`);
    if (outcome.splits > 0) splits++;
  }
  assert.deepStrictEqual(broken, []);
  assert.ok(splits > SEEDS / 4, `only ${splits} seeds had a split`);
});
