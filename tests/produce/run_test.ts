import assert from "node:assert/strict";
import { TransactionGenerator } from "../../src/produce/generator.ts";
import { ProduceError } from "../../src/produce/produce_error.ts";
import type { ProduceProgress } from "../../src/produce/progress.ts";
import { produce, type ProduceOptions } from "../../src/produce/run.ts";
import type { TimedRecord } from "../../src/produce/timed_record.ts";
import type { LogRecord } from "../../src/stream/log_producer.ts";
import { RetryableError } from "../../src/stream/failures.ts";
import { ManualClock } from "../fakes/manual_clock.ts";
import { RecordingProducer } from "../fakes/recording_producer.ts";

const NOW_MS = 1_700_000_000_000;

/** A record whose value is `size` bytes. */
const record = (atMs: number | undefined, size = 1): TimedRecord => ({ key: null, value: new Uint8Array(size), atMs });

/** Everything a test of one run needs; `run` drives the clock until the run is over. */
function setUp(own: Partial<ProduceOptions> = {}, answer?: (batch: readonly LogRecord[]) => Promise<void>) {
  const clock = new ManualClock(NOW_MS);
  const producer = new RecordingProducer(answer);
  const options: ProduceOptions = { records: [], producer, clock, speed: Infinity, ...own };
  return { clock, producer, run: () => clock.runUntilSettled(produce(options)) };
}

const sizes = (producer: RecordingProducer): number[] => producer.batches.map((batch) => batch.length);

Deno.test("produce() sends every record once, in order, as given, and leaves the producer open", async () => {
  const records = [
    { key: new Uint8Array([1]), value: null, atMs: undefined },
    { key: null, value: new Uint8Array([2, 3]), atMs: 5 },
    { key: null, value: new Uint8Array([4]), atMs: 1 },
  ];
  const { producer, run } = setUp({ records });
  const { sent, sentBytes, stopped } = await run();
  assert.deepStrictEqual([producer.records, sent, sentBytes, stopped, producer.disposed], [
    records,
    3,
    4,
    "end",
    false,
  ]);
});

Deno.test("produce() takes records from an async stream and closes a stream that it leaves early", async () => {
  const state = { closed: false };
  async function* records(): AsyncGenerator<TimedRecord, void> {
    try {
      for (;;) yield await Promise.resolve(record(undefined));
    } finally {
      state.closed = true;
    }
  }
  const { run } = setUp({ records: records(), count: 10_000 });
  const { sent, stopped } = await run();
  assert.deepStrictEqual([sent, stopped, state.closed], [10_000, "count", true]);
});

Deno.test("produce() sends exactly count records, also 0, and refuses a count that is not a whole number from 0", async () => {
  for (const count of [0, 1, 4_096, 4_097]) {
    const { producer, run } = setUp({ records: Array.from({ length: 5_000 }, () => record(1)), count });
    assert.deepStrictEqual([(await run()).sent, producer.records.length], [count, count]);
  }
  for (const count of [-1, 0.5, NaN]) await assert.rejects(setUp({ count }).run, RangeError);
});

Deno.test("produce() sends what change makes of a record, in its place and within the bounds, and counts the records taken", async () => {
  const records = [1, 2, 3, 4].map((size) => record(1, size));
  const change = (one: TimedRecord) => Array.from({ length: (one.value?.length ?? 0) - 1 }, () => one);
  const { producer, run } = setUp({ records, change, count: 3, batchRecords: 2 });
  const { sent, stopped } = await run();
  const seen = producer.records.map(({ value }) => value?.length);
  assert.deepStrictEqual([seen, sizes(producer), sent, stopped], [[2, 3, 3], [2, 1], 3, "count"]);
});

Deno.test("produce() keeps batches to batchRecords and batchBytes; a record over batchBytes has its own", async () => {
  const byCount = setUp({ records: Array.from({ length: 7 }, () => record(1)), batchRecords: 3 });
  await byCount.run();
  const byBytes = setUp({ records: [4, 6, 1, 10, 11, 2].map((size) => record(1, size)), batchBytes: 10 });
  await byBytes.run();
  assert.deepStrictEqual([sizes(byCount.producer), sizes(byBytes.producer)], [[3, 3, 1], [2, 1, 1, 1, 1]]);
});

Deno.test("produce() has at most maxInFlight batches under way", async () => {
  for (const maxInFlight of [1, 3]) {
    const underWay = { now: 0, most: 0 };
    const { run } = setUp(
      { records: Array.from({ length: 50 }, () => record(1)), batchRecords: 2, maxInFlight },
      async () => {
        underWay.most = Math.max(underWay.most, ++underWay.now);
        for (let turn = 0; turn < 9; turn++) await new Promise<void>((resolve) => setImmediate(resolve));
        underWay.now--;
      },
    );
    assert.deepStrictEqual([(await run()).sent, underWay.most], [50, maxInFlight]);
  }
});

Deno.test("produce() holds the rate of a generated run within 1 % of the wall clock, and nothing goes out early", async () => {
  for (const [speed, ratePerSecond] of [[1, 1_000], [1, 3], [10, 500], [0.5, 200]] as const) {
    const startMs = NOW_MS - (speed === 1 ? 0 : 3_600_000);
    const count = 6 * speed * ratePerSecond;
    const early: number[] = [];
    const records = Iterator.from(new TransactionGenerator({ seed: 5, startMs, ratePerSecond, customers: 10 })).take(
      count,
    );
    const times: number[] = [];
    const noted = records.map((one) => (times.push(one.atMs), one));
    const { run, clock, producer } = setUp({ records: noted, speed, originMs: startMs }, (batch) => {
      const from = producer.records.length - batch.length;
      const latest = Math.max(...times.slice(from, from + batch.length));
      if (startMs + clock.elapsedMs() * speed < latest - 0.5) early.push(latest);
      return Promise.resolve();
    });
    const { sent, elapsedMs } = await run();
    assert.deepStrictEqual([sent, early], [count, []]);
    const spread = ratePerSecond < 10 ? 0.2 : 0.01;
    assert.ok(Math.abs(elapsedMs / 6_000 - 1) < spread, `speed ${speed}, rate ${ratePerSecond}: ${elapsedMs} ms`);
  }
});

Deno.test("produce() sends what is due while it waits for what is not, no more often than lingerMs", async () => {
  const { clock, producer, run } = setUp({
    records: [0, 1, 2, 3, 11, 500].map((atMs) => record(atMs)),
    speed: 1,
    lingerMs: 10,
  }, () => {
    sentAtMs.push(clock.elapsedMs());
    return Promise.resolve();
  });
  const sentAtMs: number[] = [];
  await run();
  assert.deepStrictEqual([sizes(producer), sentAtMs], [[1, 3, 1, 1], [0, 10, 20, 500]]);
});

Deno.test("produce() takes an event time of now and refuses one past it, after sending what came before", async () => {
  const atNow = setUp({ records: [record(NOW_MS)] });
  assert.strictEqual((await atNow.run()).sent, 1);
  const past = setUp({ records: [record(1), record(NOW_MS + 1), record(2)] });
  await assert.rejects(past.run, { name: "RangeError", message: /2023-11-14T22:13:20\.001Z is past now/ });
  assert.strictEqual(past.producer.records.length, 1);
  const allowed = setUp({ records: [record(1), record(NOW_MS + 1)], allowFuture: true });
  assert.strictEqual((await allowed.run()).sent, 2);
});

Deno.test("produce() refuses at once an event that would still be in the future when it is due, and takes others", async () => {
  const ahead = setUp({ records: [record(NOW_MS), record(NOW_MS + 60_000)], speed: 2 });
  await assert.rejects(ahead.run, RangeError);
  assert.strictEqual(ahead.clock.elapsedMs(), 0);
  const along = setUp({ records: [record(NOW_MS), record(NOW_MS + 60_000)], speed: 1 });
  assert.strictEqual((await along.run()).sent, 2);
});

Deno.test("produce() ends on abort: what was sent is counted once settled, what waits is not sent", async () => {
  const abort = new AbortController();
  const { clock, producer, run } = setUp({
    records: [record(0), record(1_000), record(90_000)],
    speed: 1,
    signal: abort.signal,
  });
  clock.after(2_000, () => abort.abort());
  const { sent, stopped, elapsedMs } = await run();
  assert.deepStrictEqual([sent, stopped, elapsedMs, producer.records.length, clock.armed], [2, "aborted", 2_000, 2, 0]);
});

Deno.test("produce() waits for the acknowledgement of a batch under way when it is aborted", async () => {
  const abort = new AbortController();
  const { clock, run } = setUp(
    { records: Array.from({ length: 100 }, () => record(1)), batchRecords: 10, signal: abort.signal },
    async (batch) => {
      abort.abort();
      await new Promise<void>((resolve) => clock.after(500, resolve));
      assert.strictEqual(batch.length, 10);
    },
  );
  const { sent, stopped, elapsedMs } = await run();
  assert.deepStrictEqual([sent, stopped, elapsedMs], [10, "aborted", 500]);
});

Deno.test("produce() can be aborted between batches although the log never makes it wait", async () => {
  const abort = new AbortController();
  const forever = new TransactionGenerator({ seed: 1, startMs: 0, customers: 1 });
  const { run } = setUp({ records: forever, signal: abort.signal });
  setImmediate(() => setImmediate(() => abort.abort()));
  assert.strictEqual((await run()).stopped, "aborted");
});

Deno.test("produce() with a signal that has already aborted sends nothing", async () => {
  const { run, producer } = setUp({ records: [record(1)], signal: AbortSignal.abort() });
  assert.deepStrictEqual([(await run()).stopped, producer.batches], ["aborted", []]);
});

Deno.test("produce() throws ProduceError with what is in the log and what may be when a batch fails, and sends no more", async () => {
  const refused = new RetryableError("Cannot reach log: no broker answers");
  const { producer, run } = setUp(
    { records: Array.from({ length: 100 }, () => record(1)), batchRecords: 10 },
    () => producer.batches.length === 3 ? Promise.reject(refused) : Promise.resolve(),
  );
  const error: unknown = await run().catch((thrown: unknown) => thrown);
  assert.ok(error instanceof ProduceError);
  assert.deepStrictEqual([error.sent, error.unknown, error.cause, producer.batches.length], [20, 10, refused, 3]);
  assert.strictEqual(
    error.message,
    "Cannot produce: Cannot reach log: no broker answers; 20 records are in the log, 10 may be",
  );
});

Deno.test("produce() throws what the stream throws, after sending what came before", async () => {
  function* records(): Generator<TimedRecord, void> {
    yield record(1);
    throw new SyntaxError("Cannot read CSV: row 2");
  }
  const { producer, run } = setUp({ records: records() });
  await assert.rejects(run, SyntaxError);
  assert.strictEqual(producer.records.length, 1);
});

Deno.test("produce() reports progress four times a second and at the end: sent, rate, records and time left", async () => {
  const reports: ProduceProgress[] = [];
  const { run } = setUp({
    records: Array.from({ length: 101 }, (_, index) => record(index * 10)),
    speed: 1,
    count: 101,
    onProgress: (progress) => void reports.push(progress),
  });
  await run();
  assert.deepStrictEqual(reports.at(-1), { sent: 101, ratePerSecond: 101, remaining: 0, remainingMs: 0 });
  assert.deepStrictEqual(reports.slice(0, -1).map(({ sent, remaining }) => sent + (remaining ?? NaN)), [
    101,
    101,
    101,
    101,
  ]);
  assert.ok(Math.abs((reports[1]?.remainingMs ?? NaN) - 500) < 25, `${reports[1]?.remainingMs}`);
});

Deno.test("produce() tells the time left of a file from how much of it has been read", async () => {
  const reports: ProduceProgress[] = [];
  const { run } = setUp({
    records: [record(0), record(1_000)],
    speed: 1,
    fractionRead: () => 0.25,
    onProgress: (progress) => void reports.push(progress),
  });
  await run();
  assert.deepStrictEqual(reports.at(-1), { sent: 2, ratePerSecond: 2, remainingMs: 3_000 });
});

Deno.test("produce() refuses bounds below 1, a negative linger and a speed that is not above 0", async () => {
  const bad: readonly Partial<ProduceOptions>[] = [
    { batchRecords: 0 },
    { batchBytes: 0 },
    { maxInFlight: NaN },
    { lingerMs: -1 },
    { speed: 0 },
  ];
  for (const own of bad) await assert.rejects(setUp(own).run, RangeError, JSON.stringify(own));
});
