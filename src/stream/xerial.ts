/**
 * Xerial's framing of snappy blocks, which the Java client writes: a magic number, two versions, then blocks, each
 * behind its length.
 *
 * Source: `SnappyOutputStream` of xerial/snappy-java.
 */

const MAGIC = [0x82, 0x53, 0x4e, 0x41, 0x50, 0x50, 0x59, 0x00];
const HEADER_BYTES = MAGIC.length + 8;

/**
 * The blocks in xerial's framing, or undefined when `packed` is not framed.
 *
 * @throws {SyntaxError} when a block's length is impossible.
 */
export function xerialChunks(packed: Uint8Array): Uint8Array[] | undefined {
  if (packed.length < HEADER_BYTES || MAGIC.some((byte, index) => packed[index] !== byte)) return undefined;
  const view = new DataView(packed.buffer, packed.byteOffset, packed.byteLength);
  const chunks: Uint8Array[] = [];
  let at = HEADER_BYTES;
  while (at < packed.length) {
    const left = packed.length - at - 4;
    const length = left < 0 ? -1 : view.getInt32(at);
    if (length < 0 || length > left) throw new SyntaxError(`Cannot read snappy frame: block length ${length} at ${at}`);
    chunks.push(packed.subarray(at + 4, at + 4 + length));
    at += 4 + length;
  }
  return chunks;
}
