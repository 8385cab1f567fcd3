import assert from "node:assert/strict";
import { memoryProblem, replayMemory } from "../../src/cli/replay_memory.ts";
import { readConfig } from "../../src/config.ts";

const names = (categories: number, regions: number) => ({
  categories: 1_000,
  regions: 500,
  admittedCategories: Array.from({ length: categories }, (_, index) => `c${index}`),
  admittedRegions: Array.from({ length: regions }, (_, index) => `r${index}`),
});

Deno.test("replayMemory() grows with panes, categories and regions, and is nothing where nothing is known", () => {
  const needed = (flags: Readonly<Record<string, string>>, categories: number, regions: number) =>
    replayMemory(readConfig({ flags, env: () => undefined }), names(categories, regions)).needed;
  assert.strictEqual(needed({}, 0, 50), 0);
  assert.strictEqual(needed({}, 28, 50), 2 * needed({}, 14, 50));
  assert.ok(needed({ window: "10m" }, 14, 50) > needed({}, 14, 50));
  assert.ok(needed({}, 14, 500) > needed({}, 14, 50));
  assert.ok(needed({}, 14, 50) < 100 * 2 ** 20); // The defaults fit a small machine.
});

Deno.test("memoryProblem() speaks up from more than half of the memory on", () => {
  assert.strictEqual(memoryProblem({ needed: 2 ** 30, total: 2 ** 31 }), undefined);
  assert.match(
    memoryProblem({ needed: 2 ** 30 + 1, total: 2 ** 31 }) ?? "",
    /1\.0 GiB .* 2\.0 GiB: shorten TALLY_WINDOW/,
  );
});
