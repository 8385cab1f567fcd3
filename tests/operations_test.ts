import assert from "node:assert/strict";
import { Board } from "../actors/live.ts";
import { system } from "../src/actor/mod.ts";
import { pipelineMetrics } from "../src/cli/pipeline_metrics.ts";
import { systemClock, systemRandom } from "../src/clock.ts";

const operations = await Deno.readTextFile(new URL("../docs/operations.md", import.meta.url));

Deno.test("docs/operations.md has every metric of the program with its labels and meaning, and no other", async () => {
  await using running = system({ clock: systemClock, random: systemRandom });
  const families = pipelineMetrics(new Board(systemClock), running);
  const rows = [...operations.matchAll(/^\| `(\w+)` +\| ([\w, ]*?) +\| (.*?) +\|$/gm)].map((row) => row.slice(1));
  assert.deepStrictEqual(rows, families.map(({ name, labels, help }) => [name, labels.join(", "), help]));
});
