import assert from "node:assert/strict";
import { seeded, seedOfRun } from "./seeded.ts";
import {
  type Checkpoint,
  decodeCheckpoint,
  encodeCheckpoint,
  initialCheckpoint,
  MAX_RAISES,
} from "../../src/stream/checkpoint.ts";
import { imbalance } from "../../src/stream/ledger.ts";
import { PartitionState } from "../../src/stream/partition_state.ts";
import { windowShape } from "../../src/window/shape.ts";

const SHAPE = windowShape({ slideMs: 5, windowMs: 20, latenessMs: 10, zeroFillMs: 10 });
const CONFIG = { ...SHAPE, fieldMap: "00000000" };
const MAX_SKEW_MS = 7;
const NO_TIME = -1;

function stateOf(checkpoint: Checkpoint): PartitionState {
  return new PartitionState(checkpoint, { shape: SHAPE, maxSkewMs: MAX_SKEW_MS });
}

const fresh = (first = 0) => stateOf(initialCheckpoint(first, CONFIG));

/** A checkpoint as a successor reads it. */
function committed(state: PartitionState, frontierMs: number): Checkpoint {
  const checkpoint = decodeCheckpoint(encodeCheckpoint(state.checkpoint(frontierMs)));
  if (checkpoint === undefined) throw new TypeError("Cannot read back a checkpoint: got undefined");
  return checkpoint;
}

type Op =
  | { readonly kind: "record"; readonly offset: number; readonly atMs: number; readonly kafkaMs: number }
  | { readonly kind: "invalid"; readonly offset: number }
  | { readonly kind: "skip"; readonly offset: number; readonly to: number }
  | { readonly kind: "raise"; readonly offset: number; readonly watermarkMs: number };

/** A log as it came, with the raises where they were made. */
function randomOps(random: () => number): readonly Op[] {
  const below = (limit: number) => Math.floor(random() * limit);
  const ops: Op[] = [];
  let nowMs = 1_000, raisedMs = 0;
  for (let offset = 0; ops.length < 50;) {
    const dice = random();
    nowMs += below(5);
    if (dice < 0.08) {
      ops.push({ kind: "raise", offset, watermarkMs: raisedMs = Math.max(raisedMs, nowMs - 20 + below(25)) });
    } else if (dice < 0.14) ops.push({ kind: "invalid", offset: offset++ });
    else if (dice < 0.2) ops.push({ kind: "skip", offset, to: offset += 1 + below(3) });
    else {
      const kafkaMs = random() < 0.1 ? NO_TIME : nowMs;
      ops.push({ kind: "record", offset: offset++, atMs: nowMs - below(25) + below(12), kafkaMs });
    }
  }
  return ops;
}

/** What became of an op: its verdict, and the watermark after it. */
function apply(state: PartitionState, op: Op): readonly unknown[] {
  switch (op.kind) {
    case "record":
      return [op.offset, state.admit(op.offset, op.atMs, op.kafkaMs), state.watermarkMs];
    case "invalid":
      state.refuse(op.offset);
      return [op.offset, "invalid", state.watermarkMs];
    case "skip":
      state.skipTo(op.to);
      return [op.offset, "skipped", state.watermarkMs];
    case "raise":
      state.raise(op.watermarkMs, { coversGap: true });
      return [op.offset, "raised", state.watermarkMs];
  }
}

/** The laws of DESIGN.md §2 said again, with the whole past at hand. */
function decideNaively(ops: readonly Op[]): readonly (readonly unknown[])[] {
  let watermarkMs = -Infinity;
  return ops.map((op) => {
    if (op.kind === "raise") watermarkMs = Math.max(watermarkMs, op.watermarkMs);
    if (op.kind === "invalid" || op.kind === "skip" || op.kind === "raise") {
      return [op.offset, { invalid: "invalid", skip: "skipped", raise: "raised" }[op.kind], watermarkMs];
    }
    const { offset, atMs, kafkaMs } = op;
    if (kafkaMs !== NO_TIME && atMs - kafkaMs > MAX_SKEW_MS) return [offset, "future", watermarkMs];
    const paneEndMs = atMs - (atMs % SHAPE.slideMs) + SHAPE.slideMs;
    const verdict = paneEndMs <= watermarkMs ? "late" : "counted";
    const timeMs = kafkaMs === NO_TIME ? atMs : Math.min(atMs, kafkaMs);
    watermarkMs = Math.max(watermarkMs, timeMs - SHAPE.latenessMs);
    return [offset, verdict, watermarkMs];
  });
}

Deno.test("PartitionState decides each record as the definitions of late, future and watermark say", () => {
  const seed = seedOfRun();
  console.log("seed", seed);
  for (let round = 0; round < 200; round++) {
    const ops = randomOps(seeded(seed + round));
    const state = fresh();
    assert.deepStrictEqual(ops.map((op) => apply(state, op)), decideNaively(ops), `seed ${seed + round}`);
  }
});

/** Replays from the checkpoint taken after `cut` ops and goes on to the end. */
function resumed(ops: readonly Op[], cut: number, checkpoint: Checkpoint) {
  const state = stateOf(checkpoint);
  const decided = ops.flatMap((op, index) => {
    const isKept = op.kind === "raise" ? index >= cut : op.offset >= checkpoint.offset;
    return isKept ? [apply(state, op)] : [];
  });
  return { state, decided };
}

Deno.test("PartitionState replays from its own checkpoint at every cut to the same verdicts, watermarks and ledger", () => {
  const seed = seedOfRun();
  console.log("seed", seed);
  for (let round = 0; round < 40; round++) {
    const random = seeded(seed + round);
    const ops = randomOps(random);
    const whole = fresh();
    const history = ops.map((op) => apply(whole, op));
    const partial = fresh();
    let frontierMs = -Infinity;
    for (let cut = 0; cut <= ops.length; cut++) {
      const message = `seed ${seed + round}, cut ${cut}`;
      if (random() < 0.5) frontierMs = Math.max(frontierMs, partial.watermarkMs - Math.floor(random() * 20));
      const checkpoint = committed(partial, frontierMs);
      if (random() < 0.5) partial.prune(frontierMs);
      assert.strictEqual(imbalance(checkpoint.ledger, checkpoint.position), 0, message);
      const { state, decided } = resumed(ops, cut, checkpoint);
      const expected = history.filter((_, index) => {
        const op = ops[index];
        return op !== undefined && (op.kind === "raise" ? index >= cut : op.offset >= checkpoint.offset);
      });
      assert.deepStrictEqual(
        decided.map(([offset, verdict]) => [offset, verdict]),
        expected.map((row) => row.slice(0, 2)),
        message,
      );
      assert.deepStrictEqual(afterPosition(decided, checkpoint), afterPosition(expected, checkpoint), message);
      const end = state.checkpoint(Infinity), wholeEnd = whole.checkpoint(Infinity);
      assert.deepStrictEqual([end.ledger, end.position, end.watermarkMs, end.highMs, state.sinceMs], [
        wholeEnd.ledger,
        wholeEnd.position,
        wholeEnd.watermarkMs,
        wholeEnd.highMs,
        -Infinity,
      ], message);
      const op = ops[cut];
      if (op !== undefined) apply(partial, op);
    }
  }
});

/** Between the checkpoint's offset and its position a raise comes with the record at it, so only later watermarks compare row by row. */
function afterPosition(
  rows: readonly (readonly unknown[])[],
  { position }: Checkpoint,
): readonly (readonly unknown[])[] {
  return rows.filter(([offset]) => Number(offset) >= position);
}

Deno.test("PartitionState.checkpoint() starts at the smallest offset that a window or zero after the frontier needs", () => {
  const seed = seedOfRun();
  console.log("seed", seed);
  for (let round = 0; round < 200; round++) {
    const random = seeded(seed + round);
    const ops = randomOps(random);
    const state = fresh();
    const counted = ops.map((op) => ({ op, row: apply(state, op) })).flatMap(({ op, row }) =>
      op.kind === "record" && row[1] === "counted" ? [op] : []
    );
    for (const backMs of [0, 3, 5, 11, 40, 100]) {
      const frontierMs = state.watermarkMs - backMs;
      // The next window ends one slide after the last final one; its category's last event may be a zero fill older.
      const oldestMs = Math.floor(frontierMs / 5) * 5 + 5 - 20 - 10;
      const needed = counted.filter(({ atMs }) => Math.floor(atMs / 5) * 5 >= oldestMs).map(({ offset }) => offset);
      assert.strictEqual(state.checkpoint(frontierMs).offset, Math.min(state.next, ...needed), `seed ${seed + round}`);
    }
  }
});

Deno.test("PartitionState: a pane that ends at the watermark is late, one that ends a millisecond later is not", () => {
  const state = fresh();
  state.admit(0, 110, 110); // Watermark 100.
  assert.deepStrictEqual(
    [state.admit(1, 99, 110), state.admit(2, 95, 110), state.admit(3, 100, 110)],
    ["late", "late", "counted"],
  );
  state.admit(4, 114, 114); // Watermark 104: the pane [100, 105) is still open.
  assert.strictEqual(state.admit(5, 100, 114), "counted");
  state.admit(6, 115, 115); // Watermark 105.
  assert.strictEqual(state.admit(7, 104, 115), "late");
});

Deno.test("PartitionState: an event maxSkew ahead of its Kafka timestamp counts, one millisecond more is future", () => {
  for (const [aheadMs, verdict] of [[0, "counted"], [MAX_SKEW_MS, "counted"], [MAX_SKEW_MS + 1, "future"]] as const) {
    assert.strictEqual(fresh().admit(0, 1_000 + aheadMs, 1_000), verdict);
  }
});

Deno.test("PartitionState: a future event moves neither watermark nor high; one ahead of its timestamp moves them to that", () => {
  const state = fresh();
  state.admit(0, 1_000, 1_000);
  state.admit(1, 9_000_000, 1_005);
  assert.deepStrictEqual([state.watermarkMs, state.highMs], [990, 1_000]);
  state.admit(2, 1_010, 1_004);
  assert.deepStrictEqual([state.watermarkMs, state.highMs], [994, 1_004]);
});

Deno.test("PartitionState: without a Kafka timestamp nothing is future and the watermark takes the event time", () => {
  const state = fresh();
  assert.strictEqual(state.admit(0, 9_000_000_000, NO_TIME), "counted");
  assert.strictEqual(state.watermarkMs, 9_000_000_000 - 10);
});

Deno.test("PartitionState: invalid and skipped offsets move the position, not the watermark", () => {
  const state = fresh();
  state.refuse(0);
  state.skipTo(5);
  assert.deepStrictEqual([state.next, state.watermarkMs, state.highMs], [5, -Infinity, -Infinity]);
});

Deno.test("PartitionState refuses to go back", () => {
  const state = fresh();
  state.admit(0, 1_000, 1_000);
  assert.throws(() => state.admit(0, 1_000, 1_000), RangeError);
  assert.throws(() => state.refuse(0), RangeError);
  state.skipTo(0);
  state.gapTo(1);
  assert.deepStrictEqual([state.next, state.sinceMs], [1, -Infinity]);
});

Deno.test("PartitionState: a raise is in force on replay before the first record at or past its offset, not before", () => {
  const state = fresh();
  state.admit(0, 1_000, 1_000);
  state.admit(1, 1_000, 1_000);
  state.raise(1_200, { coversGap: true });
  const checkpoint = committed(state, -Infinity);
  for (const nextOffset of [2, 3]) { // The record at the raise's own offset may be one that does not count.
    const replay = stateOf(checkpoint);
    replay.admit(0, 1_000, 1_000);
    assert.deepStrictEqual([replay.admit(1, 1_000, 1_000)], ["counted"]);
    if (nextOffset > 2) replay.skipTo(nextOffset);
    assert.strictEqual(replay.admit(nextOffset, 1_195, 1_195), "late");
  }
});

Deno.test("PartitionState: a replay that has come to its position stands where the undisturbed partition stood, raise included", () => {
  const state = fresh();
  state.admit(0, 1_000, 1_000);
  state.refuse(1);
  state.raise(1_200, { coversGap: true });
  const replay = stateOf(committed(state, -Infinity));
  replay.admit(0, 1_000, 1_000);
  replay.refuse(1);
  assert.deepStrictEqual([replay.isReplaying, replay.watermarkMs], [false, 1_200]);
});

Deno.test("PartitionState.raise() never lowers what a record at its offset will be judged by, also over a restart", () => {
  const state = fresh();
  state.admit(0, 1_000, 1_000);
  state.raise(1_200, { coversGap: true });
  const successor = stateOf(committed(state, -Infinity));
  successor.admit(0, 1_000, 1_000);
  successor.raise(1_100, { coversGap: true });
  const third = stateOf(committed(successor, -Infinity));
  third.admit(0, 1_000, 1_000);
  assert.deepStrictEqual([successor.admit(1, 1_150, 1_150), third.admit(1, 1_150, 1_150)], ["late", "late"]);
});

Deno.test("PartitionState.raise() never lowers the watermark", () => {
  const state = fresh();
  state.admit(0, 1_000, 1_000);
  state.raise(900, { coversGap: true });
  assert.strictEqual(state.watermarkMs, 990);
});

/** A partition with `count` raises, each at an offset of its own; its first event keeps all of them needed. */
function raisedTimes(count: number): PartitionState {
  const state = fresh();
  state.admit(0, 1_000, 1_000);
  for (let index = 0; index < count; index++) {
    if (index > 0) state.refuse(index);
    assert.deepStrictEqual(state.raise(1_000 + index, { coversGap: true }), {
      offset: index + 1,
      watermarkMs: 1_000 + index,
    });
  }
  return state;
}

Deno.test("PartitionState.raise() takes 64 raises and refuses the 65th; one at the same offset replaces the last", () => {
  const full = raisedTimes(MAX_RAISES);
  assert.deepStrictEqual(full.raise(5_000, { coversGap: true }), { offset: 64, watermarkMs: 5_000 });
  assert.deepStrictEqual([full.checkpoint(-Infinity).raises.length, full.watermarkMs], [64, 5_000]);
  full.refuse(64);
  assert.deepStrictEqual([full.raise(6_000, { coversGap: true }), full.watermarkMs], [undefined, 5_000]);
});

Deno.test("PartitionState.isRaiseBound holds at 64 raises, not at 63, and until the frontier has dropped one", () => {
  assert.strictEqual(raisedTimes(MAX_RAISES - 1).isRaiseBound, false);
  const full = raisedTimes(MAX_RAISES);
  assert.strictEqual(full.isRaiseBound, true);
  full.prune(1_000);
  assert.strictEqual(full.isRaiseBound, true);
  full.prune(5_000);
  assert.deepStrictEqual([full.isRaiseBound, full.checkpoint(5_000).offset], [false, 64]);
});

Deno.test("PartitionState.isRaiseBound stops a replay exactly at the offset of the last raise", () => {
  const full = raisedTimes(MAX_RAISES);
  const replay = stateOf(committed(full, -Infinity));
  replay.admit(0, 1_000, 1_000);
  for (let offset = 1; offset < 64; offset++) {
    assert.strictEqual(replay.isRaiseBound, false, `offset ${offset}`);
    replay.refuse(offset);
  }
  assert.deepStrictEqual([replay.isRaiseBound, replay.next], [true, 64]);
  assert.deepStrictEqual(replay.raise(7_000, { coversGap: true }), { offset: 64, watermarkMs: 7_000 });
});

Deno.test("PartitionState.prune() forgets panes and raises that nothing after the frontier needs, and keeps the rest", () => {
  const state = fresh();
  // Panes [100, 105), [105, 110), …: with window 20 and zero fill 10 the frontier 130 needs panes from 105 on.
  [100, 105, 110, 115].forEach((atMs, offset) => state.admit(offset, atMs, atMs));
  state.raise(130, { coversGap: true });
  const before = state.checkpoint(130);
  state.prune(129);
  assert.strictEqual(state.paneCount, 4);
  state.prune(130);
  assert.strictEqual(state.paneCount, 3);
  assert.deepStrictEqual(state.checkpoint(130), before);
  state.prune(150);
  assert.deepStrictEqual([state.paneCount, state.checkpoint(150).offset, state.checkpoint(150).raises], [
    0,
    4,
    [{ offset: 4, watermarkMs: 130 }],
  ]);
});

Deno.test("PartitionState.newestPaneMs is the start of the newest pane with a counted event, later ones late or future not", () => {
  const state = fresh();
  assert.strictEqual(state.newestPaneMs, -Infinity);
  state.admit(0, 1_007, 1_001);
  state.admit(1, 9_000, 1_001);
  state.admit(2, 900, 1_001);
  assert.strictEqual(state.newestPaneMs, 1_005);
});

Deno.test("PartitionState.paneEndMs() is the end of the count-th pane that is not closed, Infinity when there are fewer", () => {
  const state = fresh();
  [115, 100, 110, 9_000].forEach((atMs, offset) => state.admit(offset, atMs, NO_TIME));
  assert.deepStrictEqual([1, 2, 3, 4].map((count) => state.paneEndMs(count, -Infinity)), [115, 120, 9_005, Infinity]);
  // A pane that ends at what is closed is closed itself.
  assert.deepStrictEqual([114, 115, 120, 9_005].map((closedMs) => state.paneEndMs(1, closedMs)), [
    115,
    120,
    9_005,
    Infinity,
  ]);
});

Deno.test("PartitionState.sinceMs: read from offset 0 everything is covered", () => {
  const state = fresh();
  assert.strictEqual(state.sinceMs, -Infinity);
  state.admit(0, 1_000, 1_000);
  state.skipTo(9);
  assert.strictEqual(state.sinceMs, -Infinity);
});

Deno.test("PartitionState.sinceMs: a start in the middle is covered from the first watermark + 2 lateness + slide + skew, up to a pane", () => {
  // First watermark 93 → 93 + 20 + 5 + 7 = 125, itself a pane's start; one later goes up to the next.
  for (const [atMs, sinceMs] of [[103, 125], [104, 130], [108, 130], [109, 135]] as const) {
    const state = fresh(50);
    assert.strictEqual(state.sinceMs, Infinity);
    state.refuse(50);
    state.admit(51, 9_000_000, 100); // Future.
    assert.strictEqual(state.sinceMs, Infinity);
    state.admit(52, atMs, NO_TIME);
    assert.strictEqual(state.sinceMs, sinceMs, `event at ${atMs}`);
  }
});

Deno.test("PartitionState.sinceMs: a gap starts coverage anew at the first watermark after it, never lower than before", () => {
  const state = fresh();
  state.admit(0, 1_000, 1_000);
  state.gapTo(10);
  assert.strictEqual(state.sinceMs, Infinity);
  state.admit(10, 1_103, 1_103);
  assert.strictEqual(state.sinceMs, 1_125);
  state.admit(12, 1_104, 1_104); // Offset 11 is missing: the log lost it.
  assert.strictEqual(state.sinceMs, 1_130);
  assert.strictEqual(state.checkpoint(0).ledger.skipped, 10);
});

Deno.test("PartitionState.raise() ends a gap only when it says that it covers it", () => {
  const state = fresh(50);
  state.raise(93, { coversGap: false });
  assert.deepStrictEqual([state.sinceMs, state.watermarkMs], [Infinity, 93]);
  state.raise(93, { coversGap: true });
  assert.strictEqual(state.sinceMs, 125);
  state.raise(500, { coversGap: true });
  assert.strictEqual(state.sinceMs, 125);
});

Deno.test("PartitionState.sinceMs: what is missing before the position leaves uncovered up to the pane after high + skew", () => {
  for (const [highMs, sinceMs] of [[1_117, 1_125], [1_118, 1_130]] as const) {
    const state = fresh();
    state.admit(0, 1_100, 1_100);
    state.admit(1, highMs, highMs);
    state.admit(2, 1_100, 1_100);
    const replay = stateOf(committed(state, 1_000));
    replay.gapTo(2);
    assert.strictEqual(replay.sinceMs, sinceMs, `high ${highMs}`);
    replay.admit(2, 1_100, 1_100);
    assert.deepStrictEqual([replay.sinceMs, replay.checkpoint(1_000).ledger], [
      sinceMs,
      state.checkpoint(1_000).ledger,
    ]);
  }
});

Deno.test("PartitionState.sinceMs: a gap over the position is of both kinds", () => {
  const state = fresh();
  state.admit(0, 1_118, 1_118);
  state.admit(1, 1_105, 1_105);
  const replay = stateOf(committed(state, 1_000));
  replay.gapTo(5);
  assert.strictEqual(replay.sinceMs, Infinity);
  replay.admit(5, 1_105, 1_105); // The watermark stays 1,108, from the checkpoint's own records or not: 1,108 + 32 at most.
  assert.ok(replay.sinceMs >= 1_130 && replay.sinceMs <= 1_140, `${replay.sinceMs}`);
  assert.deepStrictEqual(replay.checkpoint(1_000).ledger, {
    ...state.checkpoint(1_000).ledger,
    counted: 3,
    skipped: 3,
  });
});
