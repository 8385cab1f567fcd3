/** The names that the WebAssembly of a row block knows by their bytes; the others are asked of their name table. */
import { type NameTable, NO_NAME, OTHER_ID } from "./name_table.ts";
import type { RowBlock } from "./row_block.ts";

/** Whose names. */
export interface KnownNamesOptions {
  /** 0: categories, 1: regions. */
  readonly which: 0 | 1;
  readonly table: NameTable;
}

/**
 * Gives ids to names that the module met for the first time, and teaches it those.
 *
 * Cost: about a microsecond a name, once; for a name beyond the table's capacity every time.
 */
export class KnownNames {
  readonly #block: RowBlock;
  readonly #options: KnownNamesOptions;
  readonly #utf8 = new TextDecoder("utf-8", { ignoreBOM: true });
  /** Ids taught. */
  readonly #taught = new Set<number>();

  constructor(block: RowBlock, options: KnownNamesOptions) {
    this.#block = block;
    this.#options = options;
    const { which, table } = options;
    const slots = 2 ** Math.ceil(Math.log2(2 * table.limit));
    block.module.setNames(which, block.reserve(block.module.nameTableBytes(slots)), slots);
  }

  /** The id of the name that a row waits for, `NO_NAME` when it is not usable or has no bytes. */
  idOf(row: number): number {
    const { which, table } = this.#options, { bytes, nameStarts, nameEnds, module } = this.#block;
    const start = nameStarts[2 * row + which] ?? 0, end = nameEnds[2 * row + which] ?? 0;
    if (start === end) return NO_NAME;
    const name = this.#utf8.decode(bytes.subarray(start, end));
    const id = table.intern(name);
    if (id === NO_NAME || this.#taught.has(id) || (id === OTHER_ID && !table.has(name))) return id;
    this.#taught.add(id);
    module.learn(which, start, end, id);
    return id;
  }
}
