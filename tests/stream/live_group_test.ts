import assert from "node:assert/strict";
import { type Checkpoint, encodeCheckpoint, initialCheckpoint } from "../../src/stream/checkpoint.ts";
import { ConfigError } from "../../src/stream/failures.ts";
import { liveGroup } from "../../src/stream/live_group.ts";
import { ManualClock } from "../fakes/manual_clock.ts";
import { MemoryLog, MemorySource } from "../fakes/memory_log.ts";
import { SCRIPT_SHAPE } from "../fakes/memory_script.ts";

const CONFIG = { ...SCRIPT_SHAPE, fieldMap: "map" };
const OPTIONS = { config: CONFIG, maxSkewMs: 1_000, retentionMs: Infinity };
const HOUR_MS = 3_600_000;

/** Two partitions of ten records, one a batch, at 100 ms, 200 ms and so on, all of them counted. */
function world(change: Partial<Checkpoint> = {}, others: Partial<Checkpoint> = change): MemoryLog {
  const log = new MemoryLog(2);
  for (let index = 1; index <= 10; index++) {
    for (const partition of [0, 1]) log.append(partition, ["{}"], index * 100);
  }
  [change, others].forEach((each, partition) => {
    const checkpoint = { ...initialCheckpoint(0, CONFIG), position: 10, highMs: 1_000, frontierMs: 7_777_777, ...each };
    log.commits.set(partition, { partition, position: checkpoint.position, metadata: encodeCheckpoint(checkpoint) });
  });
  return log;
}

const groupOf = (log: MemoryLog, options = OPTIONS) => liveGroup(new MemorySource(log, new ManualClock()), options);

Deno.test("liveGroup() has the lowest frontier, at a pane, and every position", async () => {
  const group = await groupOf(world({}, { frontierMs: 7_771_000, position: 4 }));
  assert.deepEqual(group, {
    frontierMs: 7_770_000,
    coveredFromMs: -Infinity,
    keptFromMs: -Infinity,
    partitions: [{ partition: 0, position: 10 }, { partition: 1, position: 4 }],
  });
});

Deno.test("liveGroup() is covered one skew after the first record left, else after the highest time, else as the group is", async () => {
  const covered = async (first: number, change: Partial<Checkpoint> = {}) => {
    const log = world(change, {});
    log.deleteBefore(0, first);
    return (await groupOf(log)).coveredFromMs;
  };
  assert.deepEqual(
    [await covered(0), await covered(4), await covered(10), await covered(10, { highMs: -Infinity, sinceMs: 5_000 })],
    [-Infinity, 500 + 1_000 + 1, 1_000 + 1_000 + 1, 5_000],
  );
});

Deno.test("liveGroup() keeps an hour's distance from what the processor removes by age", async () => {
  const kept = async (retentionMs: number) => (await groupOf(world(), { ...OPTIONS, retentionMs })).keptFromMs;
  assert.deepEqual([await kept(HOUR_MS), await kept(7_777_777 - HOUR_MS)], [2 * HOUR_MS, 2 * HOUR_MS]);
});

Deno.test("liveGroup() refuses a group without a frontier, settings that are not the group's, and a topic made anew", async () => {
  const missing = world();
  missing.commits.delete(1);
  const foreign = world();
  foreign.commits.set(0, { partition: 0, position: 10, metadata: "" });
  const damaged = world();
  damaged.commits.set(0, { partition: 0, position: 10, metadata: '{"version":99}' });
  const refused: readonly (readonly [MemoryLog, RegExp])[] = [
    [missing, /nothing final yet/],
    [foreign, /nothing final yet/],
    [damaged, /version 99/],
    [world({ config: { ...CONFIG, slideMs: 1_000 } }), /TALLY_SLIDE .* 5000 ms here, 1000 ms there/],
    [world({ config: { ...CONFIG, windowMs: 120_000 } }), /TALLY_WINDOW/],
    [world({ config: { ...CONFIG, zeroFillMs: 0 } }), /TALLY_ZERO_FILL/],
    [world({ config: { ...CONFIG, fieldMap: "other" } }), /FIELD_MAP is not what the group counts with;/],
    [world({ position: 11 }), /past its end 10; .*tally reset/],
  ];
  for (const [log, message] of refused) {
    await assert.rejects(
      groupOf(log),
      (error) => error instanceof ConfigError && message.test(error.message),
      `${message}`,
    );
  }
  await groupOf(world({ config: { ...CONFIG, latenessMs: 1 } }));
});
