/** Answers of a broker, read from a stream that hands them over in pieces of any size. */
import assert from "node:assert/strict";
import { WireReader } from "../../src/kafka/wire_reader.ts";
import { RetryableError } from "../../src/stream/failures.ts";

/** Hands bytes over in pieces of at most so many, and then ends. */
class PiecewiseSource {
  readonly #bytes: Uint8Array;
  readonly #pieceBytes: number;
  #at = 0;

  constructor(bytes: Uint8Array, pieceBytes: number) {
    this.#bytes = bytes;
    this.#pieceBytes = pieceBytes;
  }

  read(into: Uint8Array): Promise<number | null> {
    const count = Math.min(into.length, this.#pieceBytes, this.#bytes.length - this.#at);
    into.set(this.#bytes.subarray(this.#at, this.#at + count));
    this.#at += count;
    return Promise.resolve(count === 0 ? null : count);
  }
}

/** An answer with its length before it. */
function answer(...body: readonly number[]): number[] {
  const length = new DataView(new ArrayBuffer(4));
  length.setInt32(0, body.length);
  return [...new Uint8Array(length.buffer), ...body];
}

function readerOf(bytes: readonly number[], pieceBytes = bytes.length): WireReader {
  return new WireReader(new PiecewiseSource(Uint8Array.from(bytes), pieceBytes));
}

const MANY = Array.from({ length: 2_000 }, (_, at) => at & 0xff);

for (const pieceBytes of [1, 3, 511, 512, 513, 5_000]) {
  Deno.test(`WireReader reads every kind of field from pieces of ${pieceBytes} bytes`, async () => {
    const first = [
      ...[0xff, 0xfe, 0x80, 0, 0, 1, 0x7f, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff],
      ...[0xac, 0x02, 3, 0x68, 0x69, 3, 7, 9, 1, 5, 2, 1, 2],
    ];
    const reader = readerOf([...answer(...first, ...MANY), ...answer(42)], pieceBytes);
    await reader.begin(10_000);
    assert.deepEqual([await reader.int16(), await reader.int32(), await reader.int64()], [
      -2,
      -2147483647,
      2n ** 63n - 1n,
    ]);
    assert.deepEqual([await reader.varint(), await reader.text()], [300, "hi"]);
    assert.deepEqual(await reader.array(() => reader.varint()), [7, 9]);
    await reader.skipTagged();
    const many = new Uint8Array(MANY.length);
    await reader.into(many);
    assert.deepEqual([[...many], reader.left], [MANY, 0]);
    await reader.begin(1);
    await reader.skip(1);
    assert.equal(reader.left, 0);
  });
}

Deno.test("WireReader.begin() takes an answer as long as allowed and refuses a longer or a negative one", async () => {
  await readerOf(answer(1, 2, 3)).begin(3);
  await assert.rejects(readerOf(answer(1, 2, 3, 4)).begin(3), SyntaxError);
  await assert.rejects(readerOf([0xff, 0xff, 0xff, 0xff]).begin(3), SyntaxError);
});

Deno.test("WireReader reads a field that ends with its answer, and refuses one that would end after it", async () => {
  for (
    const read of [
      (r: WireReader) => r.int32(),
      (r: WireReader) => r.into(new Uint8Array(4)),
      (r: WireReader) => r.skip(4),
    ]
  ) {
    const reader = readerOf([...answer(0, 0, 0, 1), ...answer(0, 0, 0), 9, 9]);
    await reader.begin(100);
    await read(reader);
    await reader.begin(100);
    await assert.rejects(async () => await read(reader), SyntaxError);
  }
});

Deno.test("WireReader.text() does not believe a length that the answer has no bytes for", async () => {
  const reader = readerOf(answer(0xff, 0xff, 0xff, 0xff, 0x0f, 1));
  await reader.begin(100);
  await assert.rejects(reader.text(), SyntaxError);
});

Deno.test("WireReader.varint() takes five bytes and refuses a sixth", async () => {
  const five = readerOf(answer(0xff, 0xff, 0xff, 0xff, 0x0f));
  await five.begin(100);
  assert.equal(await five.varint(), 2 ** 32 - 1);
  const six = readerOf(answer(0xff, 0xff, 0xff, 0xff, 0xff, 0x01));
  await six.begin(100);
  await assert.rejects(six.varint(), SyntaxError);
});

Deno.test("WireReader: a stream that ends within an answer is worth another try", async () => {
  const reader = readerOf(answer(1, 2, 3, 4).slice(0, 6));
  await reader.begin(100);
  await assert.rejects(reader.int32(), RetryableError);
});
