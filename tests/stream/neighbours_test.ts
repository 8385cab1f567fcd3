import assert from "node:assert/strict";
import { encodeFilter, hashedName } from "../../src/stream/category_filter.ts";
import { type Checkpoint, encodeCheckpoint, initialCheckpoint } from "../../src/stream/checkpoint.ts";
import { Neighbours } from "../../src/stream/neighbours.ts";
import type { Committed } from "../../src/stream/source.ts";

const CONFIG = { slideMs: 5_000, windowMs: 60_000, latenessMs: 30_000, zeroFillMs: 60_000, fieldMap: "11111111" };

/** What an owner shows of a partition. */
interface Show {
  readonly watermarkMs: number;
  readonly names?: readonly string[];
  readonly salt?: number;
  readonly isIdle?: boolean;
  /** The first partition of its owner. */
  readonly first?: number;
}

function commitOf(
  partition: number,
  { watermarkMs, names = [], salt = 1, isIdle = false, first = 0 }: Show,
): Committed {
  const filter = encodeFilter(names.map(hashedName), salt);
  const checkpoint: Checkpoint = {
    ...initialCheckpoint(0, CONFIG),
    share: { first, end: 99, closedMs: -Infinity },
    shown: { watermarkMs, isIdle, filter },
  };
  return { partition, position: 0, metadata: encodeCheckpoint(checkpoint) };
}

const commits = (shows: Readonly<Record<number, Show>>) =>
  new Map(Object.entries(shows).map(([partition, show]) => [Number(partition), commitOf(Number(partition), show)]));
const looked = (shows: Readonly<Record<number, Show>>, categories: readonly string[], before = Neighbours.of([4, 5])) =>
  before.look(commits(shows), categories);

Deno.test("Neighbours of nobody hold nothing back", () => {
  const { reachMs, activeMs, farthestMs, split, lowest } = Neighbours.of([]);
  assert.deepStrictEqual([reachMs, activeMs, farthestMs, split, lowest], [
    Infinity,
    Infinity,
    -Infinity,
    undefined,
    undefined,
  ]);
});

Deno.test("Neighbours.reachMs is the lowest watermark that is shown, −Infinity while one shows nothing", () => {
  assert.strictEqual(looked({ 4: { watermarkMs: 70 }, 5: { watermarkMs: 50 } }, ["travel"]).reachMs, 50);
  assert.strictEqual(looked({ 4: { watermarkMs: 70 } }, ["travel"]).reachMs, -Infinity);
  const silent = { partition: 5, position: 0, metadata: encodeCheckpoint(initialCheckpoint(0, CONFIG)) };
  for (const metadata of [silent.metadata, "an operator's", silent.metadata.replace('"version":1', '"version":9')]) {
    const known = new Map([...commits({ 4: { watermarkMs: 70 } }), [5, { ...silent, metadata }]]);
    const neighbours = Neighbours.of([4, 5]).look(known, ["travel"]);
    assert.deepStrictEqual([neighbours.reachMs, neighbours.lowest, neighbours.split], [-Infinity, 5, undefined]);
  }
});

Deno.test("Neighbours.reachMs stays at the last watermark at which a filter did not have a category of ours", () => {
  const first = looked({ 4: { watermarkMs: 10 }, 5: { watermarkMs: 10 } }, ["travel"]);
  const second = looked({ 4: { watermarkMs: 20 }, 5: { watermarkMs: 20, names: ["travel"] } }, ["travel"], first);
  const third = looked({ 4: { watermarkMs: 30 }, 5: { watermarkMs: 30, names: ["travel"] } }, ["travel"], second);
  assert.deepStrictEqual([first.reachMs, second.reachMs, third.reachMs, third.lowest], [10, 10, 10, 5]);
  const clear = looked({ 4: { watermarkMs: 40 }, 5: { watermarkMs: 40 } }, ["travel"], third);
  assert.strictEqual(clear.reachMs, 40);
});

Deno.test("Neighbours.reachMs of a category that was always there, or came after the commit, is −Infinity", () => {
  const shows = { 4: { watermarkMs: 10 }, 5: { watermarkMs: 10, names: ["travel"] } };
  assert.strictEqual(looked(shows, ["travel"]).reachMs, -Infinity);
  const before = looked(shows, ["grocery"]);
  assert.strictEqual(before.reachMs, 10);
  assert.strictEqual(looked(shows, ["grocery", "travel"], before).reachMs, -Infinity);
});

Deno.test("Neighbours.split names a category only when filters of several salts have it", () => {
  const show = (salt: number): Show => ({ watermarkMs: 10, names: ["travel"], salt });
  let neighbours = Neighbours.of([4, 5]);
  for (let again = 0; again < 20; again++) {
    neighbours = looked({ 4: { watermarkMs: 10 }, 5: show(1) }, ["travel"], neighbours);
  }
  const salts = [2, 3, 4, 5];
  const found = salts.map((salt) => {
    neighbours = looked({ 4: { watermarkMs: 10 }, 5: show(salt) }, ["travel"], neighbours);
    return neighbours.split;
  });
  assert.deepStrictEqual(found.at(-1), { category: "travel", partition: 5 });
});

Deno.test("Neighbours: what a crowded filter has falsely is cleared by the next ones, and is never called a split", () => {
  const names = Array.from({ length: 600 }, (_, index) => `theirs ${index}`);
  const ours = Array.from({ length: 200 }, (_, index) => `ours ${index}`);
  let neighbours = Neighbours.of([4]), held = 0;
  for (let salt = 1; salt <= 40; salt++) {
    neighbours = looked({ 4: { watermarkMs: 10 * salt, names, salt } }, ours, neighbours);
    if (neighbours.reachMs < 10 * salt) held++;
    assert.strictEqual(neighbours.split, undefined);
    assert.ok(salt < 20 || neighbours.reachMs >= 10 * (salt - 15), `${neighbours.reachMs} at ${salt}`);
  }
  assert.ok(held > 0, "the filter was not crowded enough to err");
});

Deno.test("Neighbours.activeMs is the lowest watermark of those that are not idle, farthestMs that of the farthest owner", () => {
  const shows = {
    4: { watermarkMs: 10, isIdle: true, first: 4 },
    5: { watermarkMs: 30, first: 4 },
    6: { watermarkMs: 20, first: 6 },
  };
  const { activeMs, farthestMs } = looked(shows, [], Neighbours.of([4, 5, 6]));
  assert.deepStrictEqual([activeMs, farthestMs], [20, 20]);
  const idle = looked({ 4: { watermarkMs: 10, isIdle: true } }, [], Neighbours.of([4]));
  assert.deepStrictEqual([idle.activeMs, idle.farthestMs], [Infinity, 10]);
});
