/**
 * `deno task mutate [--only TEXT]`: breaks each law in a copy of the tree and tells whether anybody noticed.
 *
 * A mutation that survives, one whose text is gone, and a witness who already cries on the whole tree all fail the run.
 */
import { cp } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import { taskArgs } from "../security/task_args.ts";
import type { Mutation, Witness } from "./mutation.ts";
import { MUTATIONS } from "./mutations.ts";

const ROOT = fileURLToPath(new URL("../..", import.meta.url));
const COPIED = ["src", "actors", "tests", "deno.json", "deno.lock"];
/** Seeds tried at the hint, then through the rest while none notices. */
const HINTED = 6, CHUNK = 60, SEEDS = 900;

/** What a witness said. */
interface Verdict {
  readonly isNoticed: boolean;
  readonly by: string;
  /** What was printed, when it was neither a notice nor a clean end. */
  readonly trouble?: string;
}

async function main(args: readonly string[]): Promise<number> {
  const only = args[0] === "--only" ? args[1] ?? "" : "";
  const chosen = MUTATIONS.filter(({ law }) => law.includes(only));
  const copy = await Deno.makeTempDir({ prefix: "tally-mutations-" }), startedAtMs = performance.now();
  let survived = 0;
  try {
    for (const name of COPIED) await cp(`${ROOT}${name}`, `${copy}/${name}`, { recursive: true });
    if (!await isClean(copy, chosen)) return 1;
    for (const mutation of chosen) survived += await isKilled(copy, mutation) ? 0 : 1;
  } finally {
    await Deno.remove(copy, { recursive: true });
  }
  const seconds = Math.round((performance.now() - startedAtMs) / 1_000);
  console.log(`${chosen.length - survived} of ${chosen.length} broken laws were noticed, ${seconds} s`);
  return survived === 0 && chosen.length > 0 ? 0 : 1;
}

/** Whether all witnesses are silent while nothing is broken. */
async function isClean(copy: string, mutations: readonly Mutation[]): Promise<boolean> {
  const witnesses = new Map(mutations.map(({ noticed }) => [JSON.stringify(noticed), noticed]));
  for (const witness of witnesses.values()) {
    const { isNoticed, by, trouble } = await look(copy, witness);
    if (!isNoticed && trouble === undefined) continue;
    console.log(`Cannot begin: with nothing broken there is trouble already, with ${by}\n${trouble ?? ""}`);
    return false;
  }
  return true;
}

/** Applies one mutation, asks its witness, takes it back. */
async function isKilled(copy: string, { law, file, find, replace, noticed }: Mutation): Promise<boolean> {
  const path = `${copy}/${file}`, text = await Deno.readTextFile(path), startedAtMs = performance.now();
  const found = text.split(find).length - 1;
  if (found !== 1) {
    console.log(`NOT FOUND  ${law}: its text stands ${found} times in ${file}`);
    return false;
  }
  await Deno.writeTextFile(path, text.replace(find, () => replace));
  const { isNoticed, by, trouble } = await ask(copy, noticed);
  await Deno.writeTextFile(path, text);
  const seconds = ((performance.now() - startedAtMs) / 1_000).toFixed(1);
  console.log(`${isNoticed ? "noticed " : "SURVIVED"}  ${law}: by ${by}, ${seconds} s${trouble ? `\n${trouble}` : ""}`);
  return isNoticed;
}

/** What a witness says at first sight. */
function look(copy: string, witness: Witness): Promise<Verdict> {
  return "tests" in witness ? testsIn(copy, witness.tests) : seedsIn(copy, witness.seed, HINTED);
}

/** The same, with patience: the simulation goes through its other seeds too. */
async function ask(copy: string, witness: Witness): Promise<Verdict> {
  let verdict = await look(copy, witness);
  if ("tests" in witness) return verdict;
  for (let from = 0; from < SEEDS && !verdict.isNoticed && verdict.trouble === undefined; from += CHUNK) {
    verdict = await seedsIn(copy, from, CHUNK);
  }
  return verdict;
}

/** Plays seeds; only a law that they find broken counts, not a program that does not even start. */
async function seedsIn(copy: string, from: number, count: number): Promise<Verdict> {
  const args = [...taskArgs("sim"), "--from", `${from}`, "--count", `${count}`];
  const { code, text } = await deno(copy, args), seed = /^seed (\d+)/m.exec(text)?.[1];
  const by = seed === undefined ? `no seed from ${from} to ${from + count - 1}` : `seed ${seed}`;
  const broken = Number(/^(\d+) of \d+ seeds/m.exec(text)?.[1]);
  if (Number.isNaN(broken)) return { isNoticed: false, by, trouble: text.slice(-2_000) };
  return { isNoticed: code !== 0 && broken > 0, by };
}

async function testsIn(copy: string, files: readonly string[]): Promise<Verdict> {
  const { code, text } = await deno(copy, ["test", "-A", "--no-check", "--fail-fast", ...files]), by = files.join(", ");
  const failed = Number(/ (\d+) failed/.exec(text)?.[1]);
  if (Number.isNaN(failed)) return { isNoticed: false, by, trouble: text.slice(-2_000) };
  return { isNoticed: code !== 0 && failed > 0, by };
}

async function deno(cwd: string, args: readonly string[]): Promise<{ readonly code: number; readonly text: string }> {
  const command = new Deno.Command(Deno.execPath(), { args: [...args], cwd, env: { NO_COLOR: "1" }, stdin: "null" });
  const { code, stdout, stderr } = await command.output();
  const utf8 = new TextDecoder();
  return { code, text: utf8.decode(stdout) + utf8.decode(stderr) };
}

if (import.meta.main) Deno.exit(await main(Deno.args));
