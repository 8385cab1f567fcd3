/** The lexical parts of JSON over bytes: white space, escapes, UTF-8 and texts, as strict as `JSON.parse`. */

/** Returned in place of a position when the bytes are not what was asked for; past every end. */
export const FAIL: i32 = 0x3fffffff;

export const QUOTE: u32 = 0x22;
const BACKSLASH: u32 = 0x5c;

@inline
export function byteAt(at: i32): u32 {
  return load<u8>(at);
}

/** The position of the first byte at or after `at` that is no JSON white space, `end` if there is none. */
export function skipSpace(at: i32, end: i32): i32 {
  let next = at;
  for (; next < end; next++) {
    const byte = byteAt(next);
    if (byte > 0x20 || (byte != 0x20 && byte != 0x0a && byte != 0x0d && byte != 0x09)) break;
  }
  return next;
}

/** The position of the quote that closes the text whose first byte is at `start`, its complement if there are escapes. */
export function skipText(start: i32, end: i32): i32 {
  let at = start;
  let hasEscapes = false;
  while (at < end) {
    const block = v128.load(at);
    // Bytes above 0x7f are negative, so that one comparison finds them and the control characters.
    const marks = i8x16.bitmask(
      v128.or(
        v128.or(i8x16.eq(block, i8x16.splat(0x22)), i8x16.eq(block, i8x16.splat(0x5c))),
        i8x16.lt_s(block, i8x16.splat(0x20)),
      ),
    );
    if (marks == 0) {
      at += 16;
      continue;
    }
    at += ctz(marks);
    if (at >= end) return FAIL;
    const byte = byteAt(at);
    if (byte == QUOTE) return hasEscapes ? ~at : at;
    if (byte < 0x80 && byte != BACKSLASH) return FAIL;
    hasEscapes = hasEscapes || byte == BACKSLASH;
    at = byte == BACKSLASH ? skipEscape(at, end) : skipMultibyte(at, end);
  }
  return FAIL;
}

/** The position after the escape whose backslash is at `at`, or `FAIL`; lone surrogates pass, as in `JSON.parse`. */
function skipEscape(at: i32, end: i32): i32 {
  switch (byteAt(at + 1)) {
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
      for (let digit = at + 2; digit < at + 6; digit++) if (!isHex(byteAt(digit))) return FAIL;
      return at + 6;
    default:
      return FAIL;
  }
}

/**
 * The position after the UTF-8 sequence of 2 to 4 bytes that begins at `at`, or `FAIL` if it is not well-formed.
 *
 * Source: The Unicode Standard, table 3-7.
 */
function skipMultibyte(at: i32, end: i32): i32 {
  const lead = byteAt(at);
  const length = lead >= 0xf0 ? 4 : lead >= 0xe0 ? 3 : 2;
  if (lead < 0xc2 || lead > 0xf4 || at + length > end) return FAIL;
  const second = byteAt(at + 1);
  const lowest: u32 = lead == 0xe0 ? 0xa0 : lead == 0xf0 ? 0x90 : 0x80;
  const highest: u32 = lead == 0xed ? 0x9f : lead == 0xf4 ? 0x8f : 0xbf;
  if (second < lowest || second > highest) return FAIL;
  for (let index = 2; index < length; index++) if ((byteAt(at + index) & 0xc0) != 0x80) return FAIL;
  return at + length;
}

function isHex(byte: u32): bool {
  return byte - 0x30 <= 9 || (byte | 0x20) - 0x61 <= 5;
}
