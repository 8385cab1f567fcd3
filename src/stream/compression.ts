/**
 * The codecs of record batches, both ways.
 *
 * I1. Unpacking makes at most `maxBytes` bytes, or throws as soon as it would make more: a small batch cannot fill
 *     the memory, and bytes that are malformed leave nothing behind.
 */
import { Buffer } from "node:buffer";
import { gunzipSync, gzipSync, zstdCompressSync, zstdDecompressSync } from "node:zlib";
import { lz4Compress, snappyCompress } from "@platformatic/wasm-utils/bundled";
import { unpackLz4 } from "./lz4.ts";
import type { Codec } from "./record_batch.ts";
import { unpackSnappy } from "./snappy.ts";

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
  lz4: unpackLz4,
};

const PACK: Readonly<Record<Codec, (bytes: Uint8Array) => Uint8Array>> = {
  none: (bytes) => bytes,
  gzip: (bytes) => gzipSync(bytes),
  zstd: (bytes) => zstdCompressSync(bytes),
  snappy: (bytes) => snappyCompress(asBuffer(bytes)),
  lz4: (bytes) => lz4Compress(asBuffer(bytes)),
};

function bounded(bytes: Uint8Array, maxBytes: number): Uint8Array {
  if (bytes.length <= maxBytes) return bytes;
  throw new SyntaxError(`Cannot unpack ${bytes.length} bytes: at most ${maxBytes} allowed`);
}

function asBuffer(bytes: Uint8Array): Buffer {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}
