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

Deno.test("decompress() refuses a bomb: 80 MB of zeros", () => {
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

Deno.test("decompress() gives back what was packed, repetitive or random, in every codec", () => {
  const seed = seedOfRun();
  console.log(`seed ${seed}`);
  const random = seeded(seed);
  const below = (limit: number) => Math.floor(random() * limit);
  for (let round = 0; round < 150; round++) {
    const bytes = new Uint8Array(below(10 ** below(7)));
    const period = 1 + below(10 ** below(6)), kinds = 1 + below(256);
    for (let at = 0; at < bytes.length; at++) {
      bytes[at] = at >= period && random() < 0.999 ? bytes[at - period] ?? 0 : below(kinds);
    }
    const codec = CODECS[round % CODECS.length] ?? "none";
    const unpacked = decompress(codec, compress(codec, bytes));
    assert.ok(unpacked.length === bytes.length && unpacked.every((byte, at) => byte === bytes[at]), `round ${round}`);
  }
});

Deno.test("decompress() of lz4 takes stored blocks, sizes, checksums, blocks that refer back, and frames in a row", () => {
  const MAGIC = [0x04, 0x22, 0x4d, 0x18];
  const block = (...bytes: number[]) => [bytes.length, 0, 0, 0, ...bytes];
  const END = [0, 0, 0, 0], CHECKSUM = [9, 9, 9, 9];
  const abc = block(0x30, 97, 98, 99);
  const frames: readonly (readonly [number[], string])[] = [
    [[...MAGIC, 0x60, 0x40, 0, ...END], ""],
    [[...MAGIC, 0x60, 0x40, 0, ...abc, ...END], "abc"],
    [[...MAGIC, 0x60, 0x40, 0, 3, 0, 0, 0x80, 97, 98, 99, ...END], "abc"],
    [[...MAGIC, 0x68, 0x40, 3, 0, 0, 0, 0, 0, 0, 0, 0, ...abc, ...END], "abc"],
    [[...MAGIC, 0x74, 0x40, 0, ...abc, ...CHECKSUM, ...END, ...CHECKSUM], "abc"],
    // The second block copies 4 bytes from 3 back, which is in the first one and runs into itself.
    [[...MAGIC, 0x40, 0x40, 0, ...abc, ...block(0x00, 3, 0, 0x10, 100), ...END], "abcabcad"],
    [[...MAGIC, 0x60, 0x40, 0, ...abc, ...END, ...MAGIC, 0x60, 0x40, 0, ...abc, ...END], "abcabc"],
  ];
  for (const [bytes, text] of frames) {
    assert.equal(new TextDecoder().decode(decompress("lz4", new Uint8Array(bytes))), text);
    assert.throws(() => decompress("lz4", new Uint8Array(bytes.slice(0, -5))), SyntaxError);
  }
  const head = [...MAGIC, 0x60, 0x40, 0];
  for (
    const bad of [[], [1, 2, 3, 4], [...MAGIC, 0x61, 0x40, 0, ...END], [...head, ...block(0x00, 1, 0)], [
      ...head,
      ...block(0x10, 97, 2, 0),
    ], [...head, ...block(0x10, 97, 0, 0)]]
  ) assert.throws(() => decompress("lz4", new Uint8Array(bad)), SyntaxError, `${bad}`);
});

Deno.test("decompress() of snappy takes literals and copies of every form", () => {
  const text = (...bytes: number[]) => new TextDecoder().decode(decompress("snappy", new Uint8Array(bytes)));
  const a = 97, b = 98;
  assert.deepEqual(
    [
      text(0),
      text(2, 0x04, a, b),
      text(2, 0xf0, 1, a, b), // A length in one byte.
      text(2, 0xf4, 1, 0, a, b), // In two.
      text(6, 0x04, a, b, 0x01, 2), // A copy with an offset of 11 bits.
      text(4, 0x04, a, b, 0x06, 2, 0), // Of 16.
      text(4, 0x04, a, b, 0x07, 2, 0, 0, 0), // Of 32.
      text(5, 0x00, a, 0x0e, 1, 0), // A run.
    ],
    ["", "ab", "ab", "ab", "ababab", "abab", "abab", "aaaaa"],
  );
  for (
    const bad of [
      [],
      [0x80],
      [0x80, 0x80, 0x80, 0x80, 0x80, 1],
      [2, 0x04, a],
      [3, 0x04, a, b],
      [1, 0x04, a, b],
      [
        6,
        0x04,
        a,
        b,
        0x01,
        3,
      ],
      [6, 0x04, a, b, 0x01, 0],
      [0xff, 0xff, 0xff, 0x0f, 0x00, a],
    ]
  ) assert.throws(() => text(...bad), SyntaxError, `${bad}`);
});
