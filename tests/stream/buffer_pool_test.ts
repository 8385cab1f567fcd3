import assert from "node:assert/strict";
import { BufferPool } from "../../src/stream/buffer_pool.ts";

const KIB = 1024;

Deno.test("BufferPool.take() gives a power of two from 4 KiB on that holds what was asked for", () => {
  const pool = new BufferPool({ capacityBytes: 0 });
  const sizes = [1, 4 * KIB, 4 * KIB + 1, 1_000_000].map((asked) => pool.take(asked).byteLength);
  assert.deepEqual(sizes, [4 * KIB, 4 * KIB, 8 * KIB, 1024 * KIB]);
  assert.equal(pool.take(0).byteLength, 0);
});

Deno.test("BufferPool.take() lends again what was given back, of the same size class only", () => {
  const pool = new BufferPool({ capacityBytes: 64 * KIB });
  const small = pool.take(1);
  pool.give(small);
  assert.notEqual(pool.take(5 * KIB), small);
  assert.equal(pool.take(4_000), small);
  assert.notEqual(pool.take(4_000), small);
});

Deno.test("BufferPool.give() keeps capacityBytes and not a buffer more", () => {
  const pool = new BufferPool({ capacityBytes: 8 * KIB });
  for (const buffer of [pool.take(1), pool.take(1), pool.take(1)]) pool.give(buffer);
  assert.equal(pool.keptBytes, 8 * KIB);
  pool.take(1);
  assert.equal(pool.keptBytes, 4 * KIB);
});

Deno.test("BufferPool.give() drops buffers that are not its own or were transferred away", () => {
  const pool = new BufferPool({ capacityBytes: 64 * KIB });
  const transferred = pool.take(1);
  structuredClone(transferred, { transfer: [transferred] });
  for (const buffer of [new ArrayBuffer(5_000), new ArrayBuffer(1_024), transferred]) pool.give(buffer);
  assert.equal(pool.keptBytes, 0);
});

Deno.test("BufferPool refuses a capacity that is no size", () => {
  for (const capacityBytes of [-1, NaN]) assert.throws(() => new BufferPool({ capacityBytes }), RangeError);
});
