/** Repairs on any log and store: late events put back beside a running processor, then those of a mended mapping. */
import assert from "node:assert/strict";
import type { Ledger } from "../../src/stream/ledger.ts";
import { assertBalanced } from "./comparison.ts";
import { type Installation, lastLedger, linesOf, reachedPosition } from "./installation.ts";
import { eventually, json } from "./program.ts";
import { assertFinalsKept, assertStoreExact, type StoreLawOptions } from "./store_law.ts";

/** What a repair prints as its last line. */
interface Printed {
  readonly from?: string;
  readonly to?: string;
  readonly points: number;
  readonly refused: number;
  readonly amended: number;
  readonly waiting?: number;
  readonly unreadable?: number;
}

const COUNT = 30_000;
const LATE = 300;
/** Of each ten late events one names its amount as no mapping knows it yet. */
const UNREADABLE = LATE / 10;
const MINUTE_MS = 60_000;

/** Late events by minute, from ten minutes to four before `nowMs`. */
function lateLines(nowMs: number): string {
  const categories = ["grocery_pos", "travel", "only_late"];
  const lines = Array.from({ length: LATE }, (_, index) => {
    const timestamp = new Date(nowMs - 10 * MINUTE_MS + Math.floor(index * 6 * MINUTE_MS / LATE)).toISOString();
    const amount = index % 10 === 0 ? { amt: index } : { amount: index };
    return JSON.stringify({ category: categories[index % 3], region: "CA", timestamp, ...amount });
  });
  return lines.join("\n") + "\n";
}

async function printed(tally: Installation, ...args: readonly string[]): Promise<Printed> {
  const [line] = linesOf<Printed>(await tally.run(...args)).slice(-1);
  if (line === undefined) throw new TypeError(`Cannot read what tally ${args.join(" ")} has printed: nothing`);
  return line;
}

/** Plays the law; `nowMs` is the wall time, for events may not be of the future. */
export async function assertRepairs(tally: Installation, nowMs: number, options: StoreLawOptions = {}): Promise<void> {
  const isRaised = { ...options, isRaised: true };
  await tally.run("produce", "--count", `${COUNT}`, "--rate", "40", "--seed", "7", "--speed", "max");
  await Deno.writeTextFile(`${tally.directory}/late.jsonl`, lateLines(nowMs));
  await tally.run("produce", "--file", `${tally.directory}/late.jsonl`, "--speed", "max");
  const ledger = await tally.catchUp();
  assertBalanced(ledger);
  assert.deepEqual([ledger.total.late, ledger.total.invalid], [LATE - UNREADABLE, UNREADABLE]);
  await assertStoreExact(tally, options);
  await replayBesideTheProcessor(tally);
  await assertStoreExact(tally, isRaised);
  await backfillChangesNothing(tally, nowMs);
  await replayUnreadable(tally);
  await assertStoreExact(tally.with({ FIELD_MAP: "amount=amt" }), isRaised);
}

async function replayBesideTheProcessor(tally: Installation): Promise<void> {
  const producer = tally.start("produce", "--rate", "200", "--count", "3000", "--seed", "8");
  const processor = tally.start("run");
  const url = await processor.url();
  await reachedPosition(url, COUNT + LATE + 500);
  const { amended, waiting, refused } = await printed(tally, "replay-dead", "--reason", "late", "--rate", "50000");
  assert.deepEqual([amended, waiting, refused], [LATE - UNREADABLE, 0, 0]);
  await eventually(async () => {
    const { total } = await json<Ledger>(`${url}/api/ledger`);
    return total.amended === amended ? total : undefined;
  }, { what: `amended ${amended} at ${url}` });
  assert.equal((await producer.finished()).code, 0);
  await reachedPosition(url, COUNT + LATE + 3_000);
  processor.signal("SIGINT");
  const last = lastLedger((await processor.finished()).stdout);
  assertBalanced(last);
  assert.deepEqual([last.total.late, last.total.amended], [LATE - UNREADABLE, amended]);
  assert.equal((await tally.catchUp()).total.amended, amended);
  assert.equal((await printed(tally, "replay-dead", "--reason", "late", "--since", "24h")).points, 0);
}

async function backfillChangesNothing(tally: Installation, nowMs: number): Promise<void> {
  const before = await tally.points("transactions_avg");
  const [from, to] = [nowMs - 8 * MINUTE_MS, nowMs - 5 * MINUTE_MS].map((ms) => new Date(ms).toISOString());
  const { points, amended } = await printed(tally, "backfill", "--from", `${from}`, "--to", `${to}`);
  assert.ok(points > 0 && amended === 0, `${points} points, ${amended} amended`);
  assertFinalsKept(before, await tally.points("transactions_avg"));
}

async function replayUnreadable(tally: Installation): Promise<void> {
  const mended = tally.with({ FIELD_MAP: "amount=amt" });
  const early = await mended.start("replay-dead", "--reason", "invalid").finished();
  assert.deepEqual([early.code, /FIELD_MAP/.test(early.stderr)], [2, true]);
  assert.equal((await printed(tally, "replay-dead", "--reason", "invalid")).unreadable, UNREADABLE);
  await mended.catchUp("--accept-mapping");
  assert.equal((await printed(mended, "replay-dead", "--reason", "invalid")).amended, UNREADABLE);
  assert.equal((await mended.catchUp()).total.amended, LATE);
  assert.deepEqual(await mended.letters(), []);
}
