import assert from "node:assert/strict";
import { Witness, WITNESS_LIMITS } from "../../actors/witness.ts";
import { parseFieldMap } from "../../src/domain/field_map.ts";
import type { Point } from "../../src/domain/point.ts";
import type { DeadLetter, DeadLetters } from "../../src/stream/dead_letters.ts";
import { RetryableError } from "../../src/stream/failures.ts";
import { ManualClock } from "../fakes/manual_clock.ts";
import { MemoryStore } from "../fakes/memory_store.ts";

const witness = () => new Witness({ clock: new ManualClock(), fieldMap: parseFieldMap(undefined), latenessMs: 30_000 });

const pane = (timeMs: number, count: number): Point => ({
  measurement: "transactions_total",
  tags: { category: "travel", region: "CA" },
  timeMs,
  fields: { transaction_count: count, final: true },
});

const letter = (offset: number): DeadLetter => (
  { reason: "late", detail: "", topic: "t", partition: 0, offset, timeMs: 1, value: new Uint8Array(5) }
);

/** Keeps what it is given; refuses while `failure` is set. */
class LettersInMemory implements DeadLetters {
  readonly kept: DeadLetter[] = [];
  failure: Error | undefined;

  append(letters: readonly DeadLetter[]): Promise<void> {
    if (this.failure !== undefined) return Promise.reject(this.failure);
    this.kept.push(...letters);
    return Promise.resolve();
  }

  async *read(): AsyncIterable<DeadLetter> {
    yield* this.kept;
  }

  [Symbol.asyncDispose](): Promise<void> {
    return Promise.resolve();
  }
}

async function all<T>(found: AsyncIterable<T>): Promise<T[]> {
  return await Array.fromAsync(found);
}

Deno.test("Witness.store() writes and reads as the store does, and knows regions and writes afterwards", async () => {
  const seen = witness(), inner = new MemoryStore(), store = seen.store(inner);
  await store.write([pane(0, 3), pane(60_000, 4)]);
  assert.deepEqual(await all(store.read({ measurement: "transactions_total" })), [pane(0, 3), pane(60_000, 4)]);
  assert.deepEqual(seen.regions({ fromMs: 0 }).regions.map(({ transaction_count: count }) => count), [7]);
  assert.deepEqual([seen.acknowledgements.writes, seen.acknowledgements.points], [1, 2]);
  assert.deepEqual(await store.tagValues({ measurement: "transactions_total", tag: "region", limit: 9 }), ["CA"]);
  await store.ping();
});

Deno.test("Witness.remember() knows the regions of an earlier run", async () => {
  const seen = witness(), store = new MemoryStore();
  await store.write([pane(0, 3)]);
  await seen.remember(store);
  assert.deepEqual(seen.regions({ fromMs: 0 }).regions.map(({ transaction_count: count }) => count), [3]);
  assert.equal(seen.acknowledgements.writes, 0);
});

Deno.test("Witness.deadLetters() shows the newest letters once they are durable, newest first", async () => {
  const seen = witness(), inner = new LettersInMemory(), letters = seen.deadLetters(inner);
  const many = Array.from({ length: WITNESS_LIMITS.letters }, (_, offset) => letter(offset));
  await letters.append(many);
  await letters.append([letter(1_000), letter(1_001)]);
  assert.deepEqual(seen.letters.slice(0, 3).map(({ offset }) => offset), [1_001, 1_000, many.length - 1]);
  assert.deepEqual([seen.letters.length, seen.letters.at(-1)?.offset], [WITNESS_LIMITS.letters, 2]);
  assert.deepEqual((await all(letters.read())).length, inner.kept.length);
  inner.failure = new RetryableError("Cannot append");
  await assert.rejects(letters.append([letter(9_999)]), RetryableError);
  assert.equal(seen.letters[0]?.offset, 1_001);
});
