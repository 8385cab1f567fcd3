import assert from "node:assert/strict";
import { PatientProducer } from "../../src/produce/patient_producer.ts";
import { ConfigError, RetryableError } from "../../src/stream/failures.ts";
import { ManualClock } from "../fakes/manual_clock.ts";
import { RecordingProducer } from "../fakes/recording_producer.ts";

const RECORDS = [{ key: null, value: new Uint8Array([1]) }];

/** A log that fails with these errors, one a call, and then takes everything. */
function setUp(errors: readonly Error[], patienceMs?: number) {
  const clock = new ManualClock(), stop = new AbortController(), said: string[] = [];
  const left = [...errors];
  const log = new RecordingProducer(() => {
    const error = left.shift();
    return error === undefined ? Promise.resolve() : Promise.reject(error);
  });
  const producer = new PatientProducer(log, {
    clock,
    signal: stop.signal,
    onRefused: (reason) => said.push(reason),
    ...(patienceMs === undefined ? {} : { patienceMs }),
  });
  return { clock, log, stop, said, send: () => clock.runUntilSettled(producer.send(RECORDS)) };
}

Deno.test("PatientProducer.send() offers a batch again until the log takes it, ever more slowly, and says why", async () => {
  const { clock, log, said, send } = setUp([1, 2, 3].map((round) => new RetryableError(`down ${round}`)));
  await send();
  assert.deepStrictEqual([log.batches, said, clock.elapsedMs()], [
    [RECORDS, RECORDS, RECORDS, RECORDS],
    ["down 1", "down 2", "down 3"],
    100 + 200 + 400,
  ]);
});

Deno.test("PatientProducer.send() waits as long as the log asked for", async () => {
  const { clock, send } = setUp([new RetryableError("later", { retryAfterMs: 3_000 })]);
  await send();
  assert.strictEqual(clock.elapsedMs(), 3_000);
});

Deno.test("PatientProducer.send() gives up with the last failure when its patience would be over, not before", async () => {
  const errors = [new RetryableError("first"), new RetryableError("second"), new RetryableError("third")];
  for (const [patienceMs, batches] of [[299, 2], [300, 3]] as const) {
    const { log, send } = setUp(errors, patienceMs);
    await assert.rejects(send(), errors[batches - 1]);
    assert.strictEqual(log.batches.length, batches);
  }
});

Deno.test("PatientProducer.send() does not offer again what only the user can cure", async () => {
  const { log, send } = setUp([new ConfigError("no such topic")]);
  await assert.rejects(send(), ConfigError);
  assert.strictEqual(log.batches.length, 1);
});

Deno.test("PatientProducer.send() stops waiting when its signal aborts, offers once more, and gives up then", async () => {
  const { clock, log, stop, send } = setUp([new RetryableError("down"), new RetryableError("down")]);
  clock.after(50, () => stop.abort());
  await assert.rejects(send(), RetryableError);
  assert.deepStrictEqual([log.batches.length, clock.elapsedMs()], [2, 50]);
});

Deno.test("PatientProducer.send() whose signal aborts while it waits is well if the log is back", async () => {
  const { clock, log, stop, send } = setUp([new RetryableError("down")]);
  clock.after(50, () => stop.abort());
  await send();
  assert.deepStrictEqual([log.batches.length, clock.elapsedMs()], [2, 50]);
});

Deno.test("new PatientProducer() refuses a patience that is not a number from 0", () => {
  for (const patienceMs of [-1, NaN]) {
    assert.throws(() => setUp([], patienceMs), RangeError);
  }
});
