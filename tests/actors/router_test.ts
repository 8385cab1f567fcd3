import assert from "node:assert/strict";
import { Router, type RouterOptions } from "../../actors/router.ts";
import { StartError } from "../../src/actor/mod.ts";
import { parseFieldMap } from "../../src/domain/field_map.ts";
import { encodeCheckpoint, initialCheckpoint } from "../../src/stream/checkpoint.ts";
import { ConfigError, RetryableError } from "../../src/stream/failures.ts";
import { ManualClock } from "../fakes/manual_clock.ts";
import { MemoryContext } from "../fakes/memory_context.ts";
import { MemoryLog, MemorySource } from "../fakes/memory_log.ts";
import { SCRIPT_SHAPE } from "../fakes/memory_script.ts";

const FIELD_MAP = parseFieldMap(undefined);
const CONFIG = { ...SCRIPT_SHAPE, fieldMap: FIELD_MAP.hash };
const NAMES = { categories: 10, regions: 10, admittedCategories: ["travel"], admittedRegions: [] };

function world(partitions: number, change: Partial<RouterOptions> = {}) {
  const clock = new ManualClock(), log = new MemoryLog(partitions), cx = new MemoryContext(clock);
  const source = new MemorySource(log, clock);
  const router = new Router({
    source,
    topic: "transactions",
    shape: SCRIPT_SHAPE,
    maxSkewMs: 300_000,
    fieldMap: FIELD_MAP,
    acceptMapping: false,
    from: "earliest",
    untilCaughtUp: false,
    limits: { panes: 4_096, letterBytes: 1 << 20, valueBytes: 1 << 20 },
    names: () => Promise.resolve(NAMES),
    workers: [],
    ...change,
  });
  /** How many tasks each worker has. */
  const loads = () => {
    const paths = [...cx.children.values()].map(({ place }) => place?.path ?? "here");
    return Object.fromEntries([...Map.groupBy(paths, (path) => path)].map(([path, all]) => [path, all.length]));
  };
  return { clock, log, cx, source, router, loads };
}

const workers = ["w0", "w1", "w2"].map((path) => ({ path }));

Deno.test("Router.route() starts a task for each partition as a child that reports its end", async () => {
  const { router, cx } = world(2);
  const routed = await router.route({ partitions: [0, 1], partitionCount: 12 }, cx);
  assert.deepStrictEqual(routed.map(({ partition }) => [partition.partition, partition.task.path]), [
    [0, "parent/partition-0"],
    [1, "parent/partition-1"],
  ]);
  assert.deepStrictEqual([...cx.watched], [["parent/partition-0", "taskDown"], ["parent/partition-1", "taskDown"]]);
  assert.ok([...cx.children.values()].every(({ restart }) => restart === "temporary"));
});

Deno.test("Router.route() begins each partition at its commit, else where `from` says", async () => {
  const fill = (log: MemoryLog) => {
    for (const timestampMs of [1_000, 2_000, 3_000]) log.append(0, ["x", "y"], timestampMs);
    log.deleteBefore(0, 2);
  };
  for (
    const [from, first] of [["earliest", 2], ["latest", 6], [{ timeMs: 2_500 }, 4], [{ timeMs: 9_000 }, 6]] as const
  ) {
    const { router, cx, log } = world(1, { from });
    fill(log);
    const [routed] = await router.route({ partitions: [0], partitionCount: 12 }, cx);
    assert.deepStrictEqual(routed?.checkpoint, initialCheckpoint(first, CONFIG));
    assert.deepStrictEqual([routed?.partition.next, routed?.partition.fetchOffset, routed?.partition.endOffset], [
      first,
      first,
      6,
    ]);
  }
  const { router, cx, log } = world(1, { from: "latest" });
  fill(log);
  const checkpoint = {
    ...initialCheckpoint(2, CONFIG),
    position: 5,
    watermarkMs: 777,
    ledger: { ...initialCheckpoint(2, CONFIG).ledger, counted: 3 },
  };
  log.commits.set(0, { partition: 0, position: 5, metadata: encodeCheckpoint(checkpoint) });
  const [routed] = await router.route({ partitions: [0], partitionCount: 12 }, cx);
  assert.deepStrictEqual(routed?.checkpoint, checkpoint);
  assert.deepStrictEqual([routed?.partition.next, routed?.partition.isReplaying, routed?.partition.watermarkMs], [
    2,
    true,
    777,
  ]);
});

Deno.test("Router.route() spreads partitions evenly over the workers, none of them here", async () => {
  const { router, cx, loads } = world(12, { workers });
  await router.route({ partitions: [0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11], partitionCount: 12 }, cx);
  assert.deepStrictEqual(loads(), { w0: 4, w1: 4, w2: 4 });
});

Deno.test("Router.route(): a partition routed anew stays with its worker; once stopped it goes to the least loaded", async () => {
  const { router, cx } = world(4, { workers: workers.slice(0, 2) });
  const placeOf = (partition: number) => cx.children.get(`parent/partition-${partition}`)?.place?.path;
  const routed = await router.route({ partitions: [0, 1, 2], partitionCount: 12 }, cx);
  assert.deepStrictEqual([0, 1, 2].map(placeOf), ["w0", "w1", "w0"]);
  await cx.stopChild("partition-2"); // It crashed.
  await router.route({ partitions: [2], partitionCount: 12 }, cx);
  assert.strictEqual(placeOf(2), "w0");
  await router.stop(routed.map(({ partition }) => partition).filter(({ partition }) => partition !== 1), cx);
  assert.deepStrictEqual([[...cx.children.keys()], [...cx.watched.keys()]], [["parent/partition-1"], [
    "parent/partition-1",
  ]]);
  await router.route({ partitions: [3, 0], partitionCount: 12 }, cx);
  assert.deepStrictEqual([placeOf(3), placeOf(0)], ["w0", "w0"]);
});

Deno.test("Router: until caught up, the ends are taken once, at the first assignment", async () => {
  const { router, cx, log } = world(2, { untilCaughtUp: true });
  log.append(0, ["x", "y", "z"], 1_000);
  const bounds = async (partitions: readonly number[]) =>
    (await router.route({ partitions, partitionCount: 12 }, cx)).map(({ partition }) => partition.stopAt);
  assert.deepStrictEqual(await bounds([0, 1]), [3, 0]);
  log.append(0, ["x"], 2_000);
  log.append(1, ["x"], 2_000);
  cx.children.clear();
  assert.deepStrictEqual(await bounds([0, 1]), [3, 0]);
  const live = world(1);
  live.log.append(0, ["x"], 1_000);
  assert.deepStrictEqual(
    (await live.router.route({ partitions: [0], partitionCount: 12 }, live.cx)).map(({ partition }) =>
      partition.stopAt
    ),
    [Infinity],
  );
});

Deno.test("Router.route() starts nothing when the log, the store or a checkpoint is not as it should be", async () => {
  const unreadable = world(2);
  unreadable.source.failCommitted = 1;
  await assert.rejects(
    unreadable.router.route({ partitions: [0, 1], partitionCount: 12 }, unreadable.cx),
    RetryableError,
  );
  const storeless = world(2, { names: () => Promise.reject(new RetryableError("Cannot read names")) });
  await assert.rejects(
    storeless.router.route({ partitions: [0, 1], partitionCount: 12 }, storeless.cx),
    RetryableError,
  );
  const changed = world(1);
  const metadata = encodeCheckpoint(initialCheckpoint(0, { ...CONFIG, slideMs: 1_000 }));
  changed.log.commits.set(0, { partition: 0, position: 0, metadata });
  await assert.rejects(changed.router.route({ partitions: [0], partitionCount: 12 }, changed.cx), ConfigError);
  assert.deepStrictEqual([unreadable, storeless, changed].map(({ cx }) => cx.children.size), [0, 0, 0]);
});

Deno.test("Router.route() that failed halfway has started nothing, and can be done again", async () => {
  const failure = (name: string) => ({ name, message: "scripted" });
  const cases = [
    [{ why: "workerLost", failure: failure("WorkerLost") }, RetryableError],
    [{ why: "init", failure: failure("PlaceGone") }, RetryableError],
    // A task that cannot be made will not be made the next time either.
    [{ why: "init", failure: failure("RangeError") }, StartError],
  ] as const;
  for (const [exit, expected] of cases) {
    const { router, cx, loads } = world(3, { workers });
    cx.failing.set("partition-1", exit);
    await assert.rejects(router.route({ partitions: [0, 1, 2], partitionCount: 12 }, cx), expected);
    assert.deepStrictEqual([cx.children.size, cx.watched.size], [0, 0]);
    const routed = await router.route({ partitions: [0, 1, 2], partitionCount: 12 }, cx);
    assert.deepStrictEqual(routed.map(({ partition }) => partition.partition), [0, 1, 2]);
    assert.deepStrictEqual(loads(), { w0: 1, w1: 1, w2: 1 });
  }
});

Deno.test("Router gives the tasks the names that the store holds", async () => {
  const { router, cx } = world(1);
  await router.route({ partitions: [0], partitionCount: 12 }, cx);
  const args = cx.children.get("parent/partition-0")?.args;
  assert.ok(typeof args === "object" && args !== null && "names" in args);
  assert.deepStrictEqual(args.names, NAMES);
});

Deno.test("Router.route() says what is closed by the commits of all partitions, and begins an added one there", async () => {
  const { router, log, cx } = world(3);
  const share = { first: 0, end: 2, closedMs: 40 };
  for (const [partition, frontierMs] of [[0, 40], [1, 90]] as const) {
    const metadata = encodeCheckpoint({ ...initialCheckpoint(0, CONFIG), frontierMs, share });
    log.commits.set(partition, { partition, position: 0, metadata });
  }
  const routed = await router.route({ partitions: [0, 2], partitionCount: 3 }, cx);
  assert.deepStrictEqual(
    routed.map(({ checkpoint: { raises }, closedMs, isAdded }) => [raises, closedMs, isAdded]),
    [[[], 40, false], [[{ offset: 0, watermarkMs: 90 }], -Infinity, true]],
  );
});

Deno.test("Router: until caught up, a partition that comes later is bounded by the end that it has then", async () => {
  const { router, cx, log } = world(2, { untilCaughtUp: true });
  const bounds = async (partitions: readonly number[]) =>
    (await router.route({ partitions, partitionCount: 2 }, cx)).map(({ partition }) => partition.stopAt);
  assert.deepStrictEqual(await bounds([0]), [0]);
  log.append(1, ["x"], 1_000);
  cx.children.clear();
  assert.deepStrictEqual(await bounds([0, 1]), [0, 1]);
});
