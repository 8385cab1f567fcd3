/**
 * Unpacks LZ4 frames. Checksums are not looked at: a batch has its own.
 *
 * Own code, because the WebAssembly at hand loses its memory with each frame that is malformed.
 *
 * Source: LZ4 Frame Format Description 1.6.4 and LZ4 Block Format Description.
 */
import { Unpacked } from "./unpacked.ts";

const MAGIC = 0x184d2204;
const FLAG = { blockChecksum: 0x10, contentSize: 0x08, contentChecksum: 0x04, dictionary: 0x01 } as const;
const HEADER_BYTES = 7;
const CHECKSUM_BYTES = 4;
/** Set in the length of a block that stands as it is. */
const STORED = 0x8000_0000;
const MIN_MATCH = 4;
/** A length of all ones goes on in the bytes that follow. */
const NIBBLE = 15;
const FULL = 255;
/** How much larger than the packed bytes the result is expected to be. */
const USUAL_RATIO = 4;

/**
 * The content of one frame or of several in a row.
 *
 * @throws {SyntaxError | RangeError} when the bytes are no frames, or there are more than `maxBytes` in them.
 */
export function unpackLz4(packed: Uint8Array, maxBytes: number): Uint8Array {
  const view = new DataView(packed.buffer, packed.byteOffset, packed.byteLength);
  const unpacked = new Unpacked(USUAL_RATIO * packed.length, maxBytes);
  let at = 0;
  do at = unpackFrame(view, at, unpacked); while (at < view.byteLength);
  return unpacked.bytes();
}

/** Where the frame ends; reading past the end of the view is a RangeError of the engine. */
function unpackFrame(view: DataView, start: number, unpacked: Unpacked): number {
  if (view.getUint32(start, true) !== MAGIC) {
    throw new SyntaxError(`Cannot unpack lz4: no magic number at byte ${start}`);
  }
  const flags = view.getUint8(start + 4);
  if (flags & FLAG.dictionary) throw new SyntaxError("Cannot unpack lz4: it needs a dictionary");
  let at = start + HEADER_BYTES + (flags & FLAG.contentSize ? 8 : 0);
  for (;;) {
    const word = view.getUint32(at, true);
    at += 4;
    if (word === 0) return at + (flags & FLAG.contentChecksum ? CHECKSUM_BYTES : 0);
    const length = word >= STORED ? word - STORED : word;
    if (word >= STORED) unpacked.literal(view, at, length);
    else unpackBlock(new DataView(view.buffer, view.byteOffset + at, length), unpacked);
    at += length + (flags & FLAG.blockChecksum ? CHECKSUM_BYTES : 0);
  }
}

/** A block is literals and matches in turn, and ends with literals. */
function unpackBlock(block: DataView, unpacked: Unpacked): void {
  let at = 0;
  while (at < block.byteLength) {
    const token = block.getUint8(at++);
    let literals = token >>> 4;
    if (literals === NIBBLE) {
      for (let more = FULL; more === FULL; literals += more) more = block.getUint8(at++);
    }
    unpacked.literal(block, at, literals);
    at += literals;
    if (at === block.byteLength) return;
    const distance = block.getUint16(at, true);
    at += 2;
    let match = token & NIBBLE;
    if (match === NIBBLE) {
      for (let more = FULL; more === FULL; match += more) more = block.getUint8(at++);
    }
    unpacked.match(distance, match + MIN_MATCH);
  }
}
