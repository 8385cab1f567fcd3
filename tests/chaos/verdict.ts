/** What is true when all has come to rest: the topic minus its letters, read anew and held against the store. */
import assert from "node:assert/strict";
import { assertBalanced, assertExact, type Written } from "../e2e/comparison.ts";
import type { FlatPoint, Installation, PrintedLetter } from "../e2e/installation.ts";
import { readTopic, withoutLetters } from "../e2e/recomputation.ts";
import { assertSameStore } from "../e2e/store_law.ts";
import { naivePanes } from "../fakes/naive_oracle.ts";

/** Where the points are, and where an undisturbed run may put its own. */
export interface Judged {
  readonly tally: Installation;
  readonly written: () => Promise<Written>;
  /** An installation on the same topic with a group and a store of its own; undefined when there can be none. */
  readonly undisturbed:
    | (() => Promise<{ readonly tally: Installation; readonly written: () => Promise<Written> }>)
    | undefined;
}

/** What was found. */
export interface Verdict {
  readonly records: number;
  readonly letters: number;
  /** Events of the topic, without its letters, that the panes of the store do not count. */
  readonly lost: number;
  /** Events that they count beyond those. */
  readonly doubled: number;
  /** Whether every point equals that of an undisturbed run to the bit; undefined where letters differ or none can be. */
  readonly isSameAsUndisturbed: boolean | undefined;
  /** What is wrong, if anything. */
  readonly wrong: string | undefined;
}

/** Lets one processor work off what is left, and judges. */
export async function judge({ tally, written, undisturbed }: Judged): Promise<Verdict> {
  const ledger = await tally.catchUp();
  const records = await readTopic(tally.config), letters = await tally.letters(), store = await written();
  const events = withoutLetters(records, letters, tally.config);
  const { shape } = tally.config;
  const counted = new Map([...naivePanes(events, shape, Infinity)].map(([key, { count }]) => [key, count]));
  const { lost, doubled } = compareCounts(store.panes, counted);
  const disturbance = await differenceToUndisturbed({ store, letters, undisturbed });
  const wrong = wrongOf(() => {
    assertBalanced(ledger);
    assert.equal(ledger.total.position, records.length, "every record of the topic has been decided");
    assert.equal(new Set(letters.map(({ partition, offset }) => `${partition} ${offset}`)).size, letters.length);
    assertExact(store, events, { shape, isRaised: true });
    assert.ok(!disturbance, `unlike an undisturbed run: ${disturbance}`);
  });
  const isSameAsUndisturbed = disturbance === undefined ? undefined : disturbance === "";
  return { records: records.length, letters: letters.length, lost, doubled, isSameAsUndisturbed, wrong };
}

/** Counts of the panes in the store beside the true ones, by category, region and start. */
function compareCounts(panes: readonly FlatPoint[], counted: ReadonlyMap<string, number>) {
  const found = new Map(panes.map((pane) => [
    `${pane["category"]} ${pane["region"]} ${Date.parse(String(pane["time"]))}`,
    Number(pane["transaction_count"]),
  ]));
  let lost = 0, doubled = 0;
  for (const key of new Set([...found.keys(), ...counted.keys()])) {
    const tooMany = (found.get(key) ?? 0) - (counted.get(key) ?? 0);
    lost += Math.max(0, -tooMany);
    doubled += Math.max(0, tooMany);
  }
  return { lost, doubled };
}

interface Disturbed extends Pick<Judged, "undisturbed"> {
  readonly store: Written;
  readonly letters: readonly PrintedLetter[];
}

/** What differs from a run that nothing disturbs; undefined where both have not counted the same records. */
async function differenceToUndisturbed({ store, letters, undisturbed }: Disturbed): Promise<string | undefined> {
  if (undisturbed === undefined) return undefined;
  const other = await undisturbed();
  const { total } = await other.tally.catchUp();
  // Both write to the same dead letters, each record once: as many, and none new, are the same.
  const all = await other.tally.letters();
  if (total.late + total.future + total.invalid !== letters.length || all.length !== letters.length) return undefined;
  const expected = await other.written();
  return wrongOf(() => assertSameStore(upTo(store, expected), expected)) ?? "";
}

/** Without the empty windows that a clock has added after the last event. */
function upTo({ windows, panes }: Written, expected: Written): Written {
  const newest = expected.windows.reduce((max, { time }) => max > String(time) ? max : String(time), "");
  return { windows: windows.filter(({ time }) => String(time) <= newest), panes };
}

function wrongOf(check: () => void): string | undefined {
  try {
    check();
    return undefined;
  } catch (error) {
    if (error instanceof assert.AssertionError) return error.message;
    throw error;
  }
}
