import assert from "node:assert/strict";
import { AmendedCounts } from "../../src/stream/amended_counts.ts";
import { initialCheckpoint } from "../../src/stream/checkpoint.ts";
import { RetryableError } from "../../src/stream/failures.ts";
import { decodeCheckpoint } from "../../src/stream/checkpoint.ts";
import { ManualClock } from "../fakes/manual_clock.ts";
import { MemoryAmendments } from "../fakes/memory_amendments.ts";
import { MemoryLog } from "../fakes/memory_log.ts";
import { MemoryPipeline } from "../fakes/memory_pipeline.ts";
import { appendScript, SCRIPT_SHAPE } from "../fakes/memory_script.ts";

const CHECKPOINT = initialCheckpoint(0, { ...SCRIPT_SHAPE, fieldMap: "" });

Deno.test("AmendedCounts.refresh() looks every 5 s at most, and passes over a look that fails", async () => {
  const clock = new ManualClock(), looks: number[] = [];
  const counts = new AmendedCounts({
    counts() {
      looks.push(clock.elapsedMs());
      if (looks.length === 2) return Promise.reject(new RetryableError("scripted"));
      return Promise.resolve(new Map([[0, looks.length]]));
    },
  }, clock);
  const amendedAt = async (elapsedMs: number) => {
    clock.advance(elapsedMs - clock.elapsedMs());
    await counts.refresh();
    return counts.entered(0, CHECKPOINT).ledger.amended;
  };
  assert.deepEqual([await amendedAt(0), await amendedAt(4_999), await amendedAt(5_000), await amendedAt(10_000)], [
    1,
    1,
    1,
    3,
  ]);
  assert.deepEqual(looks, [0, 5_000, 10_000]);
});

Deno.test("AmendedCounts.entered() never lowers what a checkpoint has, and leaves other partitions alone", async () => {
  const counts = new AmendedCounts({ counts: () => Promise.resolve(new Map([[0, 3]])) }, new ManualClock());
  await counts.refresh();
  const more = { ...CHECKPOINT, ledger: { ...CHECKPOINT.ledger, amended: 4 } };
  assert.deepEqual([counts.entered(0, more), counts.entered(1, CHECKPOINT)], [more, CHECKPOINT]);
});

Deno.test("a processor shows and commits what a repair beside it has put back", async () => {
  const log = new MemoryLog(2), amendments = new MemoryAmendments();
  appendScript(log, { seed: 1 });
  await using pipeline = await MemoryPipeline.start({ log, amendments });
  await pipeline.time.advance(20_000);
  assert.equal(pipeline.board.ledger.total.amended, 0);
  await amendments.add([{ partition: 1, offset: 3 }, { partition: 1, offset: 4 }]);
  await pipeline.time.advance(10_000);
  assert.deepEqual(pipeline.board.ledger.partitions.map(({ amended }) => amended), [0, 2]);
  const committed = [...log.commits.values()].map(({ metadata }) => decodeCheckpoint(metadata)?.ledger.amended);
  assert.deepEqual(committed.toSorted(), [0, 2]);
});
