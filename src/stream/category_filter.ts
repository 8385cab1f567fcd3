/**
 * Which categories a partition holds, in a few bytes of its commit: a Bloom filter.
 *
 * I1. A name that was put in is always found; another one is found with the chance `falseRate`.
 * I2. What is found falsely depends on the salt: filters of the same names under other salts err independently.
 * I3. The text has at most 354 characters: 24 bits a name, fewer each for more than 85 names.
 *
 * Source: Kirsch and Mitzenmacher, "Less hashing, same performance", 2006.
 */
import { murmur3Text } from "../domain/hash.ts";

const MOST_BYTES = 256;
const FEWEST_BYTES = 8;
const BYTES_A_NAME = 3;
const MOST_PROBES = 16;

/** A name, hashed once for filters of all salts. */
export interface HashedName {
  readonly name: string;
  readonly first: number;
  readonly second: number;
}

/** Hashes a name. */
export function hashedName(name: string): HashedName {
  return { name, first: murmur3Text(name), second: murmur3Text(`${name}\0`) };
}

/**
 * A filter that holds these names, as text.
 *
 * @param salt an unsigned 32-bit integer
 */
export function encodeFilter(names: readonly HashedName[], salt: number): string {
  if (names.length === 0) return "";
  const sizeBytes = Math.min(MOST_BYTES, Math.max(FEWEST_BYTES, BYTES_A_NAME * names.length));
  const bytes = new Uint8Array(sizeBytes), bits = 8 * sizeBytes;
  const probes = Math.max(1, Math.min(MOST_PROBES, Math.round((bits / names.length) * Math.LN2)));
  for (const name of names) {
    for (const bit of bitsOf(name, { salt, probes, bits })) bytes[bit >> 3] = (bytes[bit >> 3] ?? 0) | (1 << (bit & 7));
  }
  return `${salt.toString(36)}.${probes.toString(36)}.${bytes.toBase64()}`;
}

/** A filter read from its text. */
export class CategoryFilter {
  readonly #bytes: Uint8Array;
  readonly #spread: Spread;
  /** The chance that a name is found that was not put in. */
  readonly falseRate: number;

  /** @throws {SyntaxError} when the text is none of `encodeFilter`. */
  constructor(text: string) {
    const [salt = "", probes = "", base64 = ""] = text === "" ? ["0", "1"] : text.split(".");
    this.#bytes = Uint8Array.fromBase64(base64);
    this.#spread = { salt: parseInt(salt, 36), probes: parseInt(probes, 36), bits: 8 * this.#bytes.length };
    if (!(this.#spread.salt >= 0 && this.#spread.probes >= 1)) {
      throw new SyntaxError(`Cannot read category filter: ${JSON.stringify(text)}`);
    }
    const set = this.#bytes.reduce((sum, byte) => sum + onesIn(byte), 0);
    this.falseRate = set === 0 ? 0 : (set / this.#spread.bits) ** this.#spread.probes;
  }

  /** Whether the name may have been put in. */
  has(name: HashedName): boolean {
    if (this.#bytes.length === 0) return false;
    for (const bit of bitsOf(name, this.#spread)) {
      if (((this.#bytes[bit >> 3] ?? 0) & (1 << (bit & 7))) === 0) return false;
    }
    return true;
  }
}

interface Spread {
  readonly salt: number;
  readonly probes: number;
  readonly bits: number;
}

function* bitsOf({ first, second }: HashedName, { salt, probes, bits }: Spread): Iterable<number> {
  const step = scrambled(second + salt) | 1;
  for (let probe = 0, at = scrambled(first ^ salt); probe < probes; probe++, at += step) yield (at >>> 0) % bits;
}

function scrambled(value: number): number {
  let hash = Math.imul(value ^ (value >>> 16), 0x85ebca6b);
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35);
  return (hash ^ (hash >>> 16)) >>> 0;
}

function onesIn(byte: number): number {
  let count = 0;
  for (let rest = byte; rest > 0; rest &= rest - 1) count++;
  return count;
}
