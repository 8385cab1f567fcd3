import assert from "node:assert/strict";
import { systemClock } from "../../src/clock.ts";
import { EmbeddedLog, type EmbeddedLogOptions } from "../../src/sqlite/embedded_log.ts";
import type { DeadLetter } from "../../src/stream/dead_letters.ts";
import { ConfigError, FencedError } from "../../src/stream/failures.ts";
import { hasValidCrc, readBatchHeader } from "../../src/stream/record_batch.ts";
import { buildRecordBatch } from "../../src/stream/record_batch_builder.ts";
import { readAll, RememberingMember, utf8 } from "../contracts/log_reading.ts";
import { ManualClock } from "../fakes/manual_clock.ts";
import { temporaryFolder, TOPIC } from "./log_world.ts";

const NOW_MS = 1_700_000_000_000;
const record = (text: string) => ({ key: null, value: utf8(text) });

/** A log with one partition in a folder of its own. */
async function openLog(options: Partial<EmbeddedLogOptions> = {}) {
  const resources = new AsyncDisposableStack();
  const folder = resources.use(temporaryFolder());
  const open = () => resources.use(new EmbeddedLog(folder.path, { clock: systemClock, ...options }));
  const log = open();
  await log.admin().create(TOPIC, { partitions: 1 });
  return { log, open, path: folder.path, [Symbol.asyncDispose]: () => resources.disposeAsync() };
}

Deno.test("EmbeddedProducer.send() stores batches as a broker would: offset, append time, right checksum", async () => {
  await using world = await openLog({ clock: new ManualClock(NOW_MS) });
  const producer = world.log.producer(TOPIC);
  await producer.send([record("a"), record("b")]);
  await producer.send([record("c")]);
  const source = world.log.source({ topic: TOPIC, group: "g" });
  const [found] = await source.fetch([{ partition: 0, offset: 2, maxBytes: 1e6 }], { maxWaitMs: 0 });
  assert.equal(found?.kind, "bytes");
  const view = new DataView(found.buffer, 0, found.byteLength);
  const { baseOffset, lastOffset, timestampType, maxTimestampMs, nextAt } = readBatchHeader(view, 0);
  assert.deepEqual({ baseOffset, lastOffset, timestampType, maxTimestampMs, nextAt }, {
    baseOffset: 2,
    lastOffset: 2,
    timestampType: "appendTime",
    maxTimestampMs: NOW_MS,
    nextAt: found.byteLength,
  });
  assert.ok(hasValidCrc(view, readBatchHeader(view, 0)));
});

Deno.test("EmbeddedProducer.send() makes several batches of many bytes, and one of a single large record", async () => {
  await using world = await openLog();
  const value = new Uint8Array(100_000);
  await world.log.producer(TOPIC).send([...Array(5).fill({ key: null, value }), {
    key: null,
    value: new Uint8Array(1e6),
  }]);
  const source = world.log.source({ topic: TOPIC, group: "g" });
  const [found] = await source.fetch([{ partition: 0, offset: 0, maxBytes: 1e8 }], { maxWaitMs: 0 });
  assert.equal(found?.kind, "bytes");
  const counts: number[] = [];
  const view = new DataView(found.buffer, 0, found.byteLength);
  for (let at = 0; at < found.byteLength; at = readBatchHeader(view, at).nextAt) {
    counts.push(readBatchHeader(view, at).recordCount);
  }
  assert.deepEqual(counts, [2, 2, 1, 1]);
});

Deno.test("EmbeddedProducer.send() removes batches older than maxAgeMs, but never the newest", async () => {
  const clock = new ManualClock(NOW_MS);
  await using world = await openLog({ clock, maxAgeMs: 1_000 });
  const producer = world.log.producer(TOPIC);
  const source = world.log.source({ topic: TOPIC, group: "g" });
  const firsts: (number | undefined)[] = [];
  for (const passedMs of [0, 1_000, 1, 5_000]) {
    clock.advance(passedMs);
    await producer.send([record("x")]);
    firsts.push((await source.offsets([0])).get(0)?.first);
  }
  assert.deepEqual(firsts, [0, 0, 1, 3]);
});

Deno.test("EmbeddedProducer.send() keeps at most maxBytes of a partition, and always the newest batch", async () => {
  const fresh = { key: null, value: new Uint8Array(1_000) };
  const batchBytes = buildRecordBatch([fresh], { timestampMs: NOW_MS }).length;
  const rangeFor = async (maxBytes: number) => {
    await using world = await openLog({ maxBytes });
    const producer = world.log.producer(TOPIC);
    for (let count = 0; count < 5; count++) await producer.send([fresh]);
    return (await world.log.source({ topic: TOPIC, group: "g" }).offsets([0])).get(0);
  };
  assert.deepEqual(await Promise.all([3 * batchBytes, 3 * batchBytes - 1, 1].map(rangeFor)), [
    { first: 2, end: 5 },
    { first: 3, end: 5 },
    { first: 4, end: 5 },
  ]);
});

Deno.test("EmbeddedSource.join() takes over at once from a process that was killed", async () => {
  await using world = await openLog();
  const child = new Deno.Command(Deno.execPath(), {
    args: ["run", "--quiet", "--allow-all", new URL("./holder.ts", import.meta.url).pathname, world.path],
    stdout: "piped",
  }).spawn();
  const lines = child.stdout.pipeThrough(new TextDecoderStream()).getReader();
  assert.equal((await lines.read()).value?.trim(), "joined");
  const source = world.log.source({ topic: TOPIC, group: "g" });
  await assert.rejects(
    source.join(new RememberingMember()),
    (error) =>
      error instanceof ConfigError && error.message.includes(`process ${child.pid} `) &&
      /since 20\d\d-/.test(error.message),
  );
  child.kill("SIGKILL");
  await child.status;
  await lines.cancel();
  const member = new RememberingMember();
  await source.join(member);
  assert.deepEqual((await member.assignedTo(1)).partitions, [0]);
  await source.leave();
});

Deno.test("EmbeddedSource.commit() is refused once another has joined, even when the lock was removed by hand", async () => {
  await using world = await openLog();
  const member = new RememberingMember();
  const first = world.log.source({ topic: TOPIC, group: "g" });
  await first.join(member);
  const { generation } = await member.assignedTo(1);
  await Deno.remove(`${world.path}/log.lock`);
  await using second = world.open().source({ topic: TOPIC, group: "g" });
  await second.join(new RememberingMember());
  await assert.rejects(first.commit(generation, [{ partition: 0, position: 1, metadata: "" }]), FencedError);
  assert.deepEqual(await second.committed([0]), new Map());
  await first.leave();
});

Deno.test("EmbeddedSource.fetch() wakes up for another process's append after one look at the file", async () => {
  const clock = new ManualClock(NOW_MS);
  await using world = await openLog({ clock });
  const source = world.log.source({ topic: TOPIC, group: "g" });
  const waiting = source.fetch([{ partition: 0, offset: 0, maxBytes: 1e6 }], { maxWaitMs: 60_000 });
  clock.advance(5); // The first look only notes how the file stands, or wakes for nothing.
  await new Promise<void>((resolve) => clock.yield(resolve));
  await world.open().producer(TOPIC).send([record("x")]);
  clock.advance(5);
  const [found] = await waiting;
  assert.equal(found?.kind === "bytes" && found.byteLength > 0, true);
  assert.equal(clock.nowMs() - NOW_MS, 10);
  assert.equal(clock.armed, 0, "nobody waits, so nobody looks");
});

Deno.test("EmbeddedSource.fetch() answers when its time is over, and when the source is disposed of", async () => {
  const clock = new ManualClock(NOW_MS);
  await using world = await openLog({ clock });
  const source = world.log.source({ topic: TOPIC, group: "g" });
  const want = [{ partition: 0, offset: 0, maxBytes: 1e6 }];
  const timed = source.fetch(want, { maxWaitMs: 100 });
  clock.advance(100);
  assert.deepEqual((await timed).map((found) => found.kind), ["bytes"]);
  const endless = source.fetch(want, { maxWaitMs: 1e9 });
  await source[Symbol.asyncDispose]();
  assert.deepEqual((await endless).map((found) => found.kind), ["bytes"]);
});

Deno.test("EmbeddedSource refuses a topic and a partition that are not there", async () => {
  await using world = await openLog();
  const none = world.log.source({ topic: "none", group: "g" });
  await assert.rejects(none.join(new RememberingMember()), ConfigError);
  await assert.rejects(none.describe(), ConfigError);
  await assert.rejects(world.log.producer("none").send([record("x")]), ConfigError);
  const source = world.log.source({ topic: TOPIC, group: "g" });
  await assert.rejects(source.offsets([1]), RangeError);
  await assert.rejects(source.fetch([{ partition: 1, offset: 0, maxBytes: 1 }], { maxWaitMs: 0 }), RangeError);
});

Deno.test("EmbeddedSource.recycle() lets a buffer serve again, and takes one that was transferred away", async () => {
  await using world = await openLog();
  await world.log.producer(TOPIC).send([record("x")]);
  const source = world.log.source({ topic: TOPIC, group: "g" });
  const fetchBuffer = async () => {
    const [found] = await source.fetch([{ partition: 0, offset: 0, maxBytes: 1e6 }], { maxWaitMs: 0 });
    assert.equal(found?.kind, "bytes");
    return found.buffer;
  };
  const first = await fetchBuffer();
  source.recycle(first);
  assert.equal(await fetchBuffer(), first);
  structuredClone(first, { transfer: [first] });
  source.recycle(first);
  assert.ok((await fetchBuffer()).byteLength > 0);
});

Deno.test("EmbeddedLog.forgetCommits() forgets one group, and is refused while a process is at it", async () => {
  await using world = await openLog();
  const member = new RememberingMember();
  const source = world.log.source({ topic: TOPIC, group: "g" });
  await source.join(member);
  await source.commit((await member.assignedTo(1)).generation, [{ partition: 0, position: 7, metadata: "" }]);
  await assert.rejects(world.log.forgetCommits("g"), ConfigError);
  await source.leave();
  assert.equal(await world.log.forgetCommits("other"), 0);
  assert.equal(await world.log.forgetCommits("g"), 1);
  assert.deepEqual(await source.committed([0]), new Map());
});

Deno.test("LogAdmin.remove() takes commits and dead letters of the topic along, which name what is gone", async () => {
  await using world = await openLog();
  const member = new RememberingMember();
  const source = world.log.source({ topic: TOPIC, group: "g" });
  await source.join(member);
  await source.commit((await member.assignedTo(1)).generation, [{ partition: 0, position: 7, metadata: "" }]);
  await source.leave();
  await world.log.deadLetters().append([letter(0)]);
  await world.log.producer(TOPIC).send([record("old")]);
  await world.log.admin().remove(TOPIC);
  await world.log.admin().create(TOPIC, { partitions: 1 });
  assert.deepEqual(await source.committed([0]), new Map());
  assert.deepEqual(await Array.fromAsync(world.log.deadLetters().read()), []);
  await world.log.producer(TOPIC).send([record("new")]);
  assert.deepEqual((await readAll(source, { partition: 0, from: 0, to: 1 })).map(({ value }) => value), ["new"]);
});

Deno.test("DeadLetters.append() keeps the newest maxDeadLetters", async () => {
  await using world = await openLog({ maxDeadLetters: 3 });
  const letters = world.log.deadLetters();
  for (let offset = 0; offset < 5; offset++) await letters.append([letter(offset)]);
  assert.deepEqual((await Array.fromAsync(letters.read())).map(({ offset }) => offset), [2, 3, 4]);
});

Deno.test("EmbeddedLog refuses bounds that are none", () => {
  for (const bad of [0, -1, NaN]) {
    for (const name of ["maxAgeMs", "maxBytes", "maxDeadLetters"]) {
      assert.throws(() => new EmbeddedLog("/nowhere", { clock: systemClock, [name]: bad }), RangeError);
    }
  }
});

function letter(offset: number): DeadLetter {
  return { reason: "late", detail: "", topic: TOPIC, partition: 0, offset, timeMs: NOW_MS, value: null };
}
