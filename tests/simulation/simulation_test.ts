import assert from "node:assert/strict";
import { play } from "./simulation.ts";

const SEEDS = 300;

Deno.test(`play() breaks no law in ${SEEDS} seeds of kills, zombies, failing ports, rebalances, crashes, retention and jumps`, async () => {
  const broken: string[] = [];
  let compared = 0;
  for (let seed = 0; seed < SEEDS; seed++) {
    const { breaches, isCompared } = await play(seed);
    if (breaches.length > 0) broken.push(`seed ${seed}: ${breaches[0]}`);
    if (isCompared) compared++;
  }
  assert.deepStrictEqual(broken, []);
  assert.ok(compared > SEEDS / 2, `only ${compared} runs could be held against an undisturbed one`);
});

Deno.test("play() of a seed is the same run every time", async () => {
  const [first, second] = [await play(7), await play(7)];
  assert.deepStrictEqual(first, second);
});
