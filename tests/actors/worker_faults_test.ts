/** What becomes of records and partitions when a task crashes, or a thread is lost, under the whole pipeline. */
import assert from "node:assert/strict";
import { imbalance } from "../../src/stream/ledger.ts";
import { buildRecordBatch } from "../../src/stream/record_batch_builder.ts";
import { poisonOf } from "../fakes/faulty_worker.ts";
import { MemoryLog } from "../fakes/memory_log.ts";
import { appendScript, assertExact, eventAt, SCRIPT_START_MS, type StandingEvent } from "../fakes/memory_script.ts";
import { ThreadPipeline } from "../fakes/thread_pipeline.ts";

const PARTITIONS = 4;
/** Where the poison stands in event time: in the middle of the script. */
const MIDDLE_MS = SCRIPT_START_MS + 120_000;

/** Appends records that crash their task, one batch together; they would count if they did not. */
function appendPoison(log: MemoryLog, partition: number, count: number): readonly StandingEvent[] {
  const event = eventAt(MIDDLE_MS, { amount: 5 }), offset = log.ends[partition] ?? 0;
  log.append(partition, Array.from({ length: count }, () => poisonOf(event)), MIDDLE_MS);
  return Array.from({ length: count }, (_, index) => ({ partition, offset: offset + index, event }));
}

/** Appends the mark of a transaction's end, which is no record that counts. */
function appendMarker(log: MemoryLog, partition: number): void {
  const options = { timestampMs: MIDDLE_MS, baseOffset: log.ends[partition] ?? 0, transactional: true, control: true };
  log.appendBatch(partition, buildRecordBatch([{ key: new Uint8Array(4), value: new Uint8Array(6) }], options));
}

Deno.test({
  name:
    "pipeline: a record that crashes its task twice is a dead letter, and nothing else is lost, doubled or disturbed",
  timeout: 300_000,
  async fn() {
    const log = new MemoryLog(PARTITIONS);
    const before = appendScript(log, { seed: 11, batches: 30 });
    const lone = appendPoison(log, 1, 1);
    appendMarker(log, 3);
    const neighbours = appendPoison(log, 3, 2);
    const after = appendScript(log, { seed: 12, batches: 30, startMs: MIDDLE_MS });
    await using pipeline = await ThreadPipeline.start({ log, threads: 2, untilCaughtUp: true, flushMs: 100 });
    await pipeline.finish();
    const { store, letters, board } = pipeline, poison = [...lone, ...neighbours];
    const lettered = [...letters.letters.values()].filter(({ reason }) => reason === "invalid");
    assert.deepEqual(
      lettered.map(({ partition, offset, detail }) => ({ partition, offset, detail })).sort((a, b) =>
        a.partition - b.partition || a.offset - b.offset
      ),
      poison.map(({ partition, offset }) => ({ partition, offset, detail: "poison" })),
    );
    assertExact({ store, letters, events: [...before, ...poison, ...after] });
    const { partitions, total } = board.ledger;
    assert.deepEqual(partitions.map((line) => imbalance(line, line.position)), [0, 0, 0, 0]);
    assert.deepEqual([total.invalid, total.skipped], [poison.length, 1]);
    assert.deepEqual(pipeline.timesOf("failed", PARTITIONS), [0, 2, 0, 4]);
    assert.deepEqual(pipeline.timesOf("started", PARTITIONS), [1, 3, 1, 5]);
  },
});

Deno.test({
  name: "pipeline: a lost worker thread takes its partitions back to their checkpoints, and nobody else's",
  timeout: 300_000,
  async fn() {
    const log = new MemoryLog(PARTITIONS);
    const events = appendScript(log, { seed: 13 });
    const { promise: committed, resolve } = Promise.withResolvers<void>();
    // Three fetches bring some of each partition; the rest is read after the loss.
    await using pipeline = await ThreadPipeline.start({
      ...{ log, threads: 2, untilCaughtUp: true, flushMs: 100, fetchBytes: 2_048, fetchesLeft: 3 },
    });
    pipeline.source.onCommit = (commits) => commits.some(({ position }) => position > 0) && resolve();
    await committed;
    await pipeline.lose(0);
    pipeline.source.fetchesLeft = Infinity;
    await pipeline.finish();
    const { store, letters, board } = pipeline;
    assertExact({ store, letters, events });
    assert.deepEqual(board.ledger.partitions.map((line) => imbalance(line, line.position)), [0, 0, 0, 0]);
    // Partitions are dealt out in turn.
    assert.deepEqual(pipeline.timesOf("failed", PARTITIONS), [1, 0, 1, 0]);
    assert.deepEqual(pipeline.timesOf("started", PARTITIONS), [2, 1, 2, 1]);
  },
});
