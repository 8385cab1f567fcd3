import assert from "node:assert/strict";
import { customerHashOf, emptyRow, type Row, TransactionDecoder } from "../../src/domain/decoder.ts";
import { parseFieldMap } from "../../src/domain/field_map.ts";
import { NameTable, OTHER } from "../../src/domain/name_table.ts";
import { UNKNOWN_REGION } from "../../src/domain/transaction.ts";

const CARD_FRAUD = "amount=amt,timestamp=unix_time,region=state,lat=merch_lat,lon=merch_long,customer_id=cc_num";

function decoderFor(map?: string, capacity = 100): TransactionDecoder {
  return new TransactionDecoder(parseFieldMap(map), {
    categories: new NameTable({ capacity }),
    regions: new NameTable({ capacity, reserved: [UNKNOWN_REGION] }),
  });
}

function read(decoder: TransactionDecoder, text: string): Row {
  const row = emptyRow();
  const bytes = new TextEncoder().encode(text);
  decoder.decode({ view: new DataView(bytes.buffer), valueStart: 0, valueEnd: bytes.length, timestampMs: 5_000 }, row);
  return row;
}

const CANONICAL = {
  transaction_id: "9f1c",
  timestamp: "2026-09-21T14:13:20.500Z",
  customer_id: "customer-1",
  merchant: "Müller & Söhne, 東京",
  category: "grocery_pos",
  amount: 12.34,
  currency: "USD",
  region: "CA",
  lat: 37.774929,
  lon: -122.41941550000001,
  is_fraud: true,
};

/** What the module gives a merchant; which number it is means nothing. */
function merchantHashOf(merchant: string): number {
  const { merchantHash } = read(decoderFor(), JSON.stringify({ category: "a", amount: 1, merchant }));
  assert.notStrictEqual(merchantHash, 0);
  return merchantHash;
}

const MERCHANT = merchantHashOf(CANONICAL.merchant);

const CANONICAL_ROW: Row = {
  occurredAtMs: Date.UTC(2026, 8, 21, 14, 13, 20, 500),
  amount: 12.34,
  isFraud: 1,
  categoryId: 1,
  regionId: 2,
  customerHash: customerHashOf("customer-1"),
  merchantHash: MERCHANT,
  lat: 37.774929,
  lon: -122.41941550000001,
  invalid: undefined,
};

Deno.test("TransactionDecoder.decode() reads events as producers write them without the oracle", () => {
  const decoder = decoderFor();
  const compact = JSON.stringify(CANONICAL);
  const backwards = JSON.stringify(Object.fromEntries(Object.entries(CANONICAL).reverse()));
  const spaced = JSON.stringify(CANONICAL, null, 2);
  const python = spaced.replaceAll(/\n */g, " ").replace("{ ", "{").replace(" }", "}");
  const unread = `{"extra":{"a":[1,{"b":null}],"c":"\\n"},${compact.slice(1)}`;
  for (const text of [compact, compact, backwards, spaced, python, python, ` ${compact}\r\n`, unread, compact]) {
    assert.deepStrictEqual(read(decoder, text), CANONICAL_ROW, text);
  }
  assert.equal(decoder.fallbacks, 0);
});

Deno.test("TransactionDecoder.decode() reads rows of the public card-fraud file without the oracle", () => {
  const decoder = decoderFor(CARD_FRAUD);
  const text =
    '{"":0,"trans_date_trans_time":"2025-01-01 00:26:00","cc_num":36020776426567,"merchant":"fraud_Mraz, Herzog",' +
    '"category":"gas_transport","amt":3.44,"state":"IL","zip":60304,"lat":41.8725,"long":-87.7877,"city_pop":51878,' +
    '"unix_time":1735691160,"merch_lat":41.745803,"merch_long":-87.734356,"is_fraud":0}';
  assert.deepStrictEqual(read(decoder, text), {
    occurredAtMs: 1_735_691_160_000,
    amount: 3.44,
    isFraud: 0,
    categoryId: 1,
    regionId: 2,
    customerHash: customerHashOf("36020776426567"),
    merchantHash: merchantHashOf("fraud_Mraz, Herzog"),
    lat: 41.745803,
    lon: -87.734356,
    invalid: undefined,
  });
  assert.equal(decoder.fallbacks, 0);
});

Deno.test("TransactionDecoder.decode() gives a row of the oracle the same ids and hashes", () => {
  const decoder = decoderFor();
  read(decoder, JSON.stringify(CANONICAL));
  const escaped = JSON.stringify(CANONICAL).replace("grocery_pos", "\\u0067rocery_pos").replace(
    "customer-1",
    "customer\\u002d1",
  );
  assert.deepStrictEqual(read(decoder, escaped), CANONICAL_ROW);
  assert.equal(decoder.fallbacks, 1);
});

Deno.test("TransactionDecoder.decode() takes a coordinate without its counterpart for none", () => {
  const { lat, lon } = read(decoderFor(), '{"category":"a","amount":1,"lat":1}');
  assert.deepStrictEqual([lat, lon], [NaN, NaN]);
});

Deno.test("TransactionDecoder.decode() places an event without a region by its coordinates, without the oracle", () => {
  const decoder = decoderFor(undefined, 3);
  const regionOf = (members: string): string =>
    decoder.regions.nameOf(read(decoder, `{"category":"a","amount":1,${members}}`).regionId);
  const denver = '"lat":39.74,"lon":-104.99', paris = '"lat":48.86,"lon":2.35', rome = '"lat":41.9,"lon":12.5';
  assert.deepStrictEqual([denver, `"region":null,${denver}`, `"region":"CO"`, '"lat":39.74'].map(regionOf), [
    ...["CO", "CO", "CO", UNKNOWN_REGION],
  ]);
  assert.deepStrictEqual([`"region":"FR",${paris}`, paris, rome, `"region":7,${rome}`].map(regionOf), [
    ...["FR", "geo:u09", OTHER, OTHER],
  ]);
  assert.deepStrictEqual([decoder.regions.overflowed, decoder.fallbacks], [2, 0]);
});

Deno.test("TransactionDecoder.decode() admits no name from an event that is invalid", () => {
  const decoder = decoderFor();
  for (const rest of ['"amount":"x"', '"amount":1,"timestamp":"x"', '"amount":1,"is_fraud":7']) {
    assert.notEqual(read(decoder, `{"category":"new","region":"new",${rest}}`).invalid, undefined);
  }
  assert.equal(read(decoder, '{"category":"a\\u0000","region":"new","amount":1}').invalid, "category");
  assert.deepStrictEqual([decoder.categories.size, decoder.regions.size], [1, 2]);
});

Deno.test("TransactionDecoder.decode() puts names past capacity under the other name, on both paths", () => {
  const decoder = decoderFor(undefined, 1);
  const names = ["a", "b", "\\u0062"].map((name) => {
    const row = read(decoder, `{"category":"${name}","region":"${name}","amount":1}`);
    return [decoder.categories.nameOf(row.categoryId), decoder.regions.nameOf(row.regionId)];
  });
  assert.deepStrictEqual(names, [["a", "a"], [OTHER, OTHER], [OTHER, OTHER]]);
  assert.deepStrictEqual([decoder.categories.overflowed, decoder.regions.overflowed], [2, 2]);
});

Deno.test("customerHashOf() tells customers apart and is never 0, which stands for none", () => {
  const hashes = Array.from({ length: 10_000 }, (_, index) => customerHashOf(String(index)));
  assert.ok(new Set(hashes).size > 9_995);
  assert.ok(!hashes.includes(0));
});
