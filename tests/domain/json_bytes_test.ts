/** What the byte decoder takes for JSON by itself: what `JSON.parse` takes, wherever it lies. */
import assert from "node:assert/strict";
import { ByteReader } from "./byte_reader.ts";

const encoder = new TextEncoder();

/** An event with `member` in it, as bytes; `shift` moves it along the 16 bytes that are read at once. */
function eventWith(member: Uint8Array, shift = 0): Uint8Array<ArrayBuffer> {
  const before = encoder.encode(`{"pad":"${"x".repeat(shift)}",`);
  const after = encoder.encode(`,"category":"c","amount":1,"timestamp":1}`);
  return Uint8Array.from([...before, ...member, ...after]);
}

function isJson(bytes: Uint8Array): boolean {
  try {
    JSON.parse(new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes));
    return true;
  } catch {
    return false;
  }
}

/** Holds the decoder to `JSON.parse` for a member at every place. */
function assertSame(reader: ByteReader, member: Uint8Array): void {
  for (let shift = 0; shift < 17; shift++) {
    const event = eventWith(member, shift);
    assert.equal(reader.read(event).isClean, isJson(event), `${shift}: ${[...member]}`);
  }
}

/** Sequences that begin with a lead byte: all of its kind with their other bytes at an edge. */
function sequencesOf(lead: number): Uint8Array<ArrayBuffer>[] {
  const length = lead >= 0xf0 ? 4 : lead >= 0xe0 ? 3 : 2;
  const seconds = [0x00, 0x22, 0x7f, 0x80, 0x8f, 0x90, 0x9f, 0xa0, 0xbf, 0xc0, 0xff];
  const others = [0x7f, 0x80, 0xbf, 0xc0];
  const all = seconds.flatMap((second) => others.flatMap((third) => others.map((fourth) => [second, third, fourth])));
  const texts = all.map((rest) => [lead, ...rest.slice(0, length - 1)].join());
  return [...new Set(texts)].map((text) => Uint8Array.from(text.split(","), Number));
}

Deno.test("TransactionDecoder takes the UTF-8 sequences that a strict decoder takes, and no others", () => {
  const reader = new ByteReader(), open = encoder.encode('"merchant":"');
  for (let lead = 0x80; lead <= 0xff; lead++) {
    for (const sequence of sequencesOf(lead)) {
      const event = eventWith(Uint8Array.from([...open, ...sequence, 0x22]), lead % 17);
      assert.equal(reader.read(event).isClean, isJson(event), `${[...sequence]}`);
    }
  }
});

Deno.test("TransactionDecoder refuses a sequence or an escape that the end of its text cuts short", () => {
  const reader = new ByteReader();
  for (const character of ["é", "日", "😀"]) {
    const bytes = encoder.encode(character);
    for (let end = 1; end < bytes.length; end++) {
      assertSame(reader, Uint8Array.from([...encoder.encode('"merchant":"'), ...bytes.subarray(0, end), 0x22]));
    }
  }
  for (const cut of ["\\", "\\u", "\\u0", "\\u00", "\\u004"]) assertSame(reader, encoder.encode(`"merchant":"${cut}"`));
});

Deno.test("TransactionDecoder takes the characters and escapes that JSON.parse takes, and no others", () => {
  const reader = new ByteReader();
  for (let code = 0; code < 0x80; code++) {
    const character = String.fromCharCode(code);
    for (const text of [character, `\\${character}`, `\\u00${character}0`, `${character}\\n`]) {
      assertSame(reader, encoder.encode(`"merchant":"${text}"`));
    }
  }
});

Deno.test("TransactionDecoder passes the four characters of JSON white space and no others", () => {
  const reader = new ByteReader();
  for (let code = 0; code < 0x80; code++) {
    const character = String.fromCharCode(code);
    if (character === '"') continue; // It would begin a key.
    for (const member of [`${character}"a":1`, `"a"${character}:1`, `"a":${character}1`, `"a":1${character}`]) {
      assertSame(reader, encoder.encode(member));
    }
  }
});

Deno.test("TransactionDecoder takes keys and values in another order, left out or of another kind, without the oracle", () => {
  const reader = new ByteReader();
  const members = ['"category":"c"', '"amount":1', '"timestamp":1', '"region":"r"', '"lat":null', '"extra":[{"a":""}]'];
  for (let turn = 0; turn < 600; turn++) {
    const left = members.filter((_, index) => index < 3 || (turn >> index) % 2 === 0);
    const order = turn % 7 < 3 ? left : left.toSorted((a, b) => (a.length * turn) % 11 - (b.length * turn) % 11);
    const text = `{${order.join(turn % 2 === 0 ? "," : ", ")}}`.replace('"r"', turn % 3 === 0 ? "null" : '"r"');
    const { isClean, row } = reader.read(text);
    assert.ok(isClean || turn < 2, text);
    assert.deepStrictEqual([row.amount, row.occurredAtMs, row.invalid], [1, 1_000, undefined], text);
  }
});
