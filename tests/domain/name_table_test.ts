import assert from "node:assert/strict";
import { NameTable, NO_NAME, OTHER, OTHER_ID } from "../../src/domain/name_table.ts";

Deno.test("NameTable gives ids to OTHER, the reserved, the admitted and the first come, in this order", () => {
  const table = new NameTable({ capacity: 3, reserved: ["unknown"], admitted: ["TX", "CA"] });
  assert.deepStrictEqual(
    [OTHER, "unknown", "TX", "CA", "New York", "TX", "New York"].map((name) => table.intern(name)),
    [OTHER_ID, 1, 2, 3, 4, 2, 4],
  );
  assert.deepStrictEqual(Array.from({ length: table.size }, (_, id) => table.nameOf(id)), [
    OTHER,
    "unknown",
    "TX",
    "CA",
    "New York",
  ]);
});

Deno.test("NameTable.intern() answers OTHER for each name past capacity, counts it, and still knows the others", () => {
  const table = new NameTable({ capacity: 2, reserved: ["unknown"] });
  assert.deepStrictEqual(["a", "b", "c", "c", "b", "unknown"].map((name) => table.intern(name)), [
    2,
    3,
    0,
    0,
    3,
    1,
  ]);
  assert.deepStrictEqual([table.overflowed, table.size], [2, 4]);
});

Deno.test("NameTable does not count names admitted past capacity as traffic", () => {
  const table = new NameTable({ capacity: 1, admitted: ["a", "b"] });
  assert.deepStrictEqual([table.overflowed, table.size, table.intern("b"), table.overflowed], [0, 2, OTHER_ID, 1]);
});

Deno.test("NameTable.intern() refuses names that are empty, over 128 bytes or have control characters", () => {
  const table = new NameTable({ capacity: 10 });
  for (const name of ["", "a".repeat(129), "é".repeat(64) + "a", "\0", "a\n", "\x1f", "\x7f", "a\x80", "\x9fa"]) {
    assert.equal(table.intern(name), NO_NAME, JSON.stringify(name));
  }
  for (const name of ["a", "a".repeat(128), "é".repeat(64), " ", "\xa0", "Â", "日本"]) {
    assert.equal(table.nameOf(table.intern(name)), name);
  }
});

Deno.test("NameTable.intern() keeps many names of the same beginnings apart", () => {
  const table = new NameTable({ capacity: 30_000 });
  const names = Array.from({ length: 30_000 }, (_, index) => `${"x".repeat(index % 120)}${index}`);
  const ids = names.map((name) => table.intern(name));
  assert.deepStrictEqual(names.map((name) => table.intern(name)), ids);
  assert.deepStrictEqual(ids.map((id) => table.nameOf(id)), names);
  assert.equal(table.overflowed, 0);
});

Deno.test("NameTable refuses a capacity outside 1-30000 and admitted names that are not usable", () => {
  for (const capacity of [0, 30_001, 1.5, NaN, -1]) {
    assert.throws(() => new NameTable({ capacity }), { name: "RangeError", message: new RegExp(`got ${capacity}$`) });
  }
  assert.throws(() => new NameTable({ capacity: 1, admitted: ["a\n"] }), {
    name: "RangeError",
    message: /got "a\\n"$/,
  });
});

Deno.test("NameTable.nameOf() refuses ids that were never given out", () => {
  const table = new NameTable({ capacity: 1 });
  for (const id of [-1, 1, 0.5]) {
    assert.throws(() => table.nameOf(id), { name: "RangeError", message: /ids are 0 to 0/ });
  }
});
