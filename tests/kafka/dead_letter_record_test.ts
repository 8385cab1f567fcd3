import assert from "node:assert/strict";
import { toLetter, toRecord } from "../../src/kafka/dead_letter_record.ts";
import type { DeadLetter } from "../../src/stream/dead_letters.ts";

const LETTER: DeadLetter = {
  reason: "invalid",
  detail: "amount: not finite",
  topic: "transactions",
  partition: 3,
  offset: 2 ** 40,
  timeMs: 0,
  value: new Uint8Array([0, 255]),
};

Deno.test("toRecord() names the letter in its key, its group in a header, and keeps the value as it was", () => {
  const record = toRecord(LETTER, "tally");
  assert.equal(new TextDecoder().decode(record.key ?? undefined), "transactions:3:1099511627776");
  assert.deepEqual([record.value, record.headers?.["group"]], [LETTER.value, "tally"]);
});

Deno.test("toLetter() reads back what toRecord() wrote, with its own copy of the value", () => {
  for (const letter of [LETTER, { ...LETTER, timeMs: undefined, value: null }]) {
    const { headers = {}, value } = toRecord(letter, "tally");
    const back = toLetter({ headers, value });
    assert.deepEqual(back, letter);
    assert.notEqual(back?.value?.buffer, LETTER.value?.buffer);
  }
});

Deno.test("toLetter() is undefined for a record that is no dead letter", () => {
  const { headers = {} } = toRecord(LETTER, "tally");
  const bad = [{}, { ...headers, reason: "other" }, { ...headers, partition: "x" }, { ...headers, offset: "1.5" }];
  for (const one of bad) assert.equal(toLetter({ headers: one, value: null }), undefined);
});
