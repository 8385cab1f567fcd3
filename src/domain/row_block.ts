/**
 * A block of rows as columns, in the memory of the WebAssembly that fills them.
 *
 * I1. Row `i` of a column is its value `i`; which columns mean something depends on `statuses[i]`.
 * I2. Positions of bytes (`valueStarts`, `nameStarts`, …) are in `bytes`, and hold until bytes are taken in again.
 * I3. The columns stay where they are, but `grow` replaces the objects: read them anew after it.
 */
import { type ColumnName, type DecodeModule, instantiate } from "./wasm/module.js";

const PAGE_BYTES = 65_536;
/** Bytes after those taken in that may be read, and that are zero at first so that no number runs on. */
const MARGIN_BYTES = 64;
const ALIGNMENT = 16;

/** Rows that a block has room for, and where bytes are taken in. */
export class RowBlock {
  /** The instance that reads and writes the block. */
  readonly module: DecodeModule = instantiate();
  /** How many rows there are. */
  readonly capacity = this.module.ROWS.value;
  /** The status of a row that is complete. */
  readonly ready = this.module.READY.value;
  /** The memory as bytes. */
  bytes: Uint8Array<ArrayBuffer> = new Uint8Array();
  statuses: Uint8Array = this.bytes;
  offsetDeltas = new Int32Array();
  /** −1: the record has none. */
  kafkaTimestamps = new Float64Array();
  valueStarts = new Int32Array();
  /** −1: the value is null. */
  valueEnds = new Int32Array();
  eventTimes = new Float64Array();
  amounts = new Float64Array();
  /** 1 or 0. */
  frauds: Uint8Array = this.bytes;
  categoryIds = new Uint16Array();
  regionIds = new Uint16Array();
  /** 0: no customer. */
  customerHashes = new Uint32Array();
  /** 0: no merchant. */
  merchantHashes = new Uint32Array();
  /** Degrees, NaN when absent; both or none. */
  latitudes = new Float64Array();
  longitudes = new Float64Array();
  /** Three letters, the first in the lowest byte; 0: none. */
  currencies = new Uint32Array();
  nameStarts = new Int32Array();
  nameEnds = new Int32Array();
  merchantStarts = new Int32Array();
  /** 0: its text has no escapes. */
  merchantEnds = new Int32Array();
  #free = this.module.heapStart.value;
  #roomAt = 0;
  #roomBytes = 0;

  /** Reserves bytes that stay zero until they are written; only before `grow`. Shape: their position. */
  reserve(byteLength: number): number {
    const at = this.#free;
    this.#free = aligned(at + byteLength);
    this.#ensure(this.#free);
    return at;
  }

  /** Makes room to take in `byteLength` bytes at once; what was taken in before stays. */
  grow(byteLength: number): void {
    if (this.#roomAt === 0) this.#roomAt = this.#free;
    this.#ensure(this.#roomAt + byteLength + MARGIN_BYTES);
    this.#roomBytes = byteLength;
  }

  /** Where bytes are taken in. */
  get roomAt(): number {
    return this.#roomAt;
  }

  /** How many can be. */
  get roomBytes(): number {
    return this.#roomBytes;
  }

  /** Takes in bytes of `view`, in place of those before. */
  takeIn(view: DataView, start: number, end: number): void {
    const to = this.#roomAt + end - start;
    this.bytes.set(new Uint8Array(view.buffer, view.byteOffset + start, end - start), this.#roomAt);
    this.bytes.fill(0, to, to + ALIGNMENT);
  }

  #ensure(byteLength: number): void {
    const { memory } = this.module, missing = byteLength - memory.buffer.byteLength;
    if (missing > 0) memory.grow(Math.ceil(missing / PAGE_BYTES));
    this.#attach();
  }

  #attach(): void {
    const { buffer } = this.module.memory, rows = this.capacity;
    const at = (name: ColumnName): number => this.module[name].value;
    this.bytes = new Uint8Array(buffer);
    this.statuses = new Uint8Array(buffer, at("statuses"), rows);
    this.offsetDeltas = new Int32Array(buffer, at("offsetDeltas"), rows);
    this.kafkaTimestamps = new Float64Array(buffer, at("kafkaTimestamps"), rows);
    this.valueStarts = new Int32Array(buffer, at("valueStarts"), rows);
    this.valueEnds = new Int32Array(buffer, at("valueEnds"), rows);
    this.eventTimes = new Float64Array(buffer, at("eventTimes"), rows);
    this.amounts = new Float64Array(buffer, at("amounts"), rows);
    this.frauds = new Uint8Array(buffer, at("frauds"), rows);
    this.categoryIds = new Uint16Array(buffer, at("categoryIds"), rows);
    this.regionIds = new Uint16Array(buffer, at("regionIds"), rows);
    this.customerHashes = new Uint32Array(buffer, at("customerHashes"), rows);
    this.merchantHashes = new Uint32Array(buffer, at("merchantHashes"), rows);
    this.latitudes = new Float64Array(buffer, at("latitudes"), rows);
    this.longitudes = new Float64Array(buffer, at("longitudes"), rows);
    this.currencies = new Uint32Array(buffer, at("currencies"), rows);
    this.nameStarts = new Int32Array(buffer, at("nameStarts"), 2 * rows);
    this.nameEnds = new Int32Array(buffer, at("nameEnds"), 2 * rows);
    this.merchantStarts = new Int32Array(buffer, at("merchantStarts"), rows);
    this.merchantEnds = new Int32Array(buffer, at("merchantEnds"), rows);
  }
}

function aligned(at: number): number {
  return Math.ceil(at / ALIGNMENT) * ALIGNMENT;
}
