import assert from "node:assert/strict";
import { toFailure } from "../../src/actor/mod.ts";
import { RecordCrash, Suspects } from "../../src/stream/suspects.ts";

Deno.test("Suspects.crashed() has the records of a first crash read one by one, and none poisoned", () => {
  const suspects = new Suspects();
  suspects.crashed(3, { from: 100, to: 199 });
  assert.deepStrictEqual(suspects.cautionFor(3), { careful: { from: 100, to: 199 }, poison: [] });
  assert.deepStrictEqual(suspects.cautionFor(4), { careful: undefined, poison: [] });
});

Deno.test("Suspects.crashed() poisons a record that crashes alone after it was under suspicion, at both ends of the span", () => {
  for (const offset of [100, 199]) {
    const suspects = new Suspects();
    suspects.crashed(0, { from: 100, to: 199 });
    suspects.crashed(0, { from: offset, to: offset });
    assert.deepStrictEqual(suspects.cautionFor(0), { careful: { from: 100, to: 199 }, poison: [offset] });
  }
});

Deno.test("Suspects.crashed() does not poison a record at its first crash, though it was read alone", () => {
  const suspects = new Suspects();
  suspects.crashed(0, { from: 100, to: 199 });
  suspects.crashed(0, { from: 200, to: 200 });
  assert.deepStrictEqual(suspects.cautionFor(0), { careful: { from: 200, to: 200 }, poison: [] });
});

Deno.test("RecordCrash.spanOf() reads its records from plain data, and nothing from another failure", () => {
  const failure = toFailure(new RecordCrash({ from: 7, to: 9 }, new TypeError("Cannot add")));
  assert.deepStrictEqual([RecordCrash.spanOf(failure), RecordCrash.spanOf(toFailure(new TypeError("x")))], [
    { from: 7, to: 9 },
    undefined,
  ]);
});
