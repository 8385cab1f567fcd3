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
  const [windows, panes] = await Promise.all([tally.points("transactions_avg"), tally.points("transactions_total")]);
  return { windows, panes };
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

/** Asserts that what was final before is the same now. */
export function assertFinalsKept(before: readonly FlatPoint[], now: readonly FlatPoint[]): void {
  const kept = byName(before.filter((point) => point["final"] === true)), current = byName(now);
  assert.ok(kept.size > 0, "something was final before");
  const changed = [...kept].filter(([name, text]) => current.get(name) !== text);
  assert.deepEqual(changed.slice(0, 5).map(([name, text]) => [text, current.get(name)]), []);
}

/** Asserts that two readings of a store found the same points, in whatever order. */
export function assertSameStore(found: Written, expected: Written): void {
  for (const name of ["windows", "panes"] as const) {
    const [one, other] = [byName(found[name]), byName(expected[name])];
    assert.equal(one.size, other.size, name);
    const different = [...one].filter(([point, text]) => other.get(point) !== text);
    assert.deepEqual(different.slice(0, 5).map(([point, text]) => [text, other.get(point)]), []);
  }
}

/** Points as text, whatever the order of their fields, by what names them. */
function byName(points: readonly FlatPoint[]): ReadonlyMap<string, string> {
  return new Map(points.map((point) => {
    const fields = Object.entries(point).toSorted(([a], [b]) => a < b ? -1 : 1);
    return [`${point["category"]} ${point["region"]} ${point["time"]}`, JSON.stringify(fields)];
  }));
}
