import assert from "node:assert/strict";
import { SPLIT_MUTATIONS, SplitWorld } from "./split_model.ts";

const SEEDS = 1_500;
const seeds = Array.from({ length: SEEDS }, (_, seed) => seed);

Deno.test(`SplitWorld.run() finds nothing wrong in ${SEEDS} seeds of shared topics, keyed or not, kills and added partitions`, () => {
  let splits = 0;
  const failed = seeds.flatMap((seed) => {
    const world = new SplitWorld(seed), found = world.run();
    if (world.splits > 0) splits++;
    return found.length > 0 ? [`seed ${seed}: ${found[0]}`] : [];
  });
  assert.deepStrictEqual(failed, []);
  assert.ok(splits > SEEDS / 4, `only ${splits} seeds had a split`);
});

for (const mutation of SPLIT_MUTATIONS) {
  Deno.test(`SplitWorld.run() notices the law broken by ${mutation}`, () => {
    const seed = seeds.find((seed) => new SplitWorld(seed, mutation).run().length > 0);
    assert.notStrictEqual(seed, undefined, `no seed of ${SEEDS} notices ${mutation}`);
  });
}
