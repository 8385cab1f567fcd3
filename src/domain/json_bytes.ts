/** The lexical parts of JSON over bytes: white space, literals, escapes and UTF-8, as strict as `JSON.parse`. */

/** Returned in place of a position when the bytes are not what was asked for; past every end. */
export const FAIL = 0x3fffffff;

/** The position of the first byte at or after `at` that is no JSON white space, `end` if there is none. */
export function skipSpace(view: DataView, at: number, end: number): number {
  let next = at;
  for (; next < end; next++) {
    const byte = view.getUint8(next);
    if (byte > 0x20 || (byte !== 0x20 && byte !== 0x0a && byte !== 0x0d && byte !== 0x09)) break;
  }
  return next;
}

/** The position after the escape whose backslash is at `at`, or `FAIL`; lone surrogates pass, as in `JSON.parse`. */
export function skipEscape(view: DataView, at: number, end: number): number {
  if (at + 1 >= end) return FAIL;
  switch (view.getUint8(at + 1)) {
    case 0x22: // "
    case 0x2f: // /
    case 0x5c: // \
    case 0x62: // b
    case 0x66: // f
    case 0x6e: // n
    case 0x72: // r
    case 0x74: // t
      return at + 2;
    case 0x75: // u
      return at + 6 <= end && [2, 3, 4, 5].every((index) => isHex(view.getUint8(at + index))) ? at + 6 : FAIL;
    default:
      return FAIL;
  }
}

/**
 * The position after the UTF-8 sequence of 2 to 4 bytes that begins at `at`, or `FAIL` if it is not well-formed.
 *
 * Source: The Unicode Standard, table 3-7.
 */
export function skipMultibyte(view: DataView, at: number, end: number): number {
  const lead = view.getUint8(at);
  const length = lead >= 0xf0 ? 4 : lead >= 0xe0 ? 3 : 2;
  if (lead < 0xc2 || lead > 0xf4 || at + length > end) return FAIL;
  const second = view.getUint8(at + 1);
  if (second < lowestSecond(lead) || second > highestSecond(lead)) return FAIL;
  for (let index = 2; index < length; index++) {
    if ((view.getUint8(at + index) & 0xc0) !== 0x80) return FAIL;
  }
  return at + length;
}

function lowestSecond(lead: number): number {
  if (lead === 0xe0) return 0xa0;
  return lead === 0xf0 ? 0x90 : 0x80;
}

function highestSecond(lead: number): number {
  if (lead === 0xed) return 0x9f;
  return lead === 0xf4 ? 0x8f : 0xbf;
}

function isHex(byte: number): boolean {
  return (byte >= 0x30 && byte <= 0x39) || ((byte | 0x20) >= 0x61 && (byte | 0x20) <= 0x66);
}
