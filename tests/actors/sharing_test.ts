import assert from "node:assert/strict";
import type { OwnedPartition } from "../../actors/desk.ts";
import type { Mark } from "../../actors/partition_task.ts";
import { Sharing } from "../../actors/sharing.ts";
import type { Log } from "../../src/log.ts";
import { CategoryFilter, encodeFilter, hashedName } from "../../src/stream/category_filter.ts";
import { encodeCheckpoint, initialCheckpoint } from "../../src/stream/checkpoint.ts";
import { RetryableError } from "../../src/stream/failures.ts";
import { ManualClock } from "../fakes/manual_clock.ts";
import { MemoryLog, MemorySource } from "../fakes/memory_log.ts";

const CONFIG = { slideMs: 5, windowMs: 20, latenessMs: 10, zeroFillMs: 10, fieldMap: "00000000" };
const CALM_MS = 300_000;

const owned = (partition: number, isAdded = false): OwnedPartition => (
  { partition, checkpoint: initialCheckpoint(0, CONFIG), closedMs: -Infinity, isAdded }
);
const markOf = (partition: number, categories: readonly string[]): Mark => ({
  partition,
  categories,
  next: 5,
  watermarkMs: 50,
  highMs: 60,
  newestPaneMs: 60,
  stepMs: Infinity,
  isReplaying: false,
  isRaiseBound: false,
});

/** One process's side of a topic of three partitions, of which it owns some. */
function world(partitions: readonly number[], { split, added }: { split?: string; added?: number } = {}) {
  const log = new MemoryLog(3), source = new MemorySource(log, new ManualClock()), told: unknown[] = [];
  const say = (_message: string, fields: unknown) => void told.push(fields);
  const silent: Log = { debug() {}, info() {}, warn: say, error() {} };
  const sharing = new Sharing({ source, log: silent });
  const checkpoints = partitions.map((partition) => owned(partition, partition === added));
  sharing.begin({ generation: 1, checkpoints, partitionCount: 3, split });
  /** What the other process shows of partition 2. */
  const show = (watermarkMs: number, categories: readonly string[], salt = 1) => {
    const shown = { watermarkMs, isIdle: false, filter: encodeFilter(categories.map(hashedName), salt) };
    const metadata = encodeCheckpoint({ ...initialCheckpoint(0, CONFIG), shown });
    log.commits.set(2, { partition: 2, position: 0, metadata });
  };
  return { sharing, source, log, show, told };
}

Deno.test("Sharing of a process that owns all partitions asks nobody, shows nothing and holds nothing", async () => {
  const { sharing, source } = world([0, 1, 2]);
  source.failCommitted = 1;
  const mark = markOf(0, []);
  await sharing.look([mark], 0);
  assert.deepStrictEqual([sharing.asksNames, sharing.reachMs, sharing.lowest], [false, Infinity, undefined]);
  assert.strictEqual(sharing.shownOf({ mark, watermarkMs: 50, isIdle: false }), undefined);
  assert.strictEqual(source.failCommitted, 1);
});

Deno.test("Sharing of a process that owns nothing asks nobody either", async () => {
  const { sharing, source } = world([]);
  source.failCommitted = 1;
  await sharing.look([], 0);
  assert.deepStrictEqual([sharing.asksNames, source.failCommitted], [false, 1]);
});

Deno.test("Sharing.look() lets nothing pass what the others have committed, and fails when they cannot be asked", async () => {
  const { sharing, source, show } = world([0, 1]);
  assert.deepStrictEqual([sharing.asksNames, sharing.reachMs], [true, -Infinity]);
  show(40, ["travel"]);
  await sharing.look([markOf(0, ["grocery"]), markOf(1, [])], 0);
  assert.deepStrictEqual([sharing.reachMs, sharing.lowest, sharing.others.activeMs], [40, 2, 40]);
  source.failCommitted = 1;
  await assert.rejects(sharing.look([markOf(0, ["grocery"])], 0), RetryableError);
});

Deno.test("Sharing.shownOf() shows watermark, idleness and categories, under another salt when something has moved", () => {
  const { sharing } = world([0, 1]);
  const shownAt = (next: number) =>
    sharing.shownOf({ mark: { ...markOf(0, ["travel", "grocery"]), next }, watermarkMs: 70, isIdle: true });
  const shown = shownAt(5), later = shownAt(6);
  assert.deepStrictEqual([shown?.watermarkMs, shown?.isIdle], [70, true]);
  const filter = new CategoryFilter(shown?.filter ?? "");
  assert.deepStrictEqual(["travel", "grocery", "other"].map((name) => filter.has(hashedName(name))), [
    true,
    true,
    false,
  ]);
  assert.notStrictEqual(shown?.filter, later?.filter);
  assert.strictEqual(shown?.filter, shownAt(5)?.filter);
});

Deno.test("Sharing.shareOf() is the run of partitions owned", () => {
  assert.deepStrictEqual(world([1, 2]).sharing.shareOf(9), { first: 1, end: 3, closedMs: 9 });
  assert.deepStrictEqual(world([]).sharing.shareOf(9), { first: 0, end: 0, closedMs: 9 });
});

Deno.test("Sharing reports a split with category and partitions, and says what to do", async () => {
  const { sharing, source, show, told } = world([0, 1]);
  for (let salt = 1; salt < 6; salt++) {
    show(40, ["travel"], salt);
    await sharing.look([markOf(0, []), markOf(1, ["travel"])], salt);
  }
  const [report] = source.reports;
  assert.ok(report?.kind === "split" && report.text === sharing.split);
  assert.match(report.text, /"travel" is in partitions 1 and 2, .* run one process, or key the topic by category/);
  assert.strictEqual(told.length, 1);
});

Deno.test("Sharing of the one process that has everything upon a split reports when no category is in two partitions for 5 min", async () => {
  const { sharing, source } = world([0, 1, 2], { split: "why" });
  const apart = [markOf(0, ["a"]), markOf(1, ["b"])], together = [markOf(0, ["a"]), markOf(1, ["b", "a"])];
  assert.deepStrictEqual([sharing.asksNames, sharing.split], [true, "why"]);
  await sharing.look(apart, 0);
  await sharing.look(together, CALM_MS - 1);
  await sharing.look(apart, CALM_MS);
  await sharing.look(apart, 2 * CALM_MS - 1);
  assert.deepStrictEqual(source.reports, []);
  await sharing.look(apart, 2 * CALM_MS);
  assert.deepStrictEqual(source.reports, [{ kind: "disjoint" }]);
});

Deno.test("Sharing.begin() says which partitions were added to the topic", () => {
  assert.deepStrictEqual(world([0, 1, 2], { added: 2 }).told, [{ partitions: [2] }]);
  assert.deepStrictEqual(world([0, 1, 2]).told, []);
});
