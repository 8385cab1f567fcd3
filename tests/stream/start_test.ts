import assert from "node:assert/strict";
import { type Checkpoint, encodeCheckpoint, initialCheckpoint } from "../../src/stream/checkpoint.ts";
import { ConfigError } from "../../src/stream/failures.ts";
import { Closed, startOf, type StartOptions } from "../../src/stream/start.ts";

const CONFIG = { slideMs: 5_000, windowMs: 60_000, latenessMs: 30_000, zeroFillMs: 60_000, fieldMap: "11111111" };
const RANGE = { first: 10, end: 1_000 };
const OPTIONS: StartOptions = { config: CONFIG, maxSkewMs: 300_000, acceptMapping: false, fallbackOffset: 10 };

const MINE: Checkpoint = {
  offset: 400,
  watermarkMs: 9_000_000,
  position: 500,
  highMs: 10_000_000,
  frontierMs: 9_500_000,
  sinceMs: 1_000_000,
  raises: [{ offset: 450, watermarkMs: 9_400_000 }],
  ledger: { first: 100, counted: 390, late: 1, future: 2, invalid: 3, skipped: 4, amended: 5 },
  config: CONFIG,
  hasLeft: true,
};

const started = (options: Partial<StartOptions> = {}, checkpoint: Checkpoint = MINE) =>
  startOf(
    { partition: 3, position: checkpoint.position, metadata: encodeCheckpoint(checkpoint) },
    RANGE,
    { ...OPTIONS, ...options },
  );
const withConfig = (change: Partial<typeof CONFIG>): Partial<StartOptions> => ({ config: { ...CONFIG, ...change } });

Deno.test("startOf() without a commit starts where the configuration says, as a partition not seen before", () => {
  for (const fallbackOffset of [0, 10, 1_000]) {
    const options = { ...OPTIONS, fallbackOffset };
    assert.deepStrictEqual(startOf(undefined, RANGE, options), initialCheckpoint(fallbackOffset, CONFIG));
  }
});

Deno.test("startOf() continues a commit of ours exactly as it was", () => {
  assert.deepStrictEqual(started(), MINE);
});

Deno.test("startOf() obeys an operator's commit: its position, with ledger, raises and frontier anew, covered by L6", () => {
  for (const metadata of ["", "reset by kafka-consumer-groups", "{}"]) {
    for (const position of [0, 77, 1_000]) {
      const checkpoint = startOf({ partition: 3, position, metadata }, RANGE, OPTIONS);
      assert.deepStrictEqual(checkpoint, initialCheckpoint(position, CONFIG));
    }
  }
});

Deno.test("startOf() refuses a position past the end of the log, and takes one at the end", () => {
  assert.strictEqual(started({}, { ...MINE, position: 1_000 }).position, 1_000);
  assert.throws(() => started({}, { ...MINE, position: 1_001 }), (error) => {
    assert.ok(error instanceof ConfigError);
    assert.match(error.message, /^Cannot continue partition 3: position 1001 .* end 1000.*tally reset/);
    return true;
  });
});

Deno.test("startOf() refuses a changed slide and names the cure", () => {
  assert.throws(() => started(withConfig({ slideMs: 10_000 })), (error) => {
    assert.ok(error instanceof ConfigError);
    assert.match(error.message, /TALLY_SLIDE.*5000 ms.*10000 ms.*tally reset.*KAFKA_GROUP_ID.*INFLUX_BUCKET/s);
    return true;
  });
  assert.throws(() => started({ ...withConfig({ slideMs: 10_000 }), acceptMapping: true }), ConfigError);
});

Deno.test("startOf() refuses a changed FIELD_MAP unless it is accepted, and names the flag", () => {
  assert.throws(() => started(withConfig({ fieldMap: "22222222" })), (error) => {
    assert.ok(error instanceof ConfigError);
    assert.match(error.message, /FIELD_MAP.*--accept-mapping/);
    return true;
  });
});

Deno.test("startOf(): an accepted mapping and a changed lateness continue at the position: nothing is decided again", () => {
  const changes = [
    { ...withConfig({ fieldMap: "22222222" }), acceptMapping: true },
    withConfig({ latenessMs: 60_000 }),
    withConfig({ latenessMs: 0 }),
    { ...withConfig({ latenessMs: 0, fieldMap: "22222222" }), acceptMapping: true },
  ];
  for (const change of changes) {
    const { sinceMs: _since, config, ...rest } = started(change);
    const { sinceMs: _mine, config: _config, ...mine } = MINE;
    assert.deepStrictEqual(rest, { ...mine, offset: 500, watermarkMs: 9_500_000, raises: [] });
    assert.deepStrictEqual(config, change.config);
  }
});

Deno.test("startOf(): from a position on, coverage begins in the pane after the highest time and one skew, or later", () => {
  const sinceOf = (checkpoint: Checkpoint) => started(withConfig({ latenessMs: 0 }), checkpoint).sinceMs;
  // 10,000,000 + 300,000 is a pane's start itself, so it may have been in that pane.
  assert.strictEqual(sinceOf(MINE), 10_305_000);
  assert.strictEqual(sinceOf({ ...MINE, highMs: 9_999_999 }), 10_300_000);
  assert.strictEqual(sinceOf({ ...MINE, sinceMs: 20_000_000 }), 20_000_000);
  assert.strictEqual(sinceOf({ ...MINE, sinceMs: Infinity }), Infinity);
});

Deno.test("startOf(): the watermark that continues is not below what is closed, nor below what it was", () => {
  const watermarkOf = (checkpoint: Checkpoint) => started(withConfig({ latenessMs: 0 }), checkpoint).watermarkMs;
  assert.strictEqual(watermarkOf({ ...MINE, frontierMs: 8_000_000 }), 9_000_000);
  assert.strictEqual(watermarkOf({ ...MINE, frontierMs: 9_900_000 }), 9_900_000);
});

Deno.test("startOf(): a shorter or equal reach of window + zero fill replays and covers as before", () => {
  for (const change of [{ windowMs: 30_000 }, { zeroFillMs: 0 }, { windowMs: 120_000, zeroFillMs: 0 }]) {
    assert.deepStrictEqual(started(withConfig(change)), { ...MINE, config: { ...CONFIG, ...change } });
  }
});

Deno.test("startOf(): a longer reach replays, and covers from the oldest pane that the old one kept", () => {
  for (const change of [{ windowMs: 65_000 }, { zeroFillMs: 65_000 }, { windowMs: 120_000, zeroFillMs: 60_000 }]) {
    const expected = { ...MINE, sinceMs: 9_500_000 + 5_000 - 120_000, config: { ...CONFIG, ...change } };
    assert.deepStrictEqual(started(withConfig(change)), expected);
  }
  const later = { ...MINE, sinceMs: 9_900_000 };
  assert.strictEqual(started(withConfig({ windowMs: 65_000 }), later).sinceMs, 9_900_000);
  const never = { ...MINE, frontierMs: -Infinity, sinceMs: -Infinity };
  assert.strictEqual(started(withConfig({ windowMs: 65_000 }), never).sinceMs, -Infinity);
});

Deno.test("startOf() does not guess at metadata of ours that it cannot read", () => {
  const metadata = encodeCheckpoint(MINE).replace('"version":1', '"version":2');
  assert.throws(() => startOf({ partition: 3, position: 500, metadata }, RANGE, OPTIONS), ConfigError);
});

Deno.test("startOf() never continues below the watermark that others were shown", () => {
  const shown = { watermarkMs: 9_800_000, isIdle: false, filter: "" };
  const { watermarkMs } = started(withConfig({ latenessMs: 1_000 }), { ...MINE, shown });
  assert.strictEqual(watermarkMs, 9_800_000);
});

Deno.test("startOf() reads a partition that was added whole, whatever `--from` says, and from what is closed on", () => {
  const range = { first: 0, end: 50 };
  assert.deepStrictEqual(startOf(undefined, range, { ...OPTIONS, fallbackOffset: 50, beginsMs: 77 }), {
    ...initialCheckpoint(0, CONFIG),
    raises: [{ offset: 0, watermarkMs: 77 }],
  });
});

/** Commits with a frontier each, and the runs that were closed together. */
function committedAs(frontiers: readonly number[], shares: readonly (readonly [number, number, number])[] = []) {
  return new Map(frontiers.map((frontierMs, partition) => {
    const [first, end, closedMs] = shares[partition] ?? [partition, partition + 1, frontierMs];
    const checkpoint = { ...MINE, frontierMs, share: { first, end, closedMs } };
    return [partition, { partition, position: MINE.position, metadata: encodeCheckpoint(checkpoint) }];
  }));
}

Deno.test("Closed.of() is a partition's own frontier, or what it was closed to with others, never theirs", () => {
  const apart = new Closed(committedAs([100, 200, 300]));
  assert.deepStrictEqual([0, 1, 2, 3].map((partition) => apart.of(partition)), [100, 200, 300, -Infinity]);
  const together = new Closed(committedAs([100, 200, 300], [[0, 1, 100], [0, 3, 150], [2, 4, 250]]));
  assert.deepStrictEqual([0, 1, 2, 3].map((partition) => together.of(partition)), [150, 200, 300, 250]);
});

Deno.test("Closed.of() takes a commit that names no run as one of a process that owned everything", () => {
  const { share: _, ...old } = { ...MINE, share: undefined };
  const commits = new Map([[1, { partition: 1, position: 500, metadata: encodeCheckpoint(old) }]]);
  assert.deepStrictEqual([0, 1, 7].map((partition) => new Closed(commits).of(partition)), [
    MINE.frontierMs,
    MINE.frontierMs,
    MINE.frontierMs,
  ]);
});

Deno.test("Closed passes over commits of others that it cannot read", () => {
  const metadata = ["", "reset by ops", encodeCheckpoint(MINE).replace('"version":1', '"version":2')];
  const commits = new Map(metadata.map((text, partition) => [partition, { partition, position: 1, metadata: text }]));
  assert.deepStrictEqual([new Closed(commits).of(0), new Closed(commits).beginningOf(9)], [-Infinity, -Infinity]);
});

Deno.test("Closed.beginningOf() is the highest frontier for a partition that nobody owned when it was reached", () => {
  const closed = new Closed(committedAs([100, 300], [[0, 2, 100], [0, 2, 100]]));
  assert.deepStrictEqual([closed.beginningOf(2), closed.beginningOf(1)], [300, -Infinity]);
  assert.strictEqual(new Closed(new Map()).beginningOf(0), -Infinity);
});
