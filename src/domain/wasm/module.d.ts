/** The decoder's WebAssembly, built from `assembly/` by `deno task wasm`; the files there say what each part does. */

/** A number that the module exports; where a column lies is such a number too. */
export interface Constant {
  readonly value: number;
}

/** Columns of a block of rows, by name. */
export type ColumnName =
  | "statuses"
  | "offsetDeltas"
  | "kafkaTimestamps"
  | "valueStarts"
  | "valueEnds"
  | "eventTimes"
  | "amounts"
  | "latitudes"
  | "longitudes"
  | "customerHashes"
  | "merchantHashes"
  | "merchantStarts"
  | "merchantEnds"
  | "currencies"
  | "categoryIds"
  | "regionIds"
  | "frauds"
  | "nameStarts"
  | "nameEnds";

/** What an instance exports. */
export interface DecodeModule extends Readonly<Record<ColumnName, Constant>> {
  readonly memory: { readonly buffer: ArrayBuffer; grow(pages: number): number };
  readonly ROWS: Constant;
  readonly READY: Constant;
  readonly UNNAMED: Constant;
  readonly ODD: Constant;
  readonly UNKNOWN: Constant;
  readonly CUT: Constant;
  readonly MALFORMED: Constant;
  readonly heapStart: Constant;
  readonly walkEnd: Constant;
  readonly walkedTo: Constant;
  readonly wantedTo: Constant;
  setKeys(at: number, count: number): void;
  setField(field: number, mapped: number, canonical: number): void;
  setNames(which: number, table: number, slots: number): void;
  setUnknownRegion(id: number): void;
  setMaxValueBytes(bytes: number): void;
  nameTableBytes(slots: number): number;
  textTableBytes(): number;
  setTexts(which: number, table: number): void;
  textOf(which: number, hash: number): number;
  keepMerchant(start: number, end: number): number;
  keepCustomer(hash: number, start: number, end: number): void;
  learn(which: number, start: number, end: number, id: number): void;
  openBatch(baseTimestampMs: number, appendTimestampMs: number, lastOffsetDelta: number): void;
  walk(row: number, stop: number, start: number, end: number, limit: number): number;
  decode(from: number, to: number): void;
}

/** A new instance with a memory of its own. */
export function instantiate(): DecodeModule;
