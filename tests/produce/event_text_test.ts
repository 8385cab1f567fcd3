import assert from "node:assert/strict";
import { parseFieldMap } from "../../src/domain/field_map.ts";
import { decodeTransaction } from "../../src/domain/transaction.ts";
import { EventText } from "../../src/produce/event_text.ts";
import { Dice, eventText } from "../domain/event_maker.ts";

const SEED = 20_261_128;

Deno.test("EventText.with() changes the value that readers take, and leaves every other byte as it is", () => {
  const cases: [text: string, key: string, value: string, changed: string][] = [
    ['{"a":1}', "a", "2", '{"a":2}'],
    [' {"a" : 1 , "b":[1,{"a":3}],"c":"}\\"]"}\n', "c", "null", ' {"a" : 1 , "b":[1,{"a":3}],"c":null}\n'],
    ['{"a":1,"a":2,"b":3}', "a", "9", '{"a":1,"a":9,"b":3}'],
    ['{"\\u0061":1}', "a", '"x"', '{"\\u0061":"x"}'],
    ['{"n":36020776426567000001,"a":1}', "b", "true", '{"n":36020776426567000001,"a":1,"b":true}'],
    ['{"a":{"b":"{"},"b":[]}', "b", "0", '{"a":{"b":"{"},"b":0}'],
    ['{"a":-1.5e3 }', "a", "1", '{"a":1 }'],
  ];
  for (const [text, key, value, changed] of cases) {
    assert.strictEqual(String(EventText.parse(text).with(key, value)), changed);
  }
});

Deno.test("EventText.parse() keeps any event as written, and knows its values as JSON.parse does", () => {
  const dice = new Dice(SEED), map = parseFieldMap(undefined);
  let seen = 0;
  for (let run = 0; run < 1_000; run++) {
    const text = eventText(dice, map);
    if ("reason" in decodeTransaction(new TextEncoder().encode(text), map, 0)) continue;
    const event = EventText.parse(text), whole: Record<string, unknown> = JSON.parse(text);
    assert.strictEqual(String(event), text, `seed ${SEED}, run ${run}`);
    for (const [key, value] of Object.entries(whole)) {
      assert.deepStrictEqual(JSON.parse(event.valueOf(key) ?? ""), value);
    }
    assert.deepStrictEqual(JSON.parse(String(event.with("amount", "7"))), { ...whole, amount: 7 });
    seen++;
  }
  assert.ok(seen > 200, `${seen} events`);
});

Deno.test("EventText.parse() refuses what is no object with members", () => {
  for (const text of ["", "{", "{}", "[]", '["a"]', '"a"', "1", "null"]) {
    assert.throws(() => EventText.parse(text), SyntaxError, text);
  }
});
