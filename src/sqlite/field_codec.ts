/**
 * The fields of a point as bytes: for each one there is, its place in the measurement's list (1 byte) and its value
 * (8 bytes for a number, 1 for a boolean, a 32-bit length and UTF-8 for text).
 *
 * I1. Numbers come back to the bit, −0 too.
 */
import type { FieldKind, FieldValue } from "../domain/point.ts";

/** A field's name and kind. */
export type FieldColumn = readonly [name: string, kind: FieldKind];

const MAX_COLUMNS = 256;
const NUMBER_BYTES = 8;
const LENGTH_BYTES = 4;

/** Writes and reads the fields of one measurement. */
export class FieldCodec {
  readonly #columns: readonly FieldColumn[];
  readonly #codes: ReadonlyMap<string, number>;
  readonly #encoder = new TextEncoder();
  readonly #decoder = new TextDecoder("utf-8", { ignoreBOM: true });
  #bytes = new Uint8Array(512);
  #view = new DataView(this.#bytes.buffer);

  /** @throws {RangeError} when there are more than 256 columns. */
  constructor(columns: readonly FieldColumn[]) {
    if (columns.length > MAX_COLUMNS) {
      throw new RangeError(`Cannot encode fields: at most ${MAX_COLUMNS} columns, got ${columns.length}`);
    }
    this.#columns = columns;
    this.#codes = new Map(columns.map(([name], code) => [name, code]));
  }

  /** Why these fields can never be stored, or undefined. */
  refusal(fields: Readonly<Record<string, FieldValue>>): string | undefined {
    let count = 0;
    for (const name in fields) {
      const column = this.#columns[this.#codes.get(name) ?? MAX_COLUMNS];
      const value = fields[name];
      if (column === undefined) return `field ${name} is not in the schema`;
      if (!fits(value, column[1])) return `field ${name} must be of kind ${column[1]}, got ${value}`;
      count++;
    }
    return count === 0 ? "it has no fields" : undefined;
  }

  /** The bytes of fields that were not refused; valid until the next call. */
  encode(fields: Readonly<Record<string, FieldValue>>): Uint8Array {
    let at = 0;
    for (const name in fields) {
      const value = fields[name];
      const code = this.#codes.get(name);
      if (code === undefined || value === undefined) continue;
      this.#reserve(at + 1 + NUMBER_BYTES);
      this.#bytes[at++] = code;
      at = typeof value === "number" ? this.#number(at, value) : this.#other(at, value);
    }
    return this.#bytes.subarray(0, at);
  }

  /** The fields that `encode` wrote, in the order of the columns they were written in. */
  decode(bytes: Uint8Array): Record<string, FieldValue> {
    const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    const fields: Record<string, FieldValue> = {};
    let at = 0;
    while (at < view.byteLength) {
      const code = view.getUint8(at++);
      const column = this.#columns[code];
      if (column === undefined) throw new TypeError(`Cannot decode fields: column ${code} is unknown`);
      const [name, kind] = column;
      if (kind === "boolean") {
        fields[name] = view.getUint8(at) === 1;
        at += 1;
      } else if (kind === "string") {
        const end = at + LENGTH_BYTES + view.getUint32(at);
        fields[name] = this.#decoder.decode(bytes.subarray(at + LENGTH_BYTES, end));
        at = end;
      } else {
        fields[name] = view.getFloat64(at);
        at += NUMBER_BYTES;
      }
    }
    return fields;
  }

  #number(at: number, value: number): number {
    this.#view.setFloat64(at, value);
    return at + NUMBER_BYTES;
  }

  #other(at: number, value: boolean | string): number {
    if (typeof value === "boolean") {
      this.#bytes[at] = value ? 1 : 0;
      return at + 1;
    }
    const text = this.#encoder.encode(value);
    this.#reserve(at + LENGTH_BYTES + text.length);
    this.#view.setUint32(at, text.length);
    this.#bytes.set(text, at + LENGTH_BYTES);
    return at + LENGTH_BYTES + text.length;
  }

  #reserve(length: number): void {
    if (length <= this.#bytes.length) return;
    const grown = new Uint8Array(2 * length);
    grown.set(this.#bytes);
    this.#bytes = grown;
    this.#view = new DataView(grown.buffer);
  }
}

function fits(value: FieldValue | undefined, kind: FieldKind): boolean {
  if (kind === "float") return Number.isFinite(value);
  if (kind === "integer") return Number.isSafeInteger(value);
  return kind === "boolean" ? typeof value === "boolean" : typeof value === "string";
}
