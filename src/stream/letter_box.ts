/** Dead letters that wait until they are durable. */
import type { DeadLetter } from "./dead_letters.ts";

/** What a letter costs besides its value. */
const OVERHEAD_BYTES = 200;

/** What a letter says of its record. */
export type Standing = Pick<DeadLetter, "detail" | "offset" | "timeMs" | "value">;

/** Letters by offset, and how many bytes they take. */
export class LetterBox {
  #letters: DeadLetter[] = [];
  #byteLength = 0;

  /** The letters, by offset. */
  get letters(): readonly DeadLetter[] {
    return this.#letters;
  }

  /** Bytes they take, about. */
  get byteLength(): number {
    return this.#byteLength;
  }

  /** Adds a letter; offsets rise. */
  add(letter: DeadLetter): void {
    this.#letters.push(letter);
    this.#byteLength += sizeOf(letter);
  }

  /** Forgets the letters of records before `position`. */
  dropBefore(position: number): void {
    this.#letters = this.#letters.filter(({ offset }) => offset >= position);
    this.#byteLength = this.#letters.reduce((sum, letter) => sum + sizeOf(letter), 0);
  }
}

function sizeOf({ value }: DeadLetter): number {
  return OVERHEAD_BYTES + (value?.byteLength ?? 0);
}
