/** Names of categories or regions as small numbers. */

/** Name that stands for all names beyond a table's capacity. */
export const OTHER = "__other__";

/** Id of `OTHER` in every table. */
export const OTHER_ID = 0;

/** Returned by `NameTable.intern` for text that is no usable name. */
export const NO_NAME = -1;

/** What a `NameTable` may hold and what it holds from the start. */
export interface NameTableOptions {
  /** Most names beside `OTHER` and the reserved ones; the names after that many become `OTHER`. */
  readonly capacity: number;
  /** Names that are there from the start and count against no capacity. @default [] */
  readonly reserved?: readonly string[];
  /** Names admitted already, oldest first, such as those the store holds. @default [] */
  readonly admitted?: Iterable<string>;
}

/** Longest usable name, in bytes of UTF-8. */
const MAX_BYTES = 128;

/**
 * Gives every usable name a dense id by order of arrival: `OTHER`, the reserved, the admitted, then first come.
 *
 * A usable name has 1 to 128 bytes of UTF-8 and no control character.
 */
export class NameTable {
  /** The most ids there can be. */
  readonly limit: number;
  readonly #names: string[] = [];
  readonly #ids = new Map<string, number>();
  #overflowed = 0;

  /** @throws {RangeError} when capacity is not 1 to 30,000 or a name given is not usable. */
  constructor(options: NameTableOptions) {
    const { capacity, reserved = [], admitted = [] } = options;
    if (!(Number.isInteger(capacity) && capacity >= 1 && capacity <= 30_000)) {
      throw new RangeError(`Cannot create name table: capacity must be a whole number in 1-30000, got ${capacity}`);
    }
    this.limit = 1 + reserved.length + capacity;
    for (const name of [OTHER, ...reserved, ...admitted]) this.#admit(name);
    this.#overflowed = 0; // Names given beyond capacity are no traffic.
  }

  /** Number of ids given out, `OTHER` and the reserved ones included; ids are 0 to `size` - 1. */
  get size(): number {
    return this.#names.length;
  }

  /** How often a name beyond capacity was answered with `OTHER_ID` since the table was created. */
  get overflowed(): number {
    return this.#overflowed;
  }

  /** The name of an id. @throws {RangeError} when the id was never given out. */
  nameOf(id: number): string {
    const name = this.#names[id];
    if (name === undefined) throw new RangeError(`Cannot name id: ids are 0 to ${this.size - 1}, got ${id}`);
    return name;
  }

  /** Whether the name has an id of its own. */
  has(name: string): boolean {
    return this.#ids.has(name);
  }

  /** The id of a name, `OTHER_ID` beyond capacity, `NO_NAME` if it is not usable; not well-formed text counts as U+FFFD. */
  intern(text: string): number {
    const name = text.toWellFormed();
    const known = this.#ids.get(name);
    if (known !== undefined) return known;
    if (!isUsable(name)) return NO_NAME;
    const id = this.#names.length;
    if (id === this.limit) {
      this.#overflowed++;
      return OTHER_ID;
    }
    this.#ids.set(name, id);
    this.#names.push(name);
    return id;
  }

  #admit(name: string): void {
    if (this.intern(name) === NO_NAME) {
      throw new RangeError(
        `Cannot admit name: it must have 1-128 bytes and no control character, got ${JSON.stringify(name)}`,
      );
    }
  }
}

function isUsable(name: string): boolean {
  return name !== "" && name.length <= MAX_BYTES && new TextEncoder().encode(name).length <= MAX_BYTES &&
    !/\p{Cc}/u.test(name);
}
