/** CRC-32C (Castagnoli), the checksum of Kafka's record batches. */
import { crc32c as checksum } from "npm:@platformatic/wasm-utils@0.2.1/bundled";

/**
 * The CRC-32C of `bytes` as an unsigned number.
 *
 * Cost: one copy into WebAssembly memory, then about 1 ns a byte.
 */
export function crc32c(bytes: Uint8Array): number {
  return checksum(bytes);
}
