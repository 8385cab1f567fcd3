import assert from "node:assert/strict";
import { partitionTask } from "../../actors/partition_task.ts";
import { RoutedPartition, statusesOf } from "../../actors/routed_partition.ts";
import { ManualClock } from "../fakes/manual_clock.ts";
import { MemoryContext } from "../fakes/memory_context.ts";

const RULES = { idleMs: 5_000, untilCaughtUp: false };

/** A partition that has been at its end, 10, for long. */
function quietPartition(): RoutedPartition {
  const task = new MemoryContext(new ManualClock()).ref(partitionTask, "task");
  const place = {
    partition: 0,
    task,
    offset: 10,
    position: 10,
    range: { first: 0, end: 10 },
    stopAt: Infinity,
    nowMs: 0,
  };
  const partition = new RoutedPartition(place);
  for (const nowMs of [0, 60_000]) partition.idleness.answered({ next: 10, end: 10, askedAtMs: nowMs, nowMs });
  return partition;
}

Deno.test("statusesOf() calls a partition idle that has been at its end for long, but not while a record of it waits", () => {
  const partition = quietPartition(), isIdle = () => statusesOf([partition], RULES).map((status) => status.isIdle);
  assert.deepStrictEqual(isIdle(), [true]);
  partition.endOffset = 11;
  assert.deepStrictEqual(isIdle(), [false]);
});

Deno.test("statusesOf() calls no partition idle that we have paused, however long", () => {
  const partition = quietPartition();
  partition.isPaused = true;
  partition.endOffset = 11;
  assert.deepStrictEqual(statusesOf([partition], RULES).map(({ isIdle }) => isIdle), [false]);
  partition.endOffset = 10;
  partition.idleness.interrupted();
  assert.deepStrictEqual(statusesOf([partition], RULES).map(({ isIdle }) => isIdle), [false]);
});
