/** The list of mutations fits the tree; `deno task mutate` runs them. */
import assert from "node:assert/strict";
import { MUTATIONS } from "./mutations.ts";

const textOf = (path: string) => Deno.readTextFile(new URL(`../../${path}`, import.meta.url));

Deno.test("MUTATIONS: the text of each stands in its file exactly once", async () => {
  const counts = await Promise.all(MUTATIONS.map(async ({ law, file, find }) => {
    return { law, count: (await textOf(file)).split(find).length - 1 };
  }));
  assert.deepEqual(counts.filter(({ count }) => count !== 1), []);
});

Deno.test("tests/simulation/README.md lists every law that is broken on purpose, and where", async () => {
  const rows = [...(await textOf("tests/simulation/README.md")).matchAll(/^\| (.+?) +\| `(\S+\.ts)` +\| (.+?) +\|$/gm)];
  const wanted = MUTATIONS.map(({ law, file, noticed }) => {
    return [law, file, "seed" in noticed ? `seed ${noticed.seed}` : noticed.tests.join(", ")];
  });
  assert.deepEqual(rows.map((row) => row.slice(1)), wanted);
});
