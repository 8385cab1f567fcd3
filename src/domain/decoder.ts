/**
 * Events to rows at full speed: `decodeTransaction` for bytes where they lie.
 *
 * I1. `TransactionDecoder.decode` gives for every value what `decodeTransaction` gives. Held by "TransactionDecoder.decode()
 *     equals decodeTransaction()" in tests/properties/decoder_test.ts.
 * I2. Only a clean event is taken from its bytes. Whatever else there is (escapes in a text that is needed, odd types, every
 *     invalid value) goes to `decodeTransaction`, which alone names reasons.
 */
import { CANONICAL_FIELDS, type CanonicalField, type FieldMap } from "./field_map.ts";
import { murmur3, murmur3Text } from "./hash.ts";
import type { InvalidReason } from "./invalid_reason.ts";
import { IsoReader } from "./iso_reader.ts";
import { JsonScanner, KIND } from "./json_scanner.ts";
import { NameTable, NO_NAME } from "./name_table.ts";
import { epochNumberMs, eventMs } from "./timestamp.ts";
import { decodeTransaction, type Transaction, UNKNOWN_REGION } from "./transaction.ts";

/** One decoded event, or why it is none; reused from record to record. */
export interface Row {
  /** Event time, whole milliseconds in 1970-2261. */
  occurredAtMs: number;
  amount: number;
  /** 1 or 0. */
  isFraud: number;
  /** Id in `TransactionDecoder.categories`. */
  categoryId: number;
  /** Id in `TransactionDecoder.regions`. */
  regionId: number;
  /** Unsigned 32-bit hash of the customer, 0 when absent. */
  customerHash: number;
  /** Degrees, NaN when absent; both or none. */
  lat: number;
  /** Degrees, NaN when absent; both or none. */
  lon: number;
  /** Why the record is no transaction; undefined when it is one. The other fields mean nothing when it is set. */
  invalid: InvalidReason | undefined;
}

/** A row to hand to `decode`, with nothing in it yet. */
export function emptyRow(): Row {
  return {
    occurredAtMs: NaN,
    amount: NaN,
    isFraud: 0,
    categoryId: 0,
    regionId: 0,
    customerHash: 0,
    lat: NaN,
    lon: NaN,
    invalid: undefined,
  };
}

/** The name tables a decoder gives ids from. */
export interface DecoderOptions {
  readonly categories: NameTable;
  /** Must have `UNKNOWN_REGION` among its reserved names. */
  readonly regions: NameTable;
}

/** Where a field may stand: the scanner's key for its mapped name, and for its own. */
interface Source {
  readonly mapped: number;
  readonly canonical: number;
}

/**
 * Decodes the values of records; one instance a thread, for it owns scratch state.
 *
 * Cost: a clean event is read in one pass without allocation, any other takes microseconds and garbage; bench/decode.ts
 * has the figures.
 */
export class TransactionDecoder {
  /** Names behind `Row.categoryId`. */
  readonly categories: NameTable;
  /** Names behind `Row.regionId`. */
  readonly regions: NameTable;
  readonly #map: FieldMap;
  readonly #scanner: JsonScanner;
  readonly #iso = new IsoReader();
  readonly #unknownRegion: number;
  readonly #category: Source;
  readonly #amount: Source;
  readonly #timestamp: Source;
  readonly #isFraud: Source;
  readonly #region: Source;
  readonly #customer: Source;
  readonly #lat: Source;
  readonly #lon: Source;
  #fallbacks = 0;

  constructor(map: FieldMap, options: DecoderOptions) {
    this.categories = options.categories;
    this.regions = options.regions;
    this.#unknownRegion = this.regions.internText(UNKNOWN_REGION);
    this.#map = map;
    const keys = [...new Set([...Object.values(map.names), ...CANONICAL_FIELDS])];
    this.#scanner = new JsonScanner(keys);
    const source = (field: CanonicalField): Source => (
      { mapped: keys.indexOf(map.names[field]), canonical: keys.indexOf(field) }
    );
    this.#category = source("category");
    this.#amount = source("amount");
    this.#timestamp = source("timestamp");
    this.#isFraud = source("is_fraud");
    this.#region = source("region");
    this.#customer = source("customer_id");
    this.#lat = source("lat");
    this.#lon = source("lon");
  }

  /** How many values went to `decodeTransaction` since the decoder was created. */
  get fallbacks(): number {
    return this.#fallbacks;
  }

  /**
   * Reads the value in bytes `[start, end)` of `view` into `row`; false with `row.invalid` set when it is no transaction.
   *
   * `kafkaTimestampMs` is the record's own time, negative when it has none.
   */
  decode(view: DataView, start: number, end: number, row: Row, kafkaTimestampMs: number): boolean {
    if (this.#scanner.scan(view, start, end)) {
      row.occurredAtMs = this.#time(view, kafkaTimestampMs);
      if (this.#fill(view, row)) return true;
    }
    this.#fallbacks++;
    const value = new Uint8Array(view.buffer, view.byteOffset + start, end - start);
    const decoded = decodeTransaction(value, this.#map, kafkaTimestampMs < 0 ? undefined : kafkaTimestampMs);
    if ("reason" in decoded) {
      row.invalid = decoded.reason;
      return false;
    }
    this.#copy(decoded, row);
    return true;
  }

  /** Takes all but the time from what was scanned; false when the event is not clean. */
  #fill(view: DataView, row: Row): boolean {
    const amount = this.#number(this.#amount);
    const isFraud = this.#flag(view);
    const customerHash = this.#customerHash(view);
    const region = this.#pick(this.#region);
    if (Number.isNaN(row.occurredAtMs + isFraud + customerHash) || !Number.isFinite(amount)) return false;
    if (this.#scanner.kind(region) === KIND.escapedText) return false;
    // Last, so that no invalid event has a name admitted.
    row.categoryId = this.#name(view, this.#pick(this.#category), this.categories);
    if (row.categoryId === NO_NAME) return false;
    const regionId = this.#name(view, region, this.regions);
    row.regionId = regionId === NO_NAME ? this.#unknownRegion : regionId;
    row.amount = amount + 0;
    row.isFraud = isFraud;
    row.customerHash = customerHash;
    this.#place(row, this.#number(this.#lat), this.#number(this.#lon));
    row.invalid = undefined;
    return true;
  }

  /** The key that a field is read from: its mapped name if that is there, else its own. */
  #pick(source: Source): number {
    return this.#scanner.kind(source.mapped) === KIND.absent ? source.canonical : source.mapped;
  }

  #number(source: Source): number {
    const key = this.#pick(source);
    return this.#scanner.kind(key) === KIND.number ? this.#scanner.number(key) : NaN;
  }

  #name(view: DataView, key: number, table: NameTable): number {
    if (this.#scanner.kind(key) !== KIND.text) return NO_NAME;
    return table.intern(view, this.#scanner.start(key), this.#scanner.end(key));
  }

  #time(view: DataView, kafkaTimestampMs: number): number {
    const key = this.#pick(this.#timestamp);
    switch (this.#scanner.kind(key)) {
      case KIND.text:
        return this.#iso.read(view, this.#scanner.start(key), this.#scanner.end(key));
      case KIND.number:
        return epochNumberMs(this.#scanner.number(key));
      case KIND.absent:
      case KIND.null:
        return eventMs(kafkaTimestampMs);
      default:
        return NaN;
    }
  }

  /** 1, 0, or NaN when the flag is written in a way that needs the oracle. */
  #flag(view: DataView): number {
    const key = this.#pick(this.#isFraud);
    switch (this.#scanner.kind(key)) {
      case KIND.true:
        return 1;
      case KIND.false:
      case KIND.absent:
      case KIND.null:
        return 0;
      case KIND.number:
        return bit(this.#scanner.number(key));
      case KIND.text:
        return this.#scanner.end(key) - this.#scanner.start(key) === 1
          ? bit(view.getUint8(this.#scanner.start(key)) - 0x30)
          : NaN;
      default:
        return NaN;
    }
  }

  /** 0 when there is no customer, NaN when the text has escapes. */
  #customerHash(view: DataView): number {
    const key = this.#pick(this.#customer);
    const kind = this.#scanner.kind(key);
    if (kind === KIND.escapedText) return NaN;
    const start = this.#scanner.start(key);
    const end = this.#scanner.end(key);
    if ((kind !== KIND.text && kind !== KIND.number) || start === end) return 0;
    return present(murmur3(view, start, end));
  }

  #place(row: Row, lat: number, lon: number): void {
    const isUsable = lat >= -90 && lat <= 90 && lon >= -180 && lon <= 180;
    row.lat = isUsable ? lat + 0 : NaN;
    row.lon = isUsable ? lon + 0 : NaN;
  }

  #copy(transaction: Transaction, row: Row): void {
    const { customerId, lat = NaN, lon = NaN } = transaction;
    row.occurredAtMs = transaction.occurredAtMs;
    row.categoryId = this.categories.internText(transaction.category);
    row.regionId = this.regions.internText(transaction.region);
    row.amount = transaction.amount;
    row.isFraud = transaction.isFraud ? 1 : 0;
    row.customerHash = customerId === undefined ? 0 : customerHashOf(customerId);
    row.lat = lat;
    row.lon = lon;
    row.invalid = undefined;
  }
}

/** The `Row.customerHash` of a customer's text as written. */
export function customerHashOf(customerId: string): number {
  return present(murmur3Text(customerId));
}

/** A hash that is not 0, which stands for no customer. */
function present(hash: number): number {
  return hash === 0 ? 1 : hash;
}

function bit(value: number): number {
  return value === 0 ? 0 : value === 1 ? 1 : NaN;
}
