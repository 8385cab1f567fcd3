import assert from "node:assert/strict";
import manifest from "../deno.json" with { type: "json" };
import { PIPELINE_LIMITS } from "../src/cli/pipeline_tree.ts";
import { SETTINGS } from "../src/settings.ts";

const readme = await Deno.readTextFile(new URL("../README.md", import.meta.url));
const ci = await Deno.readTextFile(new URL("../.ci/run", import.meta.url));

Deno.test("README.md names every setting", () => {
  const missing = Object.values(SETTINGS).map(({ env }) => env).filter((env) => !readme.includes(env));
  assert.deepStrictEqual(missing, []);
});

Deno.test("README.md pins the Deno that CI uses, and names only tasks that there are", () => {
  const pinned = new Set([...readme.matchAll(/deno@([\d.]+\d)/g)].map(([, version]) => version));
  const [, used] = /DENO_VERSION=([\d.]+)/.exec(ci) ?? [];
  assert.deepStrictEqual([...pinned], [used]);
  const named = [...readme.matchAll(/deno task ([a-z:]+)/g)].map(([, task]) => task ?? "");
  assert.deepStrictEqual(named.filter((task) => !Object.hasOwn(manifest.tasks, task)), []);
});

Deno.test("README.md's table of limits has the numbers of the program", () => {
  const grouped = (value: number) => value.toLocaleString("en-US");
  const { categories, regions, valueBytes, panesAhead, letterBytes, creditBytes } = PIPELINE_LIMITS;
  const mebibytes = (bytes: number) => `${bytes / 1_048_576} MiB`;
  const numbers = [
    ...[categories, regions, valueBytes, panesAhead].map(grouped),
    ...[letterBytes, creditBytes].map(mebibytes),
  ];
  assert.deepStrictEqual(numbers.filter((number) => !readme.includes(number)), []);
});
