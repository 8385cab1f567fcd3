import assert from "node:assert/strict";
import { CANONICAL_FIELDS, parseFieldMap } from "../../src/domain/field_map.ts";

const CARD_FRAUD = "amount=amt,timestamp=unix_time,region=state,lat=merch_lat,lon=merch_long,customer_id=cc_num";

Deno.test("parseFieldMap() maps nothing for undefined or blank text", () => {
  for (const text of [undefined, "", "  "]) {
    assert.deepStrictEqual(Object.entries(parseFieldMap(text).names), CANONICAL_FIELDS.map((field) => [field, field]));
  }
});

Deno.test("parseFieldMap() maps the named fields, takes spaces off, and leaves the others", () => {
  const { names } = parseFieldMap(" amount = amt ,timestamp=a=b,region=Bundesland ü");
  assert.deepStrictEqual(
    [names.amount, names.timestamp, names.region, names.category],
    ["amt", "a=b", "Bundesland ü", "category"],
  );
});

Deno.test("parseFieldMap() refuses what it cannot map, saying what is allowed", () => {
  const refusals: [string, RegExp][] = [
    ["amout=amt", /unknown field "amout", allowed are transaction_id, timestamp, .*is_fraud$/],
    ["amount=a,amount=b", /amount is mapped twice, each field may be mapped once$/],
    ["amount=", /"amount=" is not of the form field=name, both not empty$/],
    ["=amt", /"=amt" is not of the form/],
    ["amount", /"amount" is not of the form/],
    ["amount=amt,", /"" is not of the form/],
  ];
  for (const [text, message] of refusals) assert.throws(() => parseFieldMap(text), { name: "SyntaxError", message });
});

Deno.test("FieldMap.hash changes with the meaning of a mapping and not with its spelling", () => {
  const hash = (text?: string): string => parseFieldMap(text).hash;
  assert.match(hash(CARD_FRAUD), /^[0-9a-f]{8}$/);
  assert.equal(hash("lat=a,lon=b"), hash(" lon=b, lat=a,amount=amount"));
  assert.equal(hash(), hash("amount=amount"));
  const distinct = [undefined, CARD_FRAUD, "lat=a", "lon=a", "lat=b", "lat=lon,lon=lat", "lat=a,lon=b", "lat=b,lon=a"];
  assert.equal(new Set(distinct.map(hash)).size, distinct.length);
});

Deno.test("FieldMap.hash is the same in every process", () => {
  assert.deepStrictEqual([parseFieldMap(undefined).hash, parseFieldMap("amount=amt").hash], HASHES);
});

/** In checkpoints that exist: a change here makes every one of them a changed mapping. */
const HASHES = ["6d0b1a6d", "038bf3d6"];
