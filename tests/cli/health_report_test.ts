import assert from "node:assert/strict";
import type { Stats } from "../../src/actor/mod.ts";
import { type HealthParts, healthReport } from "../../src/cli/health_report.ts";
import { type PartitionStanding, Progress } from "../../src/stream/progress.ts";

const NOW_MS = 1_000_000;
const QUIET = { writes: 0, points: 0, refused: 0, failures: 0, recent: [] };

function standing(partition: number, change: Partial<PartitionStanding> = {}): PartitionStanding {
  return { partition, next: 5, end: 10, watermarkMs: 60_000, isPaused: false, ...change };
}

function stats(path: string, change: Partial<Stats> = {}): Stats {
  const counts = { handled: 0, failed: 0, restarts: 0, queued: 0, peakQueued: 0, refused: 0, displaced: 0 };
  return { path, role: "actor", worker: "", phase: "running", ...counts, ...change };
}

function report(standings: readonly PartitionStanding[], change: Partial<HealthParts> = {}) {
  const progress = new Progress(0);
  progress.stand(standings, 0);
  const board = { problems: () => progress.problems(31_000), progress, highMs: 102_500 };
  return healthReport({ board, acknowledgements: QUIET, stats: [], nowMs: NOW_MS, ...change });
}

Deno.test("healthReport() names the partition that holds the frontier, the age of its watermark and its worker", () => {
  const task = stats("tally/source/partition-3", { worker: "tally/workers/worker-1" });
  const { ok, holding } = report([standing(3), standing(4, { watermarkMs: 61_000 })], { stats: [task] });
  assert.deepStrictEqual([ok, holding], [false, [
    "partition 3 holds the frontier: its watermark is 42.5 s behind the newest event; it is at offset 5 of 10, in tally/workers/worker-1",
  ]]);
});

Deno.test("healthReport() says of a holder whether it is paused, at its end, without a watermark, or not placed", () => {
  const holding = [{ isPaused: true }, { next: 10 }, { watermarkMs: -Infinity }].map((change) => {
    return String(report([standing(0, change)])["holding"]);
  });
  assert.match(holding[0] ?? "", /it is paused, in no worker yet$/);
  assert.match(holding[1] ?? "", /it is at its end, offset 10, in/);
  assert.match(holding[2] ?? "", /: it has no watermark yet; /);
});

Deno.test("healthReport() names three holders and counts the rest", () => {
  const { holding } = report(Array.from({ length: 5 }, (_, partition) => standing(partition)));
  assert.ok(Array.isArray(holding));
  assert.deepStrictEqual([holding.length, holding.at(-1)], [4, "so do 2 more partitions"]);
});

Deno.test("healthReport() says how the store answered last, and why not", () => {
  const write = { atMs: NOW_MS - 1_500, points: 30, tookMs: 12.4 };
  const of = (change: object) => report([], { acknowledgements: { ...QUIET, ...change } })["store"];
  assert.strictEqual(of({}), "the store has not been written to yet");
  assert.strictEqual(of({ writes: 1, recent: [write] }), "the store acknowledged 30 points 1.5 s ago, within 12 ms");
  assert.match(String(of({ writes: 1, failures: 1, recent: [write] })), /; 1 of 2 writes failed since the start$/);
  const failed = { ...write, failure: "Cannot write: connection refused" };
  assert.strictEqual(of({ recent: [failed] }), "the store refused a write 1.5 s ago: Cannot write: connection refused");
});

Deno.test("healthReport() says of every worker whether it runs, and how often it was started anew", () => {
  const all = [stats("tally/workers/worker-0", { role: "worker" }), stats("tally/flusher")];
  const anew = stats("tally/workers/worker-1", { role: "worker", phase: "waiting", restarts: 2 });
  assert.deepStrictEqual(report([], { stats: [...all, anew] })["workers"], [
    "tally/workers/worker-0 is running",
    "tally/workers/worker-1 is waiting, after 2 restarts",
  ]);
});
