import assert from "node:assert/strict";
import { system, virtual } from "../../src/actor/mod.ts";
import { Board, type FlushNews, live, type News } from "../../actors/live.ts";
import type { Point } from "../../src/domain/point.ts";
import type { LedgerLine } from "../../src/stream/ledger.ts";
import { ManualClock } from "../fakes/manual_clock.ts";

const pointAt = (timeMs: number, count: number, category = "travel"): Point => ({
  measurement: "transactions_avg",
  tags: { category, window: "60s" },
  timeMs,
  fields: { transaction_count: count },
});

const lineOf = (partition: number, position: number): LedgerLine => ({
  partition,
  position,
  end: position,
  first: 0,
  counted: position,
  late: 0,
  future: 0,
  invalid: 0,
  skipped: 0,
  amended: 0,
});

const newsOf = (change: Partial<FlushNews> = {}): FlushNews => ({
  points: [],
  pointCount: 0,
  letterCount: 0,
  uncovered: 0,
  overflowed: 0,
  lines: [],
  frontierMs: -Infinity,
  highMs: -Infinity,
  partitionCount: 1,
  ...change,
});

async function started() {
  const time = virtual(), board = new Board(time.clock), running = system({ clock: time.clock, random: time.random });
  const [ref] = await Promise.all([running.spawn(live, { id: "live", args: { board } }), time.settle()]);
  const heard: { readonly atMs: number; readonly news: News }[] = [];
  board.subscribe((news) => heard.push({ atMs: time.clock.elapsedMs(), news }));
  return { time, board, running, ref, heard };
}

Deno.test("live passes news on at most four times a second, of a point written twice only the last version", async () => {
  const { time, running, ref, heard } = await started();
  for (let flush = 0; flush < 10; flush++) {
    ref.tell("written", newsOf({ points: [pointAt(1_000, flush), pointAt(2_000 + flush, flush)] }));
    await time.advance(100);
  }
  await time.advance(1_000);
  const gaps = heard.slice(1).map(({ atMs }, index) => atMs - (heard[index]?.atMs ?? 0));
  assert.ok(gaps.every((gapMs) => gapMs >= 250), `${gaps}`);
  const points = heard.flatMap(({ news }) => news.points);
  assert.strictEqual(points.filter(({ timeMs }) => timeMs === 1_000).length, heard.length);
  assert.deepStrictEqual(points.filter(({ timeMs }) => timeMs >= 2_000).length, 10);
  assert.deepStrictEqual(heard.at(-1)?.news.points.find(({ timeMs }) => timeMs === 1_000), pointAt(1_000, 9));
  await running.stop();
});

Deno.test("live passes each point on once, and news without points too", async () => {
  const { time, running, ref, heard } = await started();
  ref.tell("written", newsOf({ points: [pointAt(1_000, 1), pointAt(1_000, 2, "grocery_pos")], lines: [lineOf(0, 5)] }));
  await time.advance(300);
  ref.tell("written", newsOf({ lines: [lineOf(0, 9)], highMs: 77 }));
  await time.advance(300);
  assert.deepStrictEqual(heard.map(({ news }) => [news.points.length, news.highMs, news.ledger.total.position]), [
    [2, undefined, 5],
    [0, 77, 9],
  ]);
  await running.stop();
});

Deno.test("Board adds up flushes, points, letters and what was not covered", () => {
  const board = new Board(new ManualClock());
  board.take(newsOf({ pointCount: 5, letterCount: 2, uncovered: 1 }));
  board.take(newsOf({ pointCount: 1 }));
  assert.deepStrictEqual(board.totals, { flushes: 2, points: 6, letters: 2, uncovered: 1, overflowed: 0 });
});

Deno.test("Board.ledger has the last line of every partition flushed, in order", () => {
  const board = new Board(new ManualClock());
  board.take(newsOf({ lines: [lineOf(2, 5), lineOf(0, 1)] }));
  board.take(newsOf({ lines: [lineOf(2, 8)] }));
  assert.deepStrictEqual(board.ledger.partitions, [lineOf(0, 1), lineOf(2, 8)]);
  assert.strictEqual(board.ledger.total.counted, 9);
});

Deno.test("Board.highMs is the highest time told of, undefined before any, and never falls", () => {
  const board = new Board(new ManualClock());
  board.take(newsOf());
  assert.strictEqual(board.highMs, undefined);
  board.take(newsOf({ highMs: 9 }));
  board.take(newsOf({ highMs: 5 }));
  assert.strictEqual(board.highMs, 9);
});

Deno.test("Board.subscribe() tells of news until its result is disposed of", () => {
  const board = new Board(new ManualClock());
  const heard: News[] = [];
  {
    using _subscription = board.subscribe((news) => heard.push(news));
    board.publish();
  }
  board.publish();
  assert.strictEqual(heard.length, 1);
});

Deno.test("Board.problems() names the store that does not answer and the partition that stands still, until they go on", () => {
  const clock = new ManualClock(), board = new Board(clock);
  const standing = { partition: 3, next: 5, end: 10, watermarkMs: 0, isPaused: false };
  board.stand([standing]);
  board.progress.putOff("Cannot write: refused");
  clock.advance(30_000);
  assert.deepStrictEqual(board.problems(), []);
  clock.advance(1);
  assert.strictEqual(board.problems().length, 2);
  board.take(newsOf());
  board.stand([{ ...standing, next: 6 }]);
  assert.deepStrictEqual(board.problems(), []);
});
