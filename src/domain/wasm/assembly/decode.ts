/**
 * Records to rows at full speed; `TransactionDecoder` is the other side and says what is promised.
 *
 * Built by `deno task wasm`. All positions are bytes of this module's memory. Texts are read 16 bytes at a time, so that
 * reading may go up to 32 bytes past the end of a value; nothing read there ever counts.
 */
import { byteAt } from "./bytes";
import { murmur3 } from "./hash";
import { ABSENT, endOf, ESCAPED_TEXT, FALSE, kindOf, NULL, NUMBER, numberOf, readMembers, startOf, TEXT, TRUE } from "./members";
import { findName, isNameLength, learnName, UNKNOWN } from "./names";
import * as rows from "./rows";
import { findText, keepHashed, keepText, openTexts } from "./texts";
import { epochNumberMs, eventMs, isoMs } from "./time";

export { setKeys } from "./keys";
export { nameTableBytes } from "./names";
export { CUT, MALFORMED, openBatch, setMaxValueBytes, walk, walkedTo, walkEnd, wantedTo } from "./records";
export * from "./rows";
export { textTableBytes } from "./texts";
export { UNKNOWN };

/** The fields that are read, in the order in which `setField` counts them. */
const CATEGORY: i32 = 0;
const AMOUNT: i32 = 1;
const TIMESTAMP: i32 = 2;
const IS_FRAUD: i32 = 3;
const REGION: i32 = 4;
const CUSTOMER: i32 = 5;
const LAT: i32 = 6;
const LON: i32 = 7;
const CURRENCY: i32 = 8;
const MERCHANT: i32 = 9;
const FIELDS: i32 = 10;

const mappedKeys = memory.data(FIELDS, 16);
const canonicalKeys = memory.data(FIELDS, 16);

/** Of categories (0) and regions (1): the table, and its mask. */
const nameTables = memory.data(8, 16);
const nameMasks = memory.data(8, 16);
let unknownRegion: i32 = UNKNOWN;

/** Of merchants (0) and customers (1): where their texts are kept; 0 when they are not. */
const textTables = memory.data(8, 16);

/** Says under which keys a field may stand: its mapped name, and its own. */
export function setField(field: i32, mapped: i32, canonical: i32): void {
  store<u8>(mappedKeys + field, mapped);
  store<u8>(canonicalKeys + field, canonical);
}

/** Says where the names of categories (0) or regions (1) are kept: `slots` of them, a power of two. */
export function setNames(which: i32, table: i32, slots: i32): void {
  store<i32>(nameTables + (which << 2), table);
  store<i32>(nameMasks + (which << 2), slots - 1);
}

/** The region of events without a usable one. */
export function setUnknownRegion(id: i32): void {
  unknownRegion = id;
}

/** Gives the category (0) or region (1) in bytes `[start, end)`, which has none yet, its id. */
export function learn(which: i32, start: i32, end: i32, id: i32): void {
  learnName(load<i32>(nameTables + (which << 2)), load<i32>(nameMasks + (which << 2)), start, end - start, id);
}

/** Has the texts of merchants (0) or customers (1) kept at `table`, in bytes that are all zero. */
export function setTexts(which: i32, table: i32): void {
  openTexts(table);
  store<i32>(textTables + (which << 2), table);
}

/** Where the length of a merchant's (0) or customer's (1) text stands, before its bytes; 0 when it is not known. */
export function textOf(which: i32, hash: u32): i32 {
  return findText(load<i32>(textTables + (which << 2)), hash);
}

/** Keeps the merchant in bytes `[start, end)`, as if a row had it, and returns its hash. */
export function keepMerchant(start: i32, end: i32): u32 {
  return keepText(load<i32>(textTables), start, end - start);
}

/** Keeps the customer in bytes `[start, end)`, as if a row had it. */
export function keepCustomer(hash: u32, start: i32, end: i32): void {
  keepHashed(load<i32>(textTables, 4), hash, start, end - start);
}

/** Decodes the values of the rows `[from, to)` that are `READY`, and says what is left to be done with each. */
export function decode(from: i32, to: i32): void {
  for (let row = from; row < to; row++) {
    if (load<u8>(rows.statuses + row) != rows.READY) continue;
    const start = load<i32>(rows.valueStarts + (row << 2));
    const end = load<i32>(rows.valueEnds + (row << 2));
    store<u8>(rows.statuses + row, readMembers(start, end) ? fill(row) : rows.ODD);
  }
}

/** Fills the row from the members read. */
@inline
function fill(row: i32): i32 {
  const eventTime = timeOf(load<f64>(rows.kafkaTimestamps + (row << 3)));
  const amount = numberIn(AMOUNT);
  const isFraud = flagOf(keyOf(IS_FRAUD));
  const category = keyOf(CATEGORY);
  const region = keyOf(REGION);
  const customer = keyOf(CUSTOMER);
  const isClean = kindOf(category) == TEXT && kindOf(region) != ESCAPED_TEXT && kindOf(customer) != ESCAPED_TEXT;
  if (!isClean || isNaN(eventTime + isFraud) || !isFinite(amount)) return rows.ODD;
  const lat = numberIn(LAT);
  const lon = numberIn(LON);
  if (isUnread(LAT, lat) || isUnread(LON, lon)) return rows.ODD;
  const isPlaced = abs(lat) <= 90 && abs(lon) <= 180;
  store<f64>(rows.eventTimes + (row << 3), eventTime);
  store<f64>(rows.amounts + (row << 3), amount + 0);
  store<f64>(rows.latitudes + (row << 3), isPlaced ? lat + 0 : NaN);
  store<f64>(rows.longitudes + (row << 3), isPlaced ? lon + 0 : NaN);
  store<u8>(rows.frauds + row, u8(isFraud));
  store<u32>(rows.customerHashes + (row << 2), customerHash(customer));
  store<u32>(rows.currencies + (row << 2), currencyOf(keyOf(CURRENCY)));
  const merchant = keyOf(MERCHANT);
  const isEscaped = kindOf(merchant) == ESCAPED_TEXT;
  store<u32>(rows.merchantHashes + (row << 2), merchantHash(merchant));
  store<i32>(rows.merchantStarts + (row << 2), startOf(merchant));
  store<i32>(rows.merchantEnds + (row << 2), isEscaped ? endOf(merchant) : 0);
  const categoryId = nameId(row, 0, category);
  const regionId = kindOf(region) == TEXT && isNameLength(endOf(region) - startOf(region))
    ? nameId(row, 1, region)
    : isPlaced
    ? placeId(row)
    : unknownRegion;
  store<u16>(rows.categoryIds + (row << 1), u16(categoryId));
  store<u16>(rows.regionIds + (row << 1), u16(regionId));
  return categoryId == UNKNOWN || regionId == UNKNOWN || isEscaped ? rows.UNNAMED : rows.READY;
}

/** The key that a field is read from: its mapped name if that is there, else its own. */
@inline
function keyOf(field: i32): i32 {
  const mapped: i32 = load<u8>(mappedKeys + field);
  return kindOf(mapped) == ABSENT ? load<u8>(canonicalKeys + field) : mapped;
}

/** The number that a field has, NaN when it has none or only its text tells it. */
@inline
function numberIn(field: i32): f64 {
  const key = keyOf(field);
  return kindOf(key) == NUMBER ? numberOf(key) : NaN;
}

/** Whether a field has a number that only its text tells. */
@inline
function isUnread(field: i32, value: f64): bool {
  return isNaN(value) && kindOf(keyOf(field)) == NUMBER;
}

/** Leaves the place of a name that has no id yet. */
@inline
function nameId(row: i32, which: i32, key: i32): i32 {
  const start = startOf(key);
  const end = endOf(key);
  const at = (row << 3) + (which << 2);
  const id = isNameLength(end - start)
    ? findName(load<i32>(nameTables + (which << 2)), load<i32>(nameMasks + (which << 2)), start, end - start)
    : UNKNOWN;
  if (id == UNKNOWN) {
    store<i32>(rows.nameStarts + at, start);
    store<i32>(rows.nameEnds + at, end);
  }
  return id;
}

/** Leaves the region to be found by coordinates: a name of no bytes. */
@inline
function placeId(row: i32): i32 {
  store<i32>(rows.nameStarts + (row << 3) + 4, 0);
  store<i32>(rows.nameEnds + (row << 3) + 4, 0);
  return UNKNOWN;
}

@inline
function timeOf(kafkaTimestamp: f64): f64 {
  const key = keyOf(TIMESTAMP);
  switch (kindOf(key)) {
    case TEXT:
      return isoMs(startOf(key), endOf(key));
    case NUMBER:
      return epochNumberMs(numberOf(key));
    case ABSENT:
    case NULL:
      return eventMs(kafkaTimestamp);
    default:
      return NaN;
  }
}

/** 1, 0, or NaN when the flag is written in a way that needs the oracle. */
@inline
function flagOf(key: i32): f64 {
  switch (kindOf(key)) {
    case TRUE:
      return 1;
    case FALSE:
    case ABSENT:
    case NULL:
      return 0;
    case NUMBER:
      return bit(numberOf(key));
    case TEXT:
      return endOf(key) - startOf(key) == 1 ? bit(f64(byteAt(startOf(key))) - 0x30) : NaN;
    default:
      return NaN;
  }
}

@inline
function bit(value: f64): f64 {
  return value == 0 ? 0 : value == 1 ? 1 : NaN;
}

/** Never 0 for a customer: that stands for none. */
@inline
function customerHash(key: i32): u32 {
  const kind = kindOf(key);
  if ((kind != TEXT && kind != NUMBER) || startOf(key) == endOf(key)) return 0;
  const hash = murmur3(startOf(key), endOf(key)) || 1;
  const texts = load<i32>(textTables, 4);
  if (texts != 0) keepHashed(texts, hash, startOf(key), endOf(key) - startOf(key));
  return hash;
}

/** Never 0 for a merchant whose text is as it stands: 0 stands for none, or for one to be read by the other side. */
@inline
function merchantHash(key: i32): u32 {
  if (kindOf(key) != TEXT || !isNameLength(endOf(key) - startOf(key))) return 0;
  const start = startOf(key);
  return keepText(load<i32>(textTables), start, endOf(key) - start);
}

/** The three bytes of a currency's code, first byte lowest; 0 when there is none. */
@inline
function currencyOf(key: i32): u32 {
  return kindOf(key) == TEXT && endOf(key) - startOf(key) == 3 ? load<u32>(startOf(key)) & 0xffffff : 0;
}
