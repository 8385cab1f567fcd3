/**
 * How large an LZ4 frame can become, read off its block headers before anything is unpacked.
 *
 * Source: LZ4 Frame Format Description, version 1.6.
 */

const MAGIC = 0x184d2204;
const FLAG = { blockChecksum: 0x10, contentSize: 0x08, contentChecksum: 0x04, dictionary: 0x01 } as const;
const STORED = 0x8000_0000;
/** A byte of a packed block stands for 255 bytes at the most. */
const MAX_RATIO = 255;

/**
 * Refuses a frame that could unpack to more than `maxBytes`, up to one block too early.
 *
 * @throws {SyntaxError} when it could, or when the bytes are no sequence of frames.
 */
export function assertLz4Bound(packed: Uint8Array, maxBytes: number): void {
  const view = new DataView(packed.buffer, packed.byteOffset, packed.byteLength);
  let at = 0;
  let total = 0;
  while (at < view.byteLength) {
    const frame = readFrame(view, at);
    at = frame.end;
    total += frame.atMost;
    if (total - frame.slack > maxBytes) {
      throw new SyntaxError(`Cannot unpack ${total} bytes: at most ${maxBytes} allowed`);
    }
  }
  if (at === 0) throw new SyntaxError("Cannot read lz4 frame: there is none");
}

interface Frame {
  readonly end: number;
  readonly atMost: number;
  /** The last block may be anything up to its bound. */
  readonly slack: number;
}

function readFrame(view: DataView, start: number): Frame {
  if (start + 7 > view.byteLength) throw cutOff(start);
  if (view.getUint32(start, true) !== MAGIC) {
    throw new SyntaxError(`Cannot read lz4 frame: no magic number at ${start}`);
  }
  const flags = view.getUint8(start + 4);
  const blockBytes = 1 << (8 + 2 * ((view.getUint8(start + 5) >> 4) & 7));
  let at = start + 7 + (flags & FLAG.contentSize ? 8 : 0) + (flags & FLAG.dictionary ? 4 : 0);
  let atMost = 0;
  let slack = 0;
  while (at + 4 <= view.byteLength) {
    const word = view.getUint32(at, true);
    at += 4;
    if (word === 0) return { end: at + (flags & FLAG.contentChecksum ? 4 : 0), atMost, slack };
    const length = word >= STORED ? word - STORED : word;
    slack = Math.min(blockBytes, length * MAX_RATIO);
    atMost += slack;
    at += length + (flags & FLAG.blockChecksum ? 4 : 0);
  }
  throw cutOff(at);
}

function cutOff(at: number): SyntaxError {
  return new SyntaxError(`Cannot read lz4 frame: cut off at ${at}`);
}
