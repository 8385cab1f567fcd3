/** Kafka's records, as they stand in a batch one after another. `RecordCursor` is the plain form of `walk`. */
import { byteAt } from "./bytes";
import { kafkaTimestamps, ODD, offsetDeltas, READY, ROWS, statuses, valueEnds, valueStarts } from "./rows";

/** Why a walk ended: as many rows as asked for, bytes that end within a record, or bytes that are no record. */
export const ENOUGH: i32 = 0;
export const CUT: i32 = 1;
export const MALFORMED: i32 = 2;

/** Why the last walk ended, and where: the first byte of the record that it did not take, and of the one after it. */
export let walkEnd: i32 = ENOUGH;
export let walkedTo: i32 = 0;
export let wantedTo: i32 = 0;

let at: i32 = 0;
let isWhole: bool = true;
let baseTimestamp: f64 = 0;
let appendTimestamp: f64 = -1;
let lastDelta: i32 = -1;
let maxDelta: i32 = 0;
let maxValueBytes: i32 = 0;

/** Values of more bytes than this are left to the other side. */
export function setMaxValueBytes(bytes: i32): void {
  maxValueBytes = bytes;
}

/** Begins a batch. `appendTimestampMs`: the timestamp of every record, −2 when each has its own. */
export function openBatch(baseTimestampMs: f64, appendTimestampMs: f64, lastOffsetDelta: i32): void {
  baseTimestamp = baseTimestampMs;
  appendTimestamp = appendTimestampMs;
  lastDelta = -1;
  maxDelta = lastOffsetDelta;
}

/**
 * Takes the records of the batch that stand whole in `[start, end)` into rows from `row` on, before `stop`.
 *
 * @param limit where the batch ends, at or past `end`
 * @returns the row after the last one taken
 */
export function walk(row: i32, stop: i32, start: i32, end: i32, limit: i32): i32 {
  at = start;
  walkEnd = ENOUGH;
  for (; row < stop; row++) {
    walkedTo = at;
    isWhole = true;
    const length = varint(end, 5);
    if (!isWhole) {
      // A length that goes on past the bytes that are here; one that goes on for too long is none.
      walkEnd = end < limit && end - walkedTo < 5 ? CUT : MALFORMED;
      wantedTo = walkedTo + 5;
      return row;
    }
    wantedTo = at + i32(length);
    if (length < 0 || length > limit - at) walkEnd = MALFORMED;
    else if (wantedTo > end) walkEnd = CUT;
    else if (!takeRecord(row, wantedTo)) walkEnd = MALFORMED;
    if (walkEnd != ENOUGH) return row;
    at = wantedTo;
  }
  walkedTo = at;
  return row;
}

/** Takes the record whose attributes stand at `at`; false when it is none. */
@inline
function takeRecord(row: i32, end: i32): bool {
  at++; // The attributes of a record are unused.
  const timestamp = baseTimestamp + f64(varint(end, 10));
  const delta = varint(end, 5);
  skipBytes(varint(end, 5), end);
  const length = varint(end, 5);
  const start = at;
  skipBytes(length, end);
  // At least the number of headers must follow.
  if (!isWhole || delta <= lastDelta || delta > maxDelta || at >= end) return false;
  lastDelta = i32(delta);
  store<f64>(kafkaTimestamps + (row << 3), appendTimestamp >= -1 ? appendTimestamp : timestamp < 0 ? -1 : timestamp);
  store<i32>(offsetDeltas + (row << 2), lastDelta);
  store<i32>(valueStarts + (row << 2), start);
  store<i32>(valueEnds + (row << 2), length < 0 ? -1 : at);
  store<u8>(statuses + row, length < 0 || length > maxValueBytes ? ODD : READY);
  return true;
}

/** Passes over bytes; a length of −1 means null. */
@inline
function skipBytes(length: i64, end: i32): void {
  if (length < -1 || length > end - at) isWhole = false;
  else if (length > 0) at += i32(length);
}

/** A zigzag varint of at most `maxBytes` bytes, before `end`; leaves whether there is one. */
function varint(end: i32, maxBytes: i32): i64 {
  if (at < end && byteAt(at) < 0x80) {
    const byte = byteAt(at++);
    return i64(byte >> 1) ^ -i64(byte & 1);
  }
  let value: u64 = 0;
  for (let count = 0; at < end && count < maxBytes; count++) {
    const byte = u64(byteAt(at++));
    value |= (byte & 0x7f) << (7 * count);
    if (byte < 0x80) return i64(value >> 1) ^ -i64(value & 1);
  }
  isWhole = false;
  return 0;
}
