/**
 * Texts by their hash: those met last, so that what is counted by hash can be shown by name.
 *
 * Two generations of at most `TEXTS` texts and `ROOM` bytes. A text met is put into the young one if it is not there; when
 * that is full, it becomes the old one, and the old one is forgotten. So as many different texts as one holds are always
 * known, the last ones that were met.
 *
 * Of a generation: slots of a hash and where its text stands, open addressing, at most half full; then the texts, each
 * after a byte that has its length.
 */
import { hashOf } from "./names";

/** Longest text that is kept. */
const MOST_BYTES: i32 = 128;
const TEXTS: i32 = 8192;
const SLOTS: i32 = 2 * TEXTS;
const SLOT_BYTES: i32 = 8;
const ROOM: i32 = 262_144;
/** A text may be written this far past its end. */
const MARGIN: i32 = MOST_BYTES + 16;
const GENERATION_BYTES: i32 = SLOTS * SLOT_BYTES + ROOM + MARGIN;

/** Of a table: its young generation and its old one, how many texts are in the young one, and where the next goes. */
const OLD_AT: i32 = 4;
const COUNT_AT: i32 = 8;
const NEXT_AT: i32 = 12;
const HEAD_BYTES: i32 = 16;

/** Bytes that a table needs. */
export function textTableBytes(): i32 {
  return HEAD_BYTES + 2 * GENERATION_BYTES;
}

/** Makes the bytes at `table`, all zero, a table. */
export function openTexts(table: i32): void {
  const first = table + HEAD_BYTES;
  store<i32>(table, first);
  store<i32>(table, first + GENERATION_BYTES, OLD_AT);
  store<i32>(table, roomOf(first), NEXT_AT);
}

/** Where the length of the text with this hash stands, before its bytes; 0 when it is not known. */
export function findText(table: i32, hash: u32): i32 {
  const young = load<i32>(slotOf(load<i32>(table), hash), 4);
  return young != 0 ? young : load<i32>(slotOf(load<i32>(table, OLD_AT), hash), 4);
}

/** Keeps the name at `start` under a hash of its own, which is not 0, and returns that. */
@inline
export function keepText(table: i32, start: i32, length: i32): u32 {
  const hash = hashOf(start, length) || 1;
  keepHashed(table, hash, start, length);
  return hash;
}

/** Keeps the text at `start`, whose hash is not 0. */
@inline
export function keepHashed(table: i32, hash: u32, start: i32, length: i32): void {
  const slot = slotOf(load<i32>(table), hash);
  if (load<u32>(slot) != hash && length <= MOST_BYTES) admit(table, hash, start, length);
}

function admit(table: i32, hash: u32, start: i32, length: i32): void {
  const room = roomOf(load<i32>(table));
  if (load<i32>(table, COUNT_AT) == TEXTS || load<i32>(table, NEXT_AT) + 1 + length > room + ROOM) turn(table);
  const slot = slotOf(load<i32>(table), hash);
  const at = load<i32>(table, NEXT_AT);
  store<u32>(slot, hash);
  store<i32>(slot, at, 4);
  store<u8>(at, length);
  for (let done = 0; done < length; done += 16) v128.store(at + 1 + done, v128.load(start + done));
  store<i32>(table, at + 1 + length, NEXT_AT);
  store<i32>(table, load<i32>(table, COUNT_AT) + 1, COUNT_AT);
}

/** Makes the young generation the old one. */
function turn(table: i32): void {
  const young = load<i32>(table, OLD_AT);
  store<i32>(table, load<i32>(table), OLD_AT);
  store<i32>(table, young);
  memory.fill(young, 0, SLOTS * SLOT_BYTES);
  store<i32>(table, 0, COUNT_AT);
  store<i32>(table, roomOf(young), NEXT_AT);
}

@inline
function roomOf(generation: i32): i32 {
  return generation + SLOTS * SLOT_BYTES;
}

/** The slot that has the hash, or that would take it. */
@inline
function slotOf(generation: i32, hash: u32): i32 {
  let place = i32(hash) & (SLOTS - 1);
  for (let known = load<u32>(generation + place * SLOT_BYTES); known != hash && known != 0;) {
    place = (place + 1) & (SLOTS - 1);
    known = load<u32>(generation + place * SLOT_BYTES);
  }
  return generation + place * SLOT_BYTES;
}
