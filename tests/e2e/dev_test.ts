/** The newcomer's command. */
import assert from "node:assert/strict";
import type { Ledger } from "../../src/stream/ledger.ts";
import { assertBalanced } from "./comparison.ts";
import { Installation, lastLedger } from "./installation.ts";
import { eventually, json } from "./program.ts";
import { assertStoreExact } from "./store_law.ts";

/** How soon the page must be live: five seconds on a machine of its own, here beside others. */
const LIVE_MS = 20_000;

Deno.test("tally dev --for 25s is live soon, balances, ends by itself, and a run makes its points exact", async () => {
  await using tally = await Installation.create();
  const dev = tally.start("dev", "--for", "25s", "--port", "0");
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
