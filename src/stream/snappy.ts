/**
 * Unpacks snappy as Kafka's clients write it: one raw block (librdkafka, Go), or blocks in xerial's framing (Java): a
 * magic number, two versions, then blocks, each behind its length.
 *
 * Own code, because the WebAssembly at hand loses its memory with each block that is malformed.
 *
 * Source: snappy's `format_description.txt`, and `SnappyOutputStream` of xerial/snappy-java.
 */
import { Unpacked } from "./unpacked.ts";

const XERIAL_MAGIC = [0x82, 0x53, 0x4e, 0x41, 0x50, 0x50, 0x59, 0x00];
const XERIAL_HEADER_BYTES = XERIAL_MAGIC.length + 8;
/** The two low bits of a tag. */
const KIND = { literal: 0, copy1: 1, copy2: 2 } as const;
/** A literal's length of 60 to 63 says how many bytes the length has. */
const LONG_LITERAL = 60;
/** A copy of 64 bytes takes 3. */
const MAX_RATIO = 22;

/**
 * The content of a block, or of all blocks of a frame.
 *
 * @throws {SyntaxError | RangeError} when the bytes are malformed, or there are more than `maxBytes` in them.
 */
export function unpackSnappy(packed: Uint8Array, maxBytes: number): Uint8Array {
  const view = new DataView(packed.buffer, packed.byteOffset, packed.byteLength);
  if (!isXerial(packed)) return unpackBlock(view, maxBytes);
  const parts: Uint8Array[] = [];
  let total = 0;
  for (let at = XERIAL_HEADER_BYTES; at < view.byteLength;) {
    const length = view.getInt32(at);
    const block = new DataView(view.buffer, view.byteOffset + at + 4, inside(length, view.byteLength - at - 4));
    const part = unpackBlock(block, maxBytes - total);
    parts.push(part);
    total += part.length;
    at += 4 + length;
  }
  return joined(parts, total);
}

function isXerial(packed: Uint8Array): boolean {
  return packed.length >= XERIAL_HEADER_BYTES && XERIAL_MAGIC.every((byte, index) => packed[index] === byte);
}

/** Reading past the end of the block is a RangeError of the engine. */
function unpackBlock(block: DataView, maxBytes: number): Uint8Array {
  const head = readLength(block);
  if (head.length > maxBytes) throw new SyntaxError(`Cannot unpack snappy: ${head.length} bytes, at most ${maxBytes}`);
  if (head.length > MAX_RATIO * block.byteLength) {
    throw new SyntaxError(`Cannot unpack snappy: ${head.length} bytes cannot be in ${block.byteLength}`);
  }
  const unpacked = new Unpacked(head.length, head.length);
  for (let at = head.end; at < block.byteLength;) {
    const isLiteral = (block.getUint8(at) & 3) === KIND.literal;
    at = isLiteral ? unpackLiteral(block, at, unpacked) : unpackCopy(block, at, unpacked);
  }
  if (unpacked.length !== head.length) {
    throw new SyntaxError(`Cannot unpack snappy: ${unpacked.length} bytes instead of ${head.length}`);
  }
  return unpacked.bytes();
}

/** Where the literal whose tag is at `at` ends. */
function unpackLiteral(block: DataView, at: number, unpacked: Unpacked): number {
  let start = at + 1;
  let length = block.getUint8(at) >>> 2;
  if (length >= LONG_LITERAL) {
    const bytes = length - LONG_LITERAL + 1;
    length = 0;
    for (let index = 0; index < bytes; index++) length += block.getUint8(start++) * 2 ** (8 * index);
  }
  unpacked.literal(block, start, length + 1);
  return start + length + 1;
}

/** Where the copy whose tag is at `at` ends. */
function unpackCopy(block: DataView, at: number, unpacked: Unpacked): number {
  const tag = block.getUint8(at);
  const kind = tag & 3;
  if (kind === KIND.copy1) {
    unpacked.match((tag >>> 5) << 8 | block.getUint8(at + 1), ((tag >>> 2) & 7) + 4);
    return at + 2;
  }
  const isShort = kind === KIND.copy2;
  unpacked.match(isShort ? block.getUint16(at + 1, true) : block.getUint32(at + 1, true), (tag >>> 2) + 1);
  return at + (isShort ? 3 : 5);
}

/** The unpacked length that a block starts with, a varint of 32 bits. */
function readLength(block: DataView): { readonly length: number; readonly end: number } {
  let length = 0;
  for (let index = 0; index < 5; index++) {
    const byte = block.getUint8(index);
    length += (byte & 0x7f) * 2 ** (7 * index);
    if (byte < 0x80) return { length, end: index + 1 };
  }
  throw new SyntaxError("Cannot unpack snappy: its length is longer than 5 bytes");
}

function inside(length: number, left: number): number {
  if (length >= 0 && length <= left) return length;
  throw new SyntaxError(`Cannot unpack snappy: a block of ${length} bytes, ${left} are left`);
}

function joined(parts: readonly Uint8Array[], total: number): Uint8Array {
  const whole = new Uint8Array(total);
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.length;
  }
  return whole;
}
