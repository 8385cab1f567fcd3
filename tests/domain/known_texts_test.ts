import assert from "node:assert/strict";
import { customerHashOf, emptyRow, TransactionDecoder } from "../../src/domain/decoder.ts";
import { parseFieldMap } from "../../src/domain/field_map.ts";
import { NameTable } from "../../src/domain/name_table.ts";
import { UNKNOWN_REGION } from "../../src/domain/transaction.ts";

/** Texts that are known however many others there are. */
const TEXTS = 8_192;

function decoderFor(keepsCustomers = false): TransactionDecoder {
  return new TransactionDecoder(parseFieldMap(undefined), {
    categories: new NameTable({ capacity: 10 }),
    regions: new NameTable({ capacity: 10, reserved: [UNKNOWN_REGION] }),
    keepsCustomers,
  });
}

/** Decodes an event; its hashes. */
function read(decoder: TransactionDecoder, event: { merchant?: unknown; customer_id?: unknown }) {
  const row = emptyRow(), bytes = new TextEncoder().encode(JSON.stringify({ category: "a", amount: 1, ...event }));
  decoder.decode({ view: new DataView(bytes.buffer), valueStart: 0, valueEnd: bytes.length, timestampMs: 5_000 }, row);
  assert.strictEqual(row.invalid, undefined);
  return row;
}

Deno.test("KnownTexts has the text behind a merchant's hash, whatever it is written like", () => {
  const decoder = decoderFor();
  for (const merchant of ["A", "Kub and Mann", "Müller & Söhne, 東京", 'The "Shop"', "x".repeat(128), "ü".repeat(64)]) {
    const { merchantHash } = read(decoder, { merchant });
    assert.strictEqual(decoder.merchants.textOf(merchantHash), merchant);
  }
  assert.strictEqual(decoder.fallbacks, 0);
});

Deno.test("KnownTexts shows no control character", () => {
  const decoder = decoderFor(), { merchantHash } = read(decoder, { merchant: "a\u007f\u0085\tb" });
  assert.strictEqual(decoder.merchants.textOf(merchantHash), "a\ufffd\ufffd\ufffdb");
});

Deno.test("TransactionDecoder counts no merchant that is empty, no text, or of 129 bytes", () => {
  const decoder = decoderFor();
  for (const merchant of ["", 5, null, [], "x".repeat(129), `${"ü".repeat(64)}x`, `"${"ü".repeat(64)}`]) {
    assert.strictEqual(read(decoder, { merchant }).merchantHash, 0, String(merchant));
  }
});

Deno.test("KnownTexts knows the last 8,192 merchants, and forgets in time those that come no more", () => {
  const decoder = decoderFor(), hashes: number[] = [];
  for (let index = 0; index < 3 * TEXTS; index++) {
    hashes.push(read(decoder, { merchant: `merchant ${index}` }).merchantHash);
    const oldest = Math.max(0, index + 1 - TEXTS);
    if (index % 500 === 0 || index % TEXTS < 3) {
      assert.strictEqual(decoder.merchants.textOf(hashes[oldest] ?? 0), `merchant ${oldest}`);
    }
  }
  assert.strictEqual(decoder.merchants.textOf(hashes[0] ?? 0), undefined);
});

Deno.test("KnownTexts remembers who comes again and again, however many others come", () => {
  const decoder = decoderFor(), { merchantHash } = read(decoder, { merchant: "The regular" });
  for (let index = 0; index < 5 * TEXTS; index++) {
    read(decoder, { merchant: `${index} ${"long".repeat(20)}` });
    if (index % 1_000 === 0) read(decoder, { merchant: "The regular" });
  }
  assert.strictEqual(decoder.merchants.textOf(merchantHash), "The regular");
});

Deno.test("KnownTexts keeps no customer's id unless it is told to", () => {
  for (const [customer, text] of [["c-1", "c-1"], [4111111111111111, "4111111111111111"], ['a"b', 'a"b']] as const) {
    const shut = decoderFor(), open = decoderFor(true), hash = customerHashOf(text);
    assert.strictEqual(read(shut, { customer_id: customer }).customerHash, hash);
    assert.strictEqual(read(open, { customer_id: customer }).customerHash, hash);
    assert.deepStrictEqual([shut.customers.textOf(hash), open.customers.textOf(hash)], [undefined, text]);
  }
});
