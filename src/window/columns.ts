/**
 * Events of one category as columns: what a partition task hands to a category actor.
 *
 * I1. Only the first `length` values of each column count; rows are in log order.
 * I2. The columns belong to the partition task again once the category has answered.
 */

/** One event, ready to be counted. */
export interface ColumnRow {
  readonly amount: number;
  /** 1 for fraud, else 0. */
  readonly isFraud: number;
  readonly regionId: number;
  /** Unsigned 32-bit hash; 0 when the event names no customer. */
  readonly customerHash: number;
  /** The same of the merchant. */
  readonly merchantHash: number;
  /** NaN when the event has no coordinates. */
  readonly lat: number;
  readonly lon: number;
}

/** Events of all categories as columns, as a decoder leaves them. */
export interface EventColumns {
  readonly amounts: Float64Array;
  readonly frauds: Uint8Array;
  readonly regionIds: Uint16Array;
  readonly customerHashes: Uint32Array;
  readonly merchantHashes: Uint32Array;
  readonly latitudes: Float64Array;
  readonly longitudes: Float64Array;
}

/** Columns that grow by doubling; at most as long as the batch they are cut from. */
export class Columns {
  length = 0;
  paneIndexes = new Float64Array(INITIAL);
  amounts = new Float64Array(INITIAL);
  frauds = new Uint8Array(INITIAL);
  regionIds = new Uint16Array(INITIAL);
  customerHashes = new Uint32Array(INITIAL);
  merchantHashes = new Uint32Array(INITIAL);
  lats = new Float64Array(INITIAL);
  lons = new Float64Array(INITIAL);

  /** Appends one event of a pane. */
  push(paneIndex: number, row: ColumnRow): void {
    if (this.length === this.amounts.length) this.#grow(2 * this.length);
    const at = this.length++;
    this.paneIndexes[at] = paneIndex;
    this.amounts[at] = row.amount;
    this.frauds[at] = row.isFraud;
    this.regionIds[at] = row.regionId;
    this.customerHashes[at] = row.customerHash;
    this.merchantHashes[at] = row.merchantHash;
    this.lats[at] = row.lat;
    this.lons[at] = row.lon;
  }

  /** Appends the event in row `row` of other columns. */
  copy(paneIndex: number, from: EventColumns, row: number): void {
    if (this.length === this.amounts.length) this.#grow(2 * this.length);
    const at = this.length++;
    this.paneIndexes[at] = paneIndex;
    this.amounts[at] = from.amounts[row] ?? 0;
    this.frauds[at] = from.frauds[row] ?? 0;
    this.regionIds[at] = from.regionIds[row] ?? 0;
    this.customerHashes[at] = from.customerHashes[row] ?? 0;
    this.merchantHashes[at] = from.merchantHashes[row] ?? 0;
    this.lats[at] = from.latitudes[row] ?? NaN;
    this.lons[at] = from.longitudes[row] ?? NaN;
  }

  /** Forgets the rows and keeps the memory. */
  clear(): void {
    this.length = 0;
  }

  #grow(capacity: number): void {
    this.paneIndexes = grown(this.paneIndexes, new Float64Array(capacity));
    this.amounts = grown(this.amounts, new Float64Array(capacity));
    this.frauds = grown(this.frauds, new Uint8Array(capacity));
    this.regionIds = grown(this.regionIds, new Uint16Array(capacity));
    this.customerHashes = grown(this.customerHashes, new Uint32Array(capacity));
    this.merchantHashes = grown(this.merchantHashes, new Uint32Array(capacity));
    this.lats = grown(this.lats, new Float64Array(capacity));
    this.lons = grown(this.lons, new Float64Array(capacity));
  }
}

const INITIAL = 16;

function grown<T extends Float64Array | Uint8Array | Uint16Array | Uint32Array>(old: T, larger: T): T {
  larger.set(old);
  return larger;
}
