/**
 * The codecs of record batches, both ways.
 *
 * I1. Unpacking makes at most `maxBytes` bytes, or throws before it has made many more: a small batch cannot fill the
 *     memory. For snappy and lz4 the bound is checked against the packed bytes before anything is unpacked.
 */
import { Buffer } from "node:buffer";
import { gunzipSync, gzipSync, zstdCompressSync, zstdDecompressSync } from "node:zlib";
import {
  lz4Compress,
  lz4Decompress,
  snappyCompress,
  snappyDecompress,
} from "npm:@platformatic/wasm-utils@0.2.1/bundled";
import { assertLz4Bound } from "./lz4_frame.ts";
import type { Codec } from "./record_batch.ts";
import { xerialChunks } from "./xerial.ts";

/** How batches are unpacked. */
export interface DecompressOptions {
  /** The most bytes that one batch may unpack to. @default 67_108_864, 64 times the largest batch of a default broker */
  readonly maxBytes?: number;
}

const MAX_BYTES = 64 * 1024 * 1024;

/**
 * Unpacks the records of a batch; the result may share memory with nothing or with `packed`.
 *
 * @throws {SyntaxError} when the bytes are not of this codec, or would unpack to more than `maxBytes`.
 */
export function decompress(codec: Codec, packed: Uint8Array, options: DecompressOptions = {}): Uint8Array {
  const { maxBytes = MAX_BYTES } = options;
  try {
    return UNPACK[codec](packed, maxBytes);
  } catch (cause) {
    // A library's complaint (zlib's Error, a WebAssembly trap) means that the bytes are bad, whatever its class.
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new SyntaxError(`Cannot unpack ${packed.length} bytes of ${codec}: ${reason}`, { cause });
  }
}

/** Packs the records of a batch. */
export function compress(codec: Codec, bytes: Uint8Array): Uint8Array {
  return PACK[codec](bytes);
}

const UNPACK: Readonly<Record<Codec, (packed: Uint8Array, maxBytes: number) => Uint8Array>> = {
  none: (packed, maxBytes) => bounded(packed, maxBytes),
  gzip: (packed, maxBytes) => gunzipSync(packed, { maxOutputLength: maxBytes }),
  zstd: (packed, maxBytes) => zstdDecompressSync(packed, { maxOutputLength: maxBytes }),
  snappy: unpackSnappy,
  lz4(packed, maxBytes) {
    assertLz4Bound(packed, maxBytes);
    return bounded(lz4Decompress(asBuffer(packed)), maxBytes);
  },
};

const PACK: Readonly<Record<Codec, (bytes: Uint8Array) => Uint8Array>> = {
  none: (bytes) => bytes,
  gzip: (bytes) => gzipSync(bytes),
  zstd: (bytes) => zstdCompressSync(bytes),
  snappy: (bytes) => snappyCompress(asBuffer(bytes)),
  lz4: (bytes) => lz4Compress(asBuffer(bytes)),
};

/** Snappy as librdkafka and Go write it (one raw block) or as the Java client does (blocks in xerial's framing). */
function unpackSnappy(packed: Uint8Array, maxBytes: number): Uint8Array {
  const chunks = xerialChunks(packed) ?? [packed];
  let total = 0;
  for (const chunk of chunks) total += snappyLength(chunk);
  if (total > maxBytes) throw new SyntaxError(`Cannot unpack ${total} bytes: at most ${maxBytes} allowed`);
  const parts = chunks.map((chunk) => snappyDecompress(asBuffer(chunk)));
  const [first] = parts;
  return parts.length === 1 && first !== undefined ? first : Buffer.concat(parts);
}

/** The unpacked length that a raw snappy block starts with, a varint of 32 bits. */
function snappyLength(block: Uint8Array): number {
  let length = 0;
  for (let index = 0; index < 5; index++) {
    const byte = block[index];
    if (byte === undefined) break;
    length += (byte & 0x7f) * 2 ** (7 * index);
    if (byte < 0x80) return length;
  }
  throw new SyntaxError(`Cannot read snappy block: no length in its ${block.length} bytes`);
}

function bounded(bytes: Uint8Array, maxBytes: number): Uint8Array {
  if (bytes.length <= maxBytes) return bytes;
  throw new SyntaxError(`Cannot unpack ${bytes.length} bytes: at most ${maxBytes} allowed`);
}

function asBuffer(bytes: Uint8Array): Buffer {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}
