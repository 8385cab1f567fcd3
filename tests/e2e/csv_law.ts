/** The law of a replayed card-fraud CSV, for any log and store. */
import assert from "node:assert/strict";
import type { OracleEvent } from "../fakes/naive_oracle.ts";
import { assertBalanced, assertExact, assertSameTotals, totals, totalsOfPanes, type Written } from "./comparison.ts";
import { exported } from "./store_law.ts";
import { eventsOfCsv } from "./fraud_csv.ts";
import type { Installation } from "./installation.ts";

/** Replays the file at `path`, processes it and holds what is in the store against a recomputation of the file. */
export async function assertCsvExact(
  tally: Installation,
  path: string,
  read: () => Promise<Written> = () => exported(tally),
): Promise<readonly OracleEvent[]> {
  const events = eventsOfCsv(await Deno.readTextFile(path));
  await tally.run("produce", "--file", path, "--format", "csv");
  const ledger = await tally.catchUp();
  assertBalanced(ledger);
  assert.deepEqual([ledger.total.position, ledger.total.counted], [events.length, events.length]);
  const written = await read();
  assertSameTotals(totalsOfPanes(written.panes), totalsOfEvents(events));
  assertExact(written, events, { shape: tally.config.shape });
  return events;
}

/** Count, sum, fraud count and fraud amount by category and region. */
export function totalsOfEvents(events: readonly OracleEvent[]): ReadonlyMap<string, readonly number[]> {
  return totals(events.map(({ category, region, amount, isFraud }) => [
    `${category} ${region}`,
    [1, amount, isFraud ? 1 : 0, isFraud ? amount : 0],
  ]));
}
