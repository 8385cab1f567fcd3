/**
 * Sends the rows of a CSV file as JSON objects under the names of the columns.
 *
 * I1. A cell that is a JSON number is written digit for digit, for card numbers pass 2^53; every other cell is text, so
 *     `007`, `+1`, an empty cell and a cell with spaces are. Quotes around a cell say nothing about what it is.
 * I2. Columns keep their names, an empty name too, and their order; of two columns with one name readers take the last.
 * I3. The file is RFC 4180 with commas, in UTF-8, a byte order mark allowed; empty lines are skipped. A row that has
 *     more or fewer cells than the header, a stray quote or a broken character ends the replay after the rows before it (before its chunk,
 *     for a broken character): nothing is guessed.
 */
import { parse } from "csv-parse";
import type { FieldMap } from "../domain/field_map.ts";
import { RECORD_MAX_BYTES } from "./record_limit.ts";
import { Router } from "./router.ts";
import type { TimedRecord } from "./timed_record.ts";

const JSON_NUMBER = /^-?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?(?:[eE][+-]?[0-9]+)?$/;

/**
 * The records of a CSV file, in order; the first row names the columns.
 *
 * @throws {SyntaxError} at a row that is not as the header promises, or of more than `RECORD_MAX_BYTES` as JSON.
 */
export async function* replayCsv(chunks: AsyncIterable<Uint8Array>, map: FieldMap): AsyncGenerator<TimedRecord, void> {
  const utf8 = new TextEncoder();
  let columns: CsvColumns | undefined;
  for await (const cells of rowsOf(chunks)) {
    if (columns === undefined) {
      columns = new CsvColumns(cells, map);
      continue;
    }
    const value = utf8.encode(columns.json(cells));
    if (value.length > RECORD_MAX_BYTES) {
      throw new SyntaxError(`Cannot read CSV: a row has ${value.length} bytes as JSON, at most ${RECORD_MAX_BYTES}`);
    }
    yield { key: columns.key(cells), value, atMs: columns.atMs(cells) };
  }
}

/** The header of a CSV file: what the cells of a row mean. */
class CsvColumns {
  readonly #router: Router;
  readonly #prefixes: readonly string[];
  readonly #category: number;
  readonly #time: number;

  constructor(names: readonly string[], map: FieldMap) {
    this.#router = new Router(map);
    this.#prefixes = names.map((name, index) => `${index === 0 ? "{" : ","}${JSON.stringify(name)}:`);
    const indexOf = (field: "category" | "timestamp"): number =>
      names.lastIndexOf(this.#router.nameOf(field, (name) => names.includes(name)) ?? field);
    this.#category = indexOf("category");
    this.#time = indexOf("timestamp");
  }

  json(cells: readonly string[]): string {
    let text = "";
    for (let index = 0; index < cells.length; index++) {
      const cell = cells[index] ?? "";
      text += (this.#prefixes[index] ?? "") + (JSON_NUMBER.test(cell) ? cell : JSON.stringify(cell));
    }
    return `${text}}`;
  }

  /** A category that is a number is none, as in a transaction. */
  key(cells: readonly string[]): Uint8Array | null {
    const category = cells[this.#category] ?? "";
    return JSON_NUMBER.test(category) ? null : this.#router.keyOf(category);
  }

  atMs(cells: readonly string[]): number | undefined {
    const time = cells[this.#time] ?? "";
    return this.#router.timeOf(JSON_NUMBER.test(time) ? Number(time) : time);
  }
}

/**
 * The rows, each chunk's as soon as it has been parsed.
 *
 * Rows are taken from the parser's callback, not from its stream: an error there discards rows not yet read.
 */
async function* rowsOf(chunks: AsyncIterable<Uint8Array>): AsyncGenerator<string[], void> {
  const rows: string[][] = [];
  const parser = parse({
    record_delimiter: ["\r\n", "\n"],
    skip_empty_lines: true,
    max_record_size: RECORD_MAX_BYTES,
    on_record: (row: string[]) => void rows.push(row),
  });
  let failure: Error | null | undefined;
  parser.on("error", (error) => failure = error);
  parser.resume();
  for await (const text of textOf(chunks)) {
    failure = await new Promise<Error | null | undefined>((resolve) => parser.write(text, resolve));
    yield* rows.splice(0);
    if (failure) throw syntaxError(failure);
  }
  await new Promise<void>((resolve) => parser.once("close", resolve).end());
  yield* rows;
  if (failure) throw syntaxError(failure);
}

async function* textOf(chunks: AsyncIterable<Uint8Array>): AsyncGenerator<string, void> {
  const utf8 = new TextDecoder("utf-8", { fatal: true });
  let readBytes = 0;
  try {
    for await (const chunk of chunks) {
      yield utf8.decode(chunk, { stream: true });
      readBytes += chunk.length;
    }
    yield utf8.decode();
  } catch (error) {
    if (!(error instanceof TypeError)) throw error;
    throw new SyntaxError(`Cannot read CSV: not UTF-8 after byte ${readBytes}`, { cause: error });
  }
}

function syntaxError(cause: Error): SyntaxError {
  return new SyntaxError(`Cannot read CSV: ${cause.message}`, { cause });
}
