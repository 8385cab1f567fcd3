/** The short version of the scenarios that need real servers; `deno task chaos` plays all of them at length. */
import assert from "node:assert/strict";
import { systemRandom } from "../../src/clock.ts";
import { SCENARIOS } from "./scenarios.ts";
import { tableOf } from "./scenario.ts";
import { Theatre } from "./theatre.ts";

const held: { theatre?: Theatre } = {};
Deno.test.beforeAll(async () => void (held.theatre = await Theatre.open()));
Deno.test.afterAll(async () => await held.theatre?.[Symbol.asyncDispose]());

/** The others repeat these in other words. */
const SHORT = new Set(["kill-named", "freeze", "broker", "outage", "members", "embedded"]);

for (const { name, fault, play } of SCENARIOS.filter((scenario) => SHORT.has(scenario.name))) {
  Deno.test({
    name: `chaos: ${name}: the store holds the topic minus its letters after ${fault}`,
    timeout: 300_000,
    async fn() {
      assert.ok(held.theatre !== undefined);
      const seed = Math.floor(systemRandom() * 2 ** 32);
      console.log(`deno task chaos --short --only ${name} --seed ${seed}`);
      const outcome = await play(held.theatre, { seed, isShort: true });
      console.log(tableOf([{ fault, ...outcome }]));
      const { lost, doubled, wrong } = outcome.verdict;
      assert.deepEqual({ lost, doubled, wrong }, { lost: 0, doubled: 0, wrong: undefined });
    },
  });
}
