import assert from "node:assert/strict";
import { AsciiWriter } from "../../src/produce/ascii_writer.ts";
import { SeededRandom } from "../../src/produce/seeded_random.ts";

const written = (write: (writer: AsciiWriter) => void): string => {
  const writer = new AsciiWriter(100);
  write(writer);
  return new TextDecoder().decode(writer.take());
};

Deno.test("AsciiWriter.decimal() writes what JSON.stringify writes", () => {
  const random = new SeededRandom(3, 0);
  const randoms = Array.from({ length: 5_000 }, () => random.below(2_000_000) - 1_000_000);
  for (const scaled of [0, 1, -1, 9, 10, 99, 100, 101, -100, 12_340, -12_345, 9_999_999, ...randoms]) {
    for (const places of [0, 2, 4]) {
      assert.strictEqual(
        written((writer) => writer.decimal(scaled, places)),
        JSON.stringify(scaled / 10 ** places + 0),
      );
    }
  }
});

Deno.test("AsciiWriter.digits() and hex() write the lowest digits, zeros in front", () => {
  assert.strictEqual(written((writer) => writer.digits(7, 3)), "007");
  assert.strictEqual(written((writer) => writer.digits(12_345, 3)), "345");
  assert.strictEqual(written((writer) => writer.hex(0xdeadbeef, 8)), "deadbeef");
  assert.strictEqual(written((writer) => writer.hex(0xdeadbeef, 3)), "eef");
});

Deno.test("AsciiWriter.take() gives a value of the largest size anywhere in a chunk and refuses a larger one", () => {
  const writer = new AsciiWriter(1_000);
  const values: Uint8Array[] = [];
  for (let index = 0; index < 200; index++) {
    writer.bytes(new Uint8Array(1_000).fill(index));
    values.push(writer.take());
  }
  assert.ok(values.every((value, index) => value.length === 1_000 && value.every((byte) => byte === index)));
  writer.bytes(new Uint8Array(1_001));
  assert.throws(() => writer.take(), RangeError);
  for (const bad of [0, 65_537, NaN]) assert.throws(() => new AsciiWriter(bad), RangeError);
});
