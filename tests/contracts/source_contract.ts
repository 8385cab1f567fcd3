/**
 * What every source keeps to, whatever log stands behind it. An adapter's test calls `sourceContract` with a way to make
 * a world: a fresh topic with its producer and its administration.
 */
import assert from "node:assert/strict";
import { ConfigError, FencedError } from "../../src/stream/failures.ts";
import type { LogAdmin, LogProducer } from "../../src/stream/log_producer.ts";
import type { DeadLetters } from "../../src/stream/dead_letters.ts";
import type { Committed, Fetched, FetchedBytes, Source, Want } from "../../src/stream/source.ts";
import { readAll, recordsOf, RememberingMember, utf8 } from "./log_reading.ts";

/** One fresh topic and all that touches it; disposing of it removes everything. */
export interface SourceWorld extends AsyncDisposable {
  readonly topic: string;
  readonly admin: LogAdmin;
  /** Appends to `topic`. */
  readonly producer: LogProducer;
  /** A source of `topic` for a group that no other world has; each call is another process as far as the log can tell. */
  open(group: string): Promise<Source>;
  deadLetters(): Promise<DeadLetters>;
  /** Makes `firstOffset`, where a batch begins, the first that is there: what retention does in time. */
  truncate(partition: number, firstOffset: number): Promise<void>;
  /** Whether a group may have more than one member; else the second to join is refused. */
  readonly severalMembers: boolean;
}

/** Makes a world whose topic exists, empty, with this many partitions. */
export type MakeWorld = (options: { readonly partitions: number }) => Promise<SourceWorld>;

/** How the tests are registered: `ignore` when there is no service, sanitizers off for clients that keep sockets. */
export type ContractOptions = Pick<Deno.TestDefinition, "ignore" | "sanitizeOps" | "sanitizeResources">;

const LONG_MS = 30_000;

/** Registers the laws of `Source` for one adapter. */
export function sourceContract(name: string, makeWorld: MakeWorld, options: ContractOptions = {}): void {
  const law = (text: string, partitions: number, fn: (world: SourceWorld) => Promise<void>) =>
    Deno.test({
      ...options,
      name: `${name}: ${text}`,
      async fn() {
        await using world = await makeWorld({ partitions });
        await fn(world);
      },
    });

  law("fetch() hands over what was appended, in order, at offsets without gaps", 1, readsInOrder);
  law("fetch() keeps null apart from empty, in keys and values", 1, keepsNulls);
  law("fetch() from inside a batch hands over the batch that holds the offset", 1, readsFromTheMiddle);
  law("fetch() hands over a batch larger than maxBytes whole", 1, readsLargeBatch);
  law("fetch() stops near maxBytes and goes on from there", 1, readsInSteps);
  law("fetch() answers every want, with nothing where there is nothing new", 3, answersEmpty);
  law("fetch() wakes up when a record is appended", 2, wakesUp);
  law("fetch() past the end is out of range", 1, refusesPastEnd);
  law("fetch() before the first offset is out of range", 1, refusesBeforeStart);
  law("offsets() says where each partition begins and ends", 2, saysOffsets);
  law("offsetsAt() finds the first record at or past a time", 1, findsTimes);
  law("commit() keeps position and 4,000 bytes of metadata for the group alone", 3, keepsCommits);
  law("commit() replaces what was there for a partition and leaves the others", 2, replacesCommits);
  law("commit() of an old generation is refused and changes nothing", 1, refusesOldGeneration);
  law("leave() lets another member take over at once, from the commits", 2, handsOver);
  law("join() by a second member shares the partitions, or is refused with the name of the first", 4, joinsTwice);
  law("describe() tells partitions, timestamp type and clean-up", 3, describes);
}

async function readsInOrder(world: SourceWorld): Promise<void> {
  await using source = await world.open("order");
  const sent = Array.from({ length: 500 }, (_, index) => `record ${index}`);
  for (let index = 0; index < sent.length; index += 100) {
    await world.producer.send(sent.slice(index, index + 100).map((text) => ({ key: utf8("k"), value: utf8(text) })));
  }
  const records = await readAll(source, { partition: 0, from: 0, to: sent.length });
  assert.deepEqual(records.map((record) => record.value), sent);
  assert.deepEqual(records.map((record) => record.offset), sent.map((_, index) => index));
  assert.ok(records.every((record) => record.timestampMs > 0));
}

async function keepsNulls(world: SourceWorld): Promise<void> {
  await using source = await world.open("nulls");
  await world.producer.send([
    { key: null, value: utf8("no key") },
    { key: utf8("no value"), value: null },
    { key: utf8(""), value: utf8("") },
    { key: utf8("headers"), value: utf8("v"), headers: { reason: "late", detail: "ü" } },
  ]);
  const records = await readAll(source, { partition: 0, from: 0, to: 4 });
  assert.deepEqual(records.map(({ key, value, headers }) => ({ key, value, headers })), [
    { key: null, value: "no key", headers: {} },
    { key: "no value", value: null, headers: {} },
    { key: "", value: "", headers: {} },
    { key: "headers", value: "v", headers: { reason: "late", detail: "ü" } },
  ]);
}

async function readsFromTheMiddle(world: SourceWorld): Promise<void> {
  await using source = await world.open("middle");
  await world.producer.send(Array.from({ length: 10 }, (_, index) => ({ key: utf8("k"), value: utf8(`${index}`) })));
  const [found] = await fetchOnce(source, [{ partition: 0, offset: 7, maxBytes: 1e6 }]);
  const offsets = recordsOf(bytesOf(found)).map((record) => record.offset);
  assert.deepEqual(offsets.filter((offset) => offset >= 7), [7, 8, 9]);
}

async function readsLargeBatch(world: SourceWorld): Promise<void> {
  await using source = await world.open("large");
  const value = new Uint8Array(100_000).fill(120);
  await world.producer.send([{ key: null, value }]);
  const [found] = await fetchOnce(source, [{ partition: 0, offset: 0, maxBytes: 1_000 }]);
  assert.deepEqual(recordsOf(bytesOf(found)).map((record) => record.value?.length), [100_000]);
}

async function readsInSteps(world: SourceWorld): Promise<void> {
  await using source = await world.open("steps");
  const value = new Uint8Array(10_000).fill(120);
  for (let count = 0; count < 10; count++) await world.producer.send([{ key: null, value }]);
  const [found] = await fetchOnce(source, [{ partition: 0, offset: 0, maxBytes: 35_000 }]);
  const first = recordsOf(bytesOf(found)).length;
  assert.ok(first >= 1 && first <= 4, `${first} records of 10,000 bytes in 35,000`);
  const rest = await readAll(source, { partition: 0, from: first, to: 10 });
  assert.equal(rest.length, 10 - first);
}

async function answersEmpty(world: SourceWorld): Promise<void> {
  await using source = await world.open("empty");
  const wants = [0, 1, 2].map((partition) => ({ partition, offset: 0, maxBytes: 1e6 }));
  const found = await fetchOnce(source, wants, 50);
  const facts = found.map((one) => {
    const { partition, byteLength, endOffset, logStartOffset, aborted } = bytesOf(one);
    return { partition, byteLength, endOffset, logStartOffset, aborted };
  });
  assert.deepEqual(
    facts.toSorted((a, b) => a.partition - b.partition),
    [0, 1, 2].map((partition) => ({ partition, byteLength: 0, endOffset: 0, logStartOffset: 0, aborted: [] })),
  );
}

async function wakesUp(world: SourceWorld): Promise<void> {
  await using source = await world.open("wake");
  await source.offsets([0, 1]);
  const startedMs = performance.now();
  const wants = [0, 1].map((partition) => ({ partition, offset: 0, maxBytes: 1e6 }));
  const waiting = fetchLanes(source, wants, LONG_MS);
  await world.producer.send([{ key: utf8("k"), value: utf8("wake") }]);
  const first = (await Promise.race(waiting)).map(bytesOf);
  assert.deepEqual(first.flatMap(recordsOf).map((record) => record.value), ["wake"]);
  assert.ok(performance.now() - startedMs < LONG_MS, "the fetch woke up before its time was over");
  // Lanes that still wait end with a record in each partition.
  await world.producer.send(Array.from({ length: 64 }, (_, index) => ({ key: utf8(`k${index}`), value: null })));
  await Promise.all(waiting);
}

async function refusesPastEnd(world: SourceWorld): Promise<void> {
  await using source = await world.open("past");
  await world.producer.send([{ key: null, value: utf8("one") }]);
  const [found] = await fetchOnce(source, [{ partition: 0, offset: 2, maxBytes: 1e6 }], 1_000);
  assert.deepEqual(found, { kind: "outOfRange", partition: 0, endOffset: 1, logStartOffset: 0 });
  const [atEnd] = await fetchOnce(source, [{ partition: 0, offset: 1, maxBytes: 1e6 }], 50);
  assert.equal(bytesOf(atEnd).byteLength, 0);
}

async function refusesBeforeStart(world: SourceWorld): Promise<void> {
  await using source = await world.open("before");
  await world.producer.send([{ key: null, value: utf8("one") }, { key: null, value: utf8("two") }]);
  await world.producer.send([{ key: null, value: utf8("three") }]);
  await world.truncate(0, 2);
  const [found] = await fetchOnce(source, [{ partition: 0, offset: 1, maxBytes: 1e6 }], 1_000);
  assert.deepEqual(found, { kind: "outOfRange", partition: 0, endOffset: 3, logStartOffset: 2 });
  assert.deepEqual(await source.offsets([0]), new Map([[0, { first: 2, end: 3 }]]));
  const records = await readAll(source, { partition: 0, from: 2, to: 3 });
  assert.deepEqual(records.map((record) => record.value), ["three"]);
}

async function saysOffsets(world: SourceWorld): Promise<void> {
  await using source = await world.open("offsets");
  assert.deepEqual(await source.offsets([0, 1]), new Map([[0, { first: 0, end: 0 }], [1, { first: 0, end: 0 }]]));
  await world.producer.send(Array.from({ length: 7 }, () => ({ key: utf8("k"), value: null })));
  const after = await source.offsets([0, 1]);
  assert.deepEqual([...after.values()].map((range) => range.end).toSorted(), [0, 7]);
}

async function findsTimes(world: SourceWorld): Promise<void> {
  await using source = await world.open("times");
  assert.deepEqual(await source.offsetsAt([0], 0), new Map([[0, 0]]), "an empty partition answers with its end");
  let end = 0;
  let firstMs = NaN, lastMs = NaN;
  // Appended until the log's clock has moved on: then the last record has a time of its own.
  while (!(lastMs > firstMs)) {
    await world.producer.send([{ key: null, value: utf8(`${end}`) }]);
    const [record] = await readAll(source, { partition: 0, from: end, to: end + 1 });
    lastMs = record?.timestampMs ?? NaN;
    if (end === 0) firstMs = lastMs;
    end++;
  }
  const at = async (timeMs: number) => (await source.offsetsAt([0], timeMs)).get(0);
  assert.deepEqual([await at(0), await at(firstMs), await at(lastMs), await at(lastMs + 1)], [0, 0, end - 1, end]);
}

async function keepsCommits(world: SourceWorld): Promise<void> {
  const metadata = "m".repeat(4_000);
  const commits: Committed[] = [{ partition: 0, position: 5, metadata }, { partition: 2, position: 9, metadata: "" }];
  {
    await using source = await world.open("commits");
    assert.deepEqual(await source.committed([0, 1, 2]), new Map());
    const member = new RememberingMember();
    await source.join(member);
    const { generation } = await member.assignedTo(3);
    await source.commit(generation, commits);
    assert.deepEqual(await source.committed([0, 1, 2]), byPartition(commits));
    await source.leave();
  }
  await using again = await world.open("commits");
  assert.deepEqual(await again.committed([0, 1, 2]), byPartition(commits), "commits outlive their member");
  await using other = await world.open("commits of others");
  assert.deepEqual(await other.committed([0, 1, 2]), new Map());
}

async function replacesCommits(world: SourceWorld): Promise<void> {
  await using source = await world.open("replace");
  const member = new RememberingMember();
  await source.join(member);
  const { generation } = await member.assignedTo(2);
  const kept = { partition: 1, position: 4, metadata: "kept" };
  await source.commit(generation, [{ partition: 0, position: 7, metadata: "old" }, kept]);
  const lower = { partition: 0, position: 3, metadata: "new" };
  await source.commit(generation, [lower]);
  assert.deepEqual(await source.committed([0, 1]), byPartition([lower, kept]));
  await source.leave();
}

async function refusesOldGeneration(world: SourceWorld): Promise<void> {
  await using source = await world.open("fenced");
  const first = new RememberingMember();
  await source.join(first);
  const old = await first.assignedTo(1);
  const commit = { partition: 0, position: 1, metadata: "" };
  await source.commit(old.generation, [commit]);
  await source.leave();
  await assert.rejects(source.commit(old.generation, [{ ...commit, position: 2 }]), FencedError);
  const second = new RememberingMember();
  await source.join(second);
  const current = await second.assignedTo(1);
  assert.notEqual(current.generation, old.generation);
  await assert.rejects(source.commit(old.generation, [{ ...commit, position: 2 }]), FencedError);
  assert.deepEqual(await source.committed([0]), byPartition([commit]));
  await source.leave();
}

async function handsOver(world: SourceWorld): Promise<void> {
  await using first = await world.open("handover");
  const one = new RememberingMember();
  await first.join(one);
  const { generation } = await one.assignedTo(2);
  await first.commit(generation, [{ partition: 1, position: 3, metadata: "from the first" }]);
  await first.leave();
  await using second = await world.open("handover");
  const two = new RememberingMember();
  await second.join(two);
  const taken = await two.assignedTo(2);
  assert.deepEqual(taken.partitions.toSorted(), [0, 1]);
  assert.equal((await second.committed([1])).get(1)?.metadata, "from the first");
  assert.ok(second.leaseRemainingMs() > 0);
  await second.leave();
}

async function joinsTwice(world: SourceWorld): Promise<void> {
  await using first = await world.open("two");
  const one = new RememberingMember();
  await first.join(one);
  await one.assignedTo(4);
  await using second = await world.open("two");
  const two = new RememberingMember();
  if (!world.severalMembers) {
    await assert.rejects(
      second.join(two),
      (error) => error instanceof ConfigError && error.message.includes(`${Deno.pid}`),
    );
    return await first.leave();
  }
  await second.join(two);
  const [ofOne, ofTwo] = await Promise.all([one.assignedTo(2), two.assignedTo(2)]);
  assert.deepEqual([...ofOne.partitions, ...ofTwo.partitions].toSorted(), [0, 1, 2, 3]);
  await second.leave();
  const back = await one.assignedTo(4);
  assert.deepEqual(back.partitions.toSorted(), [0, 1, 2, 3]);
  await first.leave();
}

async function describes(world: SourceWorld): Promise<void> {
  await using source = await world.open("describe");
  await world.producer.send([{ key: null, value: null }]);
  const facts = await source.describe();
  const { topic, timestampType, cleanupPolicy } = facts;
  assert.deepEqual({ topic, timestampType, cleanupPolicy }, {
    topic: world.topic,
    timestampType: "appendTime",
    cleanupPolicy: "delete",
  });
  assert.deepEqual(facts.partitions.map(({ partition, first }) => ({ partition, first })), [
    { partition: 0, first: 0 },
    { partition: 1, first: 0 },
    { partition: 2, first: 0 },
  ]);
  assert.deepEqual(facts.partitions.reduce((sum, { end }) => sum + end, 0), 1);
}

/** One fetch a lane, as the port asks for. */
function fetchLanes(source: Source, wants: readonly Want[], maxWaitMs: number): Promise<readonly Fetched[]>[] {
  const lanes = Map.groupBy(wants, (want) => source.laneOf(want.partition));
  return [...lanes.values()].map((lane) => source.fetch(lane, { maxWaitMs }));
}

/** The answers of all lanes together. */
async function fetchOnce(source: Source, wants: readonly Want[], maxWaitMs = 5_000): Promise<readonly Fetched[]> {
  return (await Promise.all(fetchLanes(source, wants, maxWaitMs))).flat();
}

function bytesOf(found: Fetched | undefined): FetchedBytes {
  assert.equal(found?.kind, "bytes");
  return found;
}

function byPartition(commits: readonly Committed[]): Map<number, Committed> {
  return new Map(commits.map((commit) => [commit.partition, commit]));
}
