import assert from "node:assert/strict";
import { compress, decompress } from "../../src/stream/compression.ts";
import { CODECS } from "../../src/stream/record_batch.ts";
import { seeded, seedOfRun } from "./seeded.ts";

const LIMIT = 300_000;

Deno.test("decompress() takes exactly maxBytes, and not one byte more, in every codec", () => {
  for (const codec of CODECS) {
    const packed = compress(codec, new Uint8Array(LIMIT).fill(7));
    assert.equal(decompress(codec, packed, { maxBytes: LIMIT }).length, LIMIT, codec);
    assert.throws(() => decompress(codec, packed, { maxBytes: LIMIT - 1 }), SyntaxError, codec);
  }
});

Deno.test("decompress() refuses a bomb by its headers, before it unpacks it", () => {
  for (const codec of ["gzip", "snappy", "lz4", "zstd"] as const) {
    const bomb = compress(codec, new Uint8Array(80_000_000));
    assert.throws(() => decompress(codec, bomb), SyntaxError, codec);
  }
});

Deno.test("decompress() reads snappy in xerial's framing, of no, one and several blocks", () => {
  const magic = [0x82, 0x53, 0x4e, 0x41, 0x50, 0x50, 0x59, 0, 0, 0, 0, 1, 0, 0, 0, 1];
  const block = (text: string) => {
    const packed = compress("snappy", new TextEncoder().encode(text));
    return [0, 0, 0, packed.length, ...packed];
  };
  const read = (...blocks: number[][]) =>
    new TextDecoder().decode(decompress("snappy", new Uint8Array([...magic, ...blocks.flat()])));
  assert.deepEqual([read(), read(block("one")), read(block("one"), block(" and two"))], ["", "one", "one and two"]);
  for (const bad of [[0, 0, 0], [0, 0, 0, 9, 1], [0xff, 0xff, 0xff, 0xff]]) assert.throws(() => read(bad), SyntaxError);
});

Deno.test("decompress() of changed or cut off bytes throws nothing but a SyntaxError, and works afterwards", () => {
  const seed = seedOfRun();
  console.log(`seed ${seed}`);
  const random = seeded(seed);
  for (const codec of ["gzip", "snappy", "lz4", "zstd"] as const) {
    const good = compress(codec, Uint8Array.from({ length: 5_000 }, () => Math.floor(random() * 4)));
    for (let round = 0; round < 500; round++) {
      const bad = Uint8Array.from(good.subarray(0, Math.floor(random() * good.length)));
      if (bad.length > 0 && round % 2 === 0) bad[Math.floor(random() * bad.length)] = Math.floor(random() * 256);
      assertUnpackedOrRefused(() => decompress(codec, bad), `${codec}, round ${round}`);
    }
    assert.equal(decompress(codec, good).length, 5_000);
  }
});

/** Not every codec notices every change: the batch's checksum and the record count do. */
function assertUnpackedOrRefused(unpack: () => Uint8Array, round: string): void {
  try {
    assert.ok(unpack().length <= 67_108_864, round);
  } catch (error) {
    assert.ok(error instanceof SyntaxError, `${round}: ${error}`);
  }
}
