/** Damages bytes as a seed says: the inputs of the fuzz tests. */
import type { Dice } from "../domain/event_maker.ts";

/** What a hostile value is made of; each is a place where a reader may go wrong. */
const TOKENS = [
  "\\",
  '"',
  "{",
  "}",
  "[",
  "]",
  ":",
  ",",
  "\0",
  "\n",
  "\r",
  "\x7f",
  "\xff\xfe",
  "-",
  "+",
  "e",
  "E",
  ".",
  "0",
  "9",
  " ",
  "true",
  "false",
  "null",
  "NaN",
  "Infinity",
  "-0",
  "1e999",
  "1e-999",
  "9007199254740993",
  "0.1e1",
  "00",
  "0x1",
  "\\u0000",
  "\\ud800",
  "\\udc00",
  "\\ud83d\\ude00",
  "\\u00",
  "\\x",
  "\\/",
  '"__proto__":',
  '"constructor":',
  '"category":',
  '"amount":',
  '"timestamp":',
  '"is_fraud":',
  '{"a":',
  "[[[[[[[[",
  "1970-01-01T00:00:00Z",
  "2261-12-31T23:59:59.999999999Z",
  "2026-02-30T25:61:61+99:99",
  "99999999999",
  "100000000000",
  "😀",
  "é",
  "\u2028",
  "\ufeff",
  "<script>",
  "' OR 1=1 --",
  "=1+1",
  "%00",
  "${x}",
  "../../",
].map((text) => new TextEncoder().encode(text));

/** Rewrites `source` in place of what was in it: 1 to 4 blows, or other bytes altogether. */
export class Mutator {
  readonly #dice: Dice;
  readonly #scratch = new Uint8Array(16_384);

  constructor(dice: Dice) {
    this.#dice = dice;
  }

  /** A damaged copy; it is valid until the next call. */
  mutated(source: Uint8Array, other: Uint8Array): Uint8Array {
    let length = this.#put(0, source, this.#scratch.length >> 1);
    for (let blows = 1 + this.#dice.below(4); blows > 0; blows--) length = this.#blow(length, other);
    return this.#scratch.subarray(0, length);
  }

  /** Bytes without any sense; valid until the next call. */
  random(): Uint8Array {
    const length = this.#dice.below(this.#dice.chance(0.02) ? 4_000 : 60), isText = this.#dice.chance(0.5);
    for (let at = 0; at < length; at++) this.#scratch[at] = isText ? 32 + this.#dice.below(96) : this.#dice.below(256);
    return this.#scratch.subarray(0, length);
  }

  /** Something in the grammar of JSON, deep or wide; valid until the next call. */
  grammatical(): Uint8Array {
    return this.#scratch.subarray(0, this.#put(0, new TextEncoder().encode(this.#json(6)), this.#scratch.length));
  }

  #blow(length: number, other: Uint8Array): number {
    const dice = this.#dice, bytes = this.#scratch, at = dice.below(length + 1);
    switch (dice.below(6)) {
      case 0: // One bit.
        if (at < length) bytes[at] = (bytes[at] ?? 0) ^ (1 << dice.below(8));
        return length;
      case 1: // One byte.
        if (at < length) bytes[at] = dice.below(256);
        return length;
      case 2: // A piece is lost.
        return this.#moved({ from: Math.min(length, at + 1 + dice.below(12)), to: at, length });
      case 3: // A piece comes in.
        return this.#inserted(at, length, TOKENS[dice.below(TOKENS.length)] ?? bytes);
      case 4: // The end is lost.
        return at;
      default: // The rest is another's.
        return this.#put(at, other.subarray(dice.below(other.length + 1)), this.#scratch.length >> 1);
    }
  }

  #inserted(at: number, length: number, piece: Uint8Array): number {
    if (length + piece.length > this.#scratch.length) return length;
    const grown = this.#moved({ from: at, to: at + piece.length, length });
    this.#scratch.set(piece, at);
    return grown;
  }

  #moved({ from, to, length }: { readonly from: number; readonly to: number; readonly length: number }): number {
    this.#scratch.copyWithin(to, from, length);
    return length + to - from;
  }

  #put(at: number, piece: Uint8Array, most: number): number {
    const fitting = piece.subarray(0, Math.max(0, most - at));
    this.#scratch.set(fitting, at);
    return at + fitting.length;
  }

  #json(depth: number): string {
    const dice = this.#dice, token = () => new TextDecoder().decode(TOKENS[dice.below(TOKENS.length)]);
    const names = ["category", "amount", "timestamp", "region", "is_fraud", "customer_id", "lat", "lon", "__proto__"];
    const name = () => JSON.stringify(dice.chance(0.8) ? names[dice.below(names.length)] : token());
    const few = () => Array.from({ length: dice.below(5) });
    switch (depth === 0 ? dice.below(4) : dice.below(7)) {
      case 0:
        return JSON.stringify(token());
      case 1:
        return String((dice.next() - 0.5) * 10 ** dice.below(22));
      case 2:
        return ["true", "false", "null", "0", "1", '"grocery_pos"'][dice.below(6)] ?? "null";
      case 3:
        return token();
      case 4:
        return `[${few().map(() => this.#json(depth - 1)).join(",")}]`;
      default:
        return `{${few().map(() => `${name()}:${this.#json(depth - 1)}`).join(",")}}`;
    }
  }
}
