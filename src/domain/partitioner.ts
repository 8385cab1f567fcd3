/**
 * Which partition a keyed record goes to: Kafka's default partitioner, so that every client puts a category where we do.
 *
 * Source: `org.apache.kafka.common.utils.Utils.murmur2` and `toPositive`, as `BuiltInPartitioner` uses them.
 */

const SEED = 0x9747b28c;
const MIX = 0x5bd1e995;

/** MurmurHash2 of `bytes`, as Kafka's Java client computes it. Shape: signed 32 bits. */
export function murmur2(bytes: Uint8Array): number {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const tail = bytes.byteLength & ~3;
  let hash = SEED ^ bytes.byteLength;
  for (let at = 0; at < tail; at += 4) {
    const word = Math.imul(view.getInt32(at, true), MIX);
    hash = Math.imul(hash, MIX) ^ Math.imul(word ^ (word >>> 24), MIX);
  }
  for (let at = bytes.byteLength - 1; at >= tail; at--) hash ^= view.getUint8(at) << (8 * (at - tail));
  if (bytes.byteLength > tail) hash = Math.imul(hash, MIX);
  hash = Math.imul(hash ^ (hash >>> 13), MIX);
  return hash ^ (hash >>> 15);
}

/**
 * The partition of `key` in a topic of `partitions` partitions.
 *
 * @throws {RangeError} when `partitions` is not a whole number of at least 1.
 */
export function partitionOf(key: Uint8Array, partitions: number): number {
  if (!(Number.isSafeInteger(partitions) && partitions >= 1)) {
    throw new RangeError(`Cannot choose partition: partitions must be a whole number >= 1, got ${partitions}`);
  }
  return (murmur2(key) & 0x7fffffff) % partitions;
}
