import assert from "node:assert/strict";
import { HASH_SEED, murmur3, murmur3Text } from "../../src/domain/hash.ts";

/** MurmurHash3_x86_32 in big integers, from its description. */
function reference(bytes: Uint8Array): number {
  const cut = (value: bigint): bigint => value & 0xffffffffn;
  const rotate = (value: bigint, by: bigint): bigint => cut(value << by) | (value >> (32n - by));
  let hash = BigInt(HASH_SEED);
  for (let at = 0; at < bytes.length; at += 4) {
    const block = [...bytes.subarray(at, at + 4)];
    const word = block.reduce((sum, byte, index) => sum | BigInt(byte) << BigInt(8 * index), 0n);
    hash ^= cut(rotate(cut(word * 0xcc9e2d51n), 15n) * 0x1b873593n);
    if (block.length === 4) hash = cut(rotate(hash, 13n) * 5n + 0xe6546b64n);
  }
  hash ^= BigInt(bytes.length);
  hash = cut((hash ^ (hash >> 16n)) * 0x85ebca6bn);
  hash = cut((hash ^ (hash >> 13n)) * 0xc2b2ae35n);
  return Number(hash ^ (hash >> 16n));
}

Deno.test("murmur3() is MurmurHash3_x86_32 of the bytes, wherever they lie", () => {
  const bytes = Uint8Array.from({ length: 300 }, (_, index) => (index * 151 + 7) & 0xff);
  const view = new DataView(bytes.buffer);
  for (let length = 0; length < 40; length++) {
    for (const start of [0, 1, 2, 3, 250]) {
      assert.equal(murmur3(view, start, start + length), reference(bytes.subarray(start, start + length)));
    }
  }
});

Deno.test("murmur3Text() hashes the UTF-8 bytes of text", () => {
  for (const text of ["", "a", "café", "4716561796955522", "日本"]) {
    assert.equal(murmur3Text(text), reference(new TextEncoder().encode(text)));
  }
});
