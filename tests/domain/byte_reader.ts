/** Single values through the byte decoder, and whether it asked the oracle. */
import { emptyRow, type Row, TransactionDecoder } from "../../src/domain/decoder.ts";
import { parseFieldMap } from "../../src/domain/field_map.ts";
import { NameTable } from "../../src/domain/name_table.ts";
import { UNKNOWN_REGION } from "../../src/domain/transaction.ts";

/** What became of a value. */
export interface Reading {
  readonly row: Row;
  /** Whether it was read from its bytes alone. */
  readonly isClean: boolean;
}

/** Reads canonical events. */
export class ByteReader {
  readonly #decoder = new TransactionDecoder(parseFieldMap(undefined), {
    categories: new NameTable({ capacity: 100 }),
    regions: new NameTable({ capacity: 100, reserved: [UNKNOWN_REGION] }),
  });

  /** Reads a value; text as UTF-8. */
  read(value: string | Uint8Array): Reading {
    const bytes = typeof value === "string" ? new TextEncoder().encode(value) : value, row = emptyRow();
    const before = this.#decoder.fallbacks;
    const view = new DataView(bytes.buffer, bytes.byteOffset);
    this.#decoder.decode({ view, valueStart: 0, valueEnd: bytes.length, timestampMs: -1 }, row);
    return { row, isClean: this.#decoder.fallbacks === before };
  }
}
