/** The promise of the whole, for any log and store: the store holds exactly the topic minus its dead letters. */
import assert from "node:assert/strict";
import { assertExact, type ExactOptions, type Written } from "./comparison.ts";
import type { FlatPoint, Installation } from "./installation.ts";
import { decide, readTopic, withoutLetters } from "./recomputation.ts";

/** How the store is read, and what kind of run filled it. */
export type StoreLawOptions = Pick<ExactOptions, "isRaised"> & {
  /** @default {`tally export`} */
  readonly read?: () => Promise<Written>;
};

/** All points, by `tally export`. */
export async function exported(tally: Installation): Promise<Written> {
  return { windows: await tally.points("transactions_avg"), panes: await tally.points("transactions_total") };
}

/** Asserts that the store holds exactly the topic minus its dead letters, whatever made them dead. */
export async function assertStoreExact(tally: Installation, options: StoreLawOptions = {}): Promise<void> {
  const { read = () => exported(tally), isRaised = false } = options, { config } = tally;
  const events = withoutLetters(await readTopic(config), await tally.letters(), config);
  assertExact(await read(), events, { shape: config.shape, isRaised });
}

/** The same after a run that nothing disturbed, whose dead letters follow from the records alone. */
export async function assertUndisturbedExact(tally: Installation, options: StoreLawOptions = {}): Promise<void> {
  const { config } = tally, decisions = decide(await readTopic(config), config);
  const letters = decisions.filter(({ kind }) => kind !== "counted");
  assert.deepEqual(
    (await tally.letters()).map(({ partition, offset, reason }) => [partition, offset, reason]),
    letters.map(({ record, kind }) => [record.partition, record.offset, kind]),
  );
  await assertStoreExact(tally, options);
}

/** The final panes of a store by name: what later runs must leave as it is. */
export function finalsOf(panes: readonly FlatPoint[]): ReadonlyMap<string, FlatPoint> {
  const finals = panes.filter((pane) => pane["final"] === true);
  return new Map(finals.map((pane) => [`${pane["category"]} ${pane["region"]} ${pane["time"]}`, pane]));
}

/** Asserts that what was final before is the same now. */
export function assertFinalsKept(before: readonly FlatPoint[], now: readonly FlatPoint[]): void {
  const kept = finalsOf(before), current = finalsOf(now);
  assert.ok(kept.size > 0, "something was final before");
  const changed = [...kept].filter(([name, pane]) => JSON.stringify(current.get(name)) !== JSON.stringify(pane));
  assert.deepEqual(changed.slice(0, 5).map(([name, pane]) => [pane, current.get(name)]), []);
}
