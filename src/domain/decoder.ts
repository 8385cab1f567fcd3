/**
 * Events to rows at full speed: `decodeTransaction` for bytes where they lie.
 *
 * I1. `TransactionDecoder` gives for every value what `decodeTransaction` gives. Held by "TransactionDecoder.decode()
 *     equals decodeTransaction()" in tests/properties/decoder_test.ts.
 * I2. Only a clean event is taken from its bytes. Whatever else there is (escapes in a text that is needed, odd types, every
 *     invalid value) goes to `decodeTransaction`, which alone names reasons.
 * I3. Names are admitted in the order in which rows are settled, and none of an invalid event.
 */
import { CANONICAL_FIELDS, type CanonicalField, type FieldMap } from "./field_map.ts";
import { murmur3Text } from "./hash.ts";
import type { InvalidReason } from "./invalid_reason.ts";
import { KnownNames } from "./known_names.ts";
import { KnownTexts } from "./known_texts.ts";
import { type NameTable, NO_NAME } from "./name_table.ts";
import { PlaceNames } from "./place.ts";
import { RowBlock } from "./row_block.ts";
import { decodeTransaction, sellerSchema, type Transaction, UNKNOWN_REGION } from "./transaction.ts";

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
  /** Unsigned 32-bit hash of the merchant, 0 when absent. */
  merchantHash: number;
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
    merchantHash: 0,
    lat: NaN,
    lon: NaN,
    invalid: undefined,
  };
}

/** A record's value where it lies. */
export interface RecordValue {
  readonly view: DataView;
  readonly valueStart: number;
  /** −1: the value is null. */
  readonly valueEnd: number;
  /** The record's own time; −1: it has none. */
  readonly timestampMs: number;
}

/** The name tables a decoder gives ids from. */
export interface DecoderOptions {
  readonly categories: NameTable;
  /** Must have `UNKNOWN_REGION` among its reserved names. */
  readonly regions: NameTable;
  /** Whether the texts of customers are kept beside those of merchants. @default false */
  readonly keepsCustomers?: boolean;
}

/** The fields that are read, in the order in which the module numbers them. */
const FIELDS = [
  "category",
  "amount",
  "timestamp",
  "is_fraud",
  "region",
  "customer_id",
  "lat",
  "lon",
  "currency",
  "merchant",
] as const satisfies readonly CanonicalField[];

/** Bytes taken in at once, at first: so few that they are still in the processor's cache when they are read. */
const ROOM_BYTES = 131_072;

/**
 * Decodes the values of records; one instance a partition, for it owns a block of rows.
 *
 * Cost: a clean event is read in one pass without allocation, any other takes microseconds and garbage; bench/decode.ts
 * has the figures. Memory: about 1 MB with 1,000 categories, and as much as the largest record.
 */
export class TransactionDecoder {
  /** Names behind `Row.categoryId`. */
  readonly categories: NameTable;
  /** Names behind `Row.regionId`. */
  readonly regions: NameTable;
  /** Where rows are decoded. */
  readonly block = new RowBlock();
  /** Texts behind `Row.merchantHash`, of the merchants met last. */
  readonly merchants: KnownTexts;
  /** Texts behind `Row.customerHash`, of the customers met last; none unless they are kept. */
  readonly customers: KnownTexts;
  readonly #map: FieldMap;
  readonly #module = this.block.module;
  readonly #unnamed = this.#module.UNNAMED.value;
  readonly #unknownName = this.#module.UNKNOWN.value;
  readonly #knownCategories: KnownNames;
  readonly #knownRegions: KnownNames;
  readonly #places: PlaceNames;
  readonly #unknownRegion: number;
  #fallbacks = 0;

  constructor(map: FieldMap, options: DecoderOptions) {
    this.categories = options.categories;
    this.regions = options.regions;
    this.#map = map;
    this.#setKeys();
    this.#knownCategories = new KnownNames(this.block, { which: 0, table: this.categories });
    this.#knownRegions = new KnownNames(this.block, { which: 1, table: this.regions });
    this.#places = new PlaceNames(this.regions);
    this.merchants = new KnownTexts(this.block, { which: 0, isKept: true });
    this.customers = new KnownTexts(this.block, { which: 1, isKept: options.keepsCustomers ?? false });
    this.#unknownRegion = this.regions.intern(UNKNOWN_REGION);
    this.#module.setUnknownRegion(this.#unknownRegion);
    this.block.grow(ROOM_BYTES);
  }

  /** How many values went to `decodeTransaction` since the decoder was created. */
  get fallbacks(): number {
    return this.#fallbacks;
  }

  /**
   * Completes a row of the block after `module.decode`, if it has to be: gives its names ids, or asks the oracle.
   *
   * Shape: why the record is no transaction; undefined when it is one.
   */
  settle(index: number): InvalidReason | undefined {
    const status = this.block.statuses[index];
    if (status === this.block.ready) return undefined;
    return status === this.#unnamed && this.#name(index) ? undefined : this.#ask(index);
  }

  /**
   * Reads one value, which is not null, into `row`; false with `row.invalid` set when it is no transaction. The block is
   * lost.
   */
  decode({ view, valueStart, valueEnd, timestampMs }: RecordValue, row: Row): boolean {
    const { block } = this, length = valueEnd - valueStart;
    if (length > block.roomBytes) block.grow(length);
    block.takeIn(view, valueStart, valueEnd);
    block.statuses[0] = block.ready;
    block.valueStarts[0] = block.roomAt;
    block.valueEnds[0] = block.roomAt + length;
    block.kafkaTimestamps[0] = timestampMs;
    this.#module.decode(0, 1);
    row.invalid = this.settle(0);
    if (row.invalid !== undefined) return false;
    row.occurredAtMs = block.eventTimes[0] ?? NaN;
    row.amount = block.amounts[0] ?? NaN;
    row.isFraud = block.frauds[0] ?? 0;
    row.categoryId = block.categoryIds[0] ?? 0;
    row.regionId = block.regionIds[0] ?? 0;
    row.customerHash = block.customerHashes[0] ?? 0;
    row.merchantHash = block.merchantHashes[0] ?? 0;
    row.lat = block.latitudes[0] ?? NaN;
    row.lon = block.longitudes[0] ?? NaN;
    return true;
  }

  #setKeys(): void {
    const { names } = this.#map, { block } = this;
    const keys = [...new Set([...Object.values(names), ...CANONICAL_FIELDS])];
    const encoded = keys.map((key) => new TextEncoder().encode(key));
    const start = block.reserve(encoded.reduce((sum, { length }) => sum + 4 + length, 0));
    const view = new DataView(block.bytes.buffer);
    let at = start;
    for (const key of encoded) {
      view.setInt32(at, key.length, true);
      block.bytes.set(key, at + 4);
      at += 4 + key.length;
    }
    this.#module.setKeys(start, keys.length);
    FIELDS.forEach((field, index) => {
      this.#module.setField(index, keys.indexOf(names[field]), keys.indexOf(field));
    });
  }

  /** Gives the names of a row ids; false when its category is no name. */
  #name(index: number): boolean {
    const { categoryIds, regionIds } = this.block;
    if (categoryIds[index] === this.#unknownName) {
      const id = this.#knownCategories.idOf(index);
      if (id === NO_NAME) return false;
      categoryIds[index] = id;
    }
    if (regionIds[index] === this.#unknownName) regionIds[index] = this.#regionOf(index);
    if (this.block.merchantEnds[index] !== 0) this.#readMerchant(index);
    return true;
  }

  /** Reads a merchant whose text has escapes: they are common where producers write ASCII only. */
  #readMerchant(index: number): void {
    const { bytes, merchantStarts, merchantEnds, merchantHashes } = this.block;
    const start = merchantStarts[index] ?? 0, end = merchantEnds[index] ?? 0;
    // With its quotes, it is a JSON text that the module has checked.
    const parsed: unknown = JSON.parse(new TextDecoder().decode(bytes.subarray(start - 1, end + 1)));
    merchantHashes[index] = this.#keepMerchant(sellerSchema.parse(parsed));
  }

  #keepMerchant(merchant: string | undefined): number {
    return merchant === undefined ? 0 : this.merchants.keepMerchant(merchant);
  }

  /** The region that a row waits for: the one it names, else the one it lies in. */
  #regionOf(index: number): number {
    const named = this.#knownRegions.idOf(index);
    if (named !== NO_NAME) return named;
    const lat = this.block.latitudes[index] ?? NaN, lon = this.block.longitudes[index] ?? NaN;
    return Number.isNaN(lat) ? this.#unknownRegion : this.#places.idAt(lat, lon);
  }

  #ask(index: number): InvalidReason | undefined {
    this.#fallbacks++;
    const { bytes, valueStarts, valueEnds, kafkaTimestamps } = this.block;
    const value = bytes.subarray(valueStarts[index], valueEnds[index]);
    const timestampMs = kafkaTimestamps[index] ?? -1;
    const decoded = decodeTransaction(value, this.#map, timestampMs < 0 ? undefined : timestampMs);
    if ("reason" in decoded) return decoded.reason;
    this.#copy(decoded, index);
    return undefined;
  }

  #copy(transaction: Transaction, index: number): void {
    const { block } = this, { customerId, merchant, lat = NaN, lon = NaN } = transaction;
    block.eventTimes[index] = transaction.occurredAtMs;
    block.categoryIds[index] = this.categories.intern(transaction.category);
    block.regionIds[index] = this.regions.intern(transaction.region);
    block.amounts[index] = transaction.amount;
    block.frauds[index] = transaction.isFraud ? 1 : 0;
    block.customerHashes[index] = customerId === undefined ? 0 : customerHashOf(customerId);
    if (customerId !== undefined) this.customers.keepCustomer(customerId, block.customerHashes[index] ?? 0);
    block.merchantHashes[index] = this.#keepMerchant(merchant);
    block.latitudes[index] = lat;
    block.longitudes[index] = lon;
    block.currencies[index] = 0;
  }
}

/** The `Row.customerHash` of a customer's text as written: never 0, which stands for no customer. */
export function customerHashOf(customerId: string): number {
  return murmur3Text(customerId) || 1;
}
