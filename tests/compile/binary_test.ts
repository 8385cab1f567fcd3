/** The one binary: what is in it, and that it works where its base can be had. */
import assert from "node:assert/strict";
import { fileURLToPath } from "node:url";
import { taskArgs } from "../security/task_args.ts";

const ROOT = fileURLToPath(new URL("../..", import.meta.url));
/** What a user of the binary has no use for. */
const OF_DEVELOPMENT = ["assemblyscript", "binaryen", "playwright-core", "axe-core", "tests", "bench"];
const MOST_MEGABYTES = 40;

interface Compiled {
  readonly path: string;
  readonly listing: string;
  /** Whether the base is Deno's own for binaries, so that the binary runs. */
  readonly isWhole: boolean;
}

/** Compiles as the task does; the base is this very Deno where the right one cannot be downloaded. */
async function compiled(folder: string): Promise<Compiled> {
  const path = `${folder}/tally`, env = { NO_COLOR: "1" };
  const args = taskArgs("compile").map((arg) => arg === "dist/tally" ? path : arg).filter((arg) =>
    arg !== "--no-prompt"
  );
  const listings: string[] = [];
  for (const base of [{}, { DENORT_BIN: Deno.execPath() }]) {
    const call = new Deno.Command(Deno.execPath(), { args, env: { ...env, ...base }, cwd: ROOT });
    const { success, stdout, stderr } = await call.output();
    const listing = new TextDecoder().decode(stdout) + new TextDecoder().decode(stderr);
    if (success) return { path, listing, isWhole: !("DENORT_BIN" in base) };
    listings.push(listing);
  }
  throw new TypeError(`Cannot compile: ${listings.join("\n")}`);
}

Deno.test("deno task compile embeds program, worker, page and atlas, nothing of development, and the binary runs", async () => {
  const folder = await Deno.makeTempDir();
  try {
    const { path, listing, isWhole } = await compiled(folder);
    const names = [...listing.matchAll(/[├└]─[─┬] (\S+?)(?:\/\*)? \(/g)].map(([, name = ""]) => name);
    // A folder that is embedded whole is listed without its files.
    for (const name of ["main.ts", "actors", "decode.wasm", "page", "us-atlas/3.0.1"]) {
      assert.ok(names.includes(name), `${name} in ${listing}`);
    }
    for (const name of OF_DEVELOPMENT) assert.ok(!names.some((found) => found.split("/")[0] === name), name);
    const [, size = "", unit = ""] = /Files: ([\d.]+)(\w+)/.exec(listing) ?? [];
    assert.ok(unit === "MB" && Number(size) < MOST_MEGABYTES, `${size}${unit} are embedded`);
    if (isWhole) await runs(path, folder);
    else console.log("Not run: the base of a binary could not be downloaded");
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});

async function runs(path: string, folder: string): Promise<void> {
  const args = ["dev", "--for", "10s", "--port", "0", "--data-dir", `${folder}/data`];
  const { code, stdout } = await new Deno.Command(path, { args }).output();
  assert.equal(code, 0);
  const ledger = JSON.parse(new TextDecoder().decode(stdout).trim().split("\n").at(-1) ?? "");
  assert.ok(ledger.total.counted > 1_000);
}
