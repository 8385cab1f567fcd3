/** The newcomer's command, and who may process a log. */
import assert from "node:assert/strict";
import type { Ledger } from "../../src/stream/ledger.ts";
import { assertBalanced } from "./comparison.ts";
import { Installation, lastLedger } from "./installation.ts";
import { eventually, json } from "./program.ts";
import { assertStoreExact } from "./store_law.ts";

/** How soon the page must be live. */
const LIVE_MS = 5_000;

Deno.test("tally dev --for 12s is live within 5 s, balances, ends by itself, and a run makes its points exact", async () => {
  await using tally = await Installation.create();
  const dev = tally.start("dev", "--for", "12s", "--port", "0");
  const url = await dev.url();
  const points = `${url}/api/points?measurement=transactions_avg`;
  await eventually(async () => (await json<readonly unknown[]>(points)).length > 0 ? true : undefined, {
    what: `points at ${points}`,
    withinMs: LIVE_MS,
  });
  const page = await fetch(url), health = await fetch(`${url}/healthz`);
  assert.match(await page.text(), /<html/i);
  assert.equal(health.status, 200, await health.text());
  assertBalanced(await json<Ledger>(`${url}/api/ledger`));
  const { code, stdout, stderr } = await dev.finished();
  assert.equal(code, 0, stderr);
  const ledger = lastLedger(stdout);
  assertBalanced(ledger);
  assert.ok(ledger.total.counted > 1_000, `${ledger.total.counted} counted`);

  assert.equal((await tally.catchUp()).total.position, ledger.total.position);
  await assertStoreExact(tally, { isRaised: true });
});

Deno.test("tally run on a log that is being processed exits 2, naming the process, which goes on and drains on SIGTERM", async () => {
  await using tally = await Installation.create();
  await tally.run("produce", "--count", "1000", "--speed", "max");
  const first = tally.start("run");
  const url = await first.url();
  await eventually(async () => (await json<Ledger>(`${url}/api/ledger`)).total.position === 1_000 ? true : undefined, {
    what: "1,000 records processed",
  });
  const second = await tally.start("run").finished();
  assert.equal(second.code, 2, second.stderr);
  assert.match(second.stderr.trimEnd().split("\n").at(-1) ?? "", new RegExp(`process ${first.pid}\\b`));
  assert.equal((await fetch(`${url}/healthz`)).status, 200);
  first.signal("SIGTERM");
  const { code, stdout } = await first.finished();
  assert.equal(code, 0);
  assert.deepEqual(Object.keys(lastLedger(stdout)), ["partitions", "total"]);
  assertBalanced(lastLedger(stdout));
});

Deno.test("tally run prints as its last line the ledger as DESIGN.md §9 has it, the same as /api/ledger", async () => {
  await using tally = await Installation.create();
  await tally.run("produce", "--count", "1000", "--speed", "max");
  const { partitions: [line = {}] } = await tally.catchUp();
  assert.deepEqual(
    Object.keys(line).toSorted(),
    ["amended", "counted", "end", "first", "future", "invalid", "late", "partition", "position", "skipped"],
  );
});
