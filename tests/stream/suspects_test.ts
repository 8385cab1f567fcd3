import assert from "node:assert/strict";
import { toFailure } from "../../src/actor/mod.ts";
import { RecordCrash, Suspects } from "../../src/stream/suspects.ts";

Deno.test("Suspects.crashed() has the records of a first crash read one by one, and none poisoned", () => {
  const suspects = new Suspects();
  suspects.crashed(3, { from: 100, to: 199 });
  assert.deepStrictEqual(suspects.cautionFor(3, 0), { careful: { from: 100, to: 199 }, poison: [] });
  assert.deepStrictEqual(suspects.cautionFor(4, 0), { careful: undefined, poison: [] });
});

Deno.test("Suspects.crashed() poisons a record that crashes alone after it was under suspicion, at both ends of the span", () => {
  for (const offset of [100, 199]) {
    const suspects = new Suspects();
    suspects.crashed(0, { from: 100, to: 199 });
    suspects.crashed(0, { from: offset, to: offset });
    assert.deepStrictEqual(suspects.cautionFor(0, 0), { careful: undefined, poison: [offset] });
  }
});

Deno.test("Suspects.crashed() does not poison a record at its first crash, though it was read alone", () => {
  const suspects = new Suspects();
  suspects.crashed(0, { from: 100, to: 199 });
  suspects.crashed(0, { from: 200, to: 200 });
  assert.deepStrictEqual(suspects.cautionFor(0, 0), { careful: { from: 200, to: 200 }, poison: [] });
});

Deno.test("Suspects.crashed() wants two crashes of each record, however close they stand", () => {
  const suspects = new Suspects();
  suspects.crashed(0, { from: 100, to: 199 });
  suspects.crashed(0, { from: 120, to: 120 });
  suspects.crashed(0, { from: 100, to: 199 });
  assert.deepStrictEqual(suspects.cautionFor(0, 0).poison, [120]);
  suspects.crashed(0, { from: 121, to: 121 });
  assert.deepStrictEqual(suspects.cautionFor(0, 0).poison, [120, 121]);
});

Deno.test("Suspects.cautionFor() forgets poison before the offset that reading begins at, and keeps that at it", () => {
  const suspects = new Suspects();
  for (const offset of [7, 8]) {
    suspects.crashed(0, { from: 0, to: 9 });
    suspects.crashed(0, { from: offset, to: offset });
  }
  assert.deepStrictEqual(suspects.cautionFor(0, 8).poison, [8]);
  assert.deepStrictEqual(suspects.cautionFor(0, 0).poison, [8]);
});

Deno.test("RecordCrash.spanOf() reads its records from plain data, and nothing from another failure", () => {
  const failure = toFailure(new RecordCrash({ from: 7, to: 9 }, new TypeError("Cannot add")));
  assert.deepStrictEqual([RecordCrash.spanOf(failure), RecordCrash.spanOf(toFailure(new TypeError("x")))], [
    { from: 7, to: 9 },
    undefined,
  ]);
});
