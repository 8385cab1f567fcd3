import assert from "node:assert/strict";
import { FAIL, skipEscape, skipMultibyte, skipSpace } from "../../src/domain/json_bytes.ts";

/** Whether the bytes are one character to a strict decoder. */
function isCharacter(bytes: Uint8Array): boolean {
  try {
    return [...new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes)].length === 1;
  } catch {
    return false;
  }
}

/** Sequences that begin with a lead byte: all of its kind with their other bytes at an edge. */
function sequencesOf(lead: number): Uint8Array<ArrayBuffer>[] {
  const length = lead >= 0xf0 ? 4 : lead >= 0xe0 ? 3 : 2;
  const seconds = [0x00, 0x22, 0x7f, 0x80, 0x8f, 0x90, 0x9f, 0xa0, 0xbf, 0xc0, 0xff];
  const others = [0x22, 0x7f, 0x80, 0xbf, 0xc0];
  const all = seconds.flatMap((second) => others.flatMap((third) => others.map((fourth) => [second, third, fourth])));
  return all.map((rest) => Uint8Array.of(lead, ...rest.slice(0, length - 1)));
}

Deno.test("skipMultibyte() takes the sequences that a strict UTF-8 decoder takes, and no others", () => {
  for (let lead = 0x80; lead <= 0xff; lead++) {
    for (const bytes of sequencesOf(lead)) {
      const after = skipMultibyte(new DataView(bytes.buffer), 0, bytes.length);
      assert.equal(after, isCharacter(bytes) ? bytes.length : FAIL, bytes.join());
    }
  }
});

Deno.test("skipMultibyte() refuses a sequence that the end cuts short", () => {
  for (const character of ["é", "日", "😀"]) {
    const bytes = new TextEncoder().encode(character);
    for (let end = 1; end < bytes.length; end++) assert.equal(skipMultibyte(new DataView(bytes.buffer), 0, end), FAIL);
  }
});

Deno.test("skipEscape() takes the escapes that JSON.parse takes, and no others", () => {
  const accepts = (text: string): boolean => {
    try {
      return typeof JSON.parse(`"${text}"`) === "string";
    } catch {
      return false;
    }
  };
  const skip = (text: string): number => {
    const bytes = new TextEncoder().encode(text);
    return skipEscape(new DataView(bytes.buffer), 0, bytes.length);
  };
  for (let code = 0; code < 0x80; code++) {
    const text = `\\${String.fromCharCode(code)}`;
    // A quote ends the text around it, so JSON.parse is asked for an escaped one with nothing after it.
    assert.equal(skip(text), accepts(text) ? 2 : FAIL, text);
    const hex = `\\u00${String.fromCharCode(code)}0`;
    assert.equal(skip(hex), accepts(hex) ? 6 : FAIL, hex);
  }
  for (const cut of ["\\", "\\u", "\\u0", "\\u00", "\\u004"]) assert.equal(skip(cut), FAIL);
});

Deno.test("skipSpace() passes the four characters of JSON white space and no others", () => {
  for (let code = 0; code < 0x100; code++) {
    const isSpace = [0x20, 0x0a, 0x0d, 0x09].includes(code);
    assert.equal(skipSpace(new DataView(Uint8Array.of(0x20, code, 0x31).buffer), 0, 3), isSpace ? 2 : 1);
  }
  assert.equal(skipSpace(new DataView(Uint8Array.of(0x20, 0x20).buffer), 0, 1), 1);
  assert.equal(skipSpace(new DataView(new ArrayBuffer(1)), FAIL, 1), FAIL);
});
