import assert from "node:assert/strict";
import { encodeFilter, hashedName } from "../../src/stream/category_filter.ts";
import { seeded, seedOfRun } from "./seeded.ts";
import {
  type Checkpoint,
  CHECKPOINT_VERSION,
  decodeCheckpoint,
  encodeCheckpoint,
  initialCheckpoint,
  MAX_RAISES,
} from "../../src/stream/checkpoint.ts";
import { parseFieldMap } from "../../src/domain/field_map.ts";

const CONFIG = {
  slideMs: 5_000,
  windowMs: 60_000,
  latenessMs: 30_000,
  zeroFillMs: 60_000,
  fieldMap: parseFieldMap(undefined).hash,
};

const namesOf = (count: number) => Array.from({ length: count }, (_, index) => hashedName(`category ${index}`));
const FULL_FILTER = encodeFilter(namesOf(1_000), 0xffff_ffff);

/** A checkpoint with a time from `next` in every place that holds one, and counts as large as they get. */
function checkpointOf(next: () => number, raises: number): Checkpoint {
  const count = () => Number.isSafeInteger(next()) ? 0 : Number.MAX_SAFE_INTEGER;
  return {
    offset: count(),
    watermarkMs: next(),
    position: count(),
    highMs: next(),
    frontierMs: next(),
    sinceMs: next(),
    raises: Array.from({ length: raises }, () => ({ offset: count(), watermarkMs: next() })),
    ledger: {
      first: count(),
      counted: count(),
      late: count(),
      future: count(),
      invalid: count(),
      skipped: count(),
      amended: count(),
    },
    config: { ...CONFIG, slideMs: count(), windowMs: count(), latenessMs: count(), zeroFillMs: count() },
    hasLeft: next() > 0,
    holdMs: count(),
    share: { first: count(), end: count(), closedMs: next() },
    shown: { watermarkMs: next(), isIdle: next() > 0, filter: FULL_FILTER },
  };
}

const bytesOf = (text: string) => new TextEncoder().encode(text).length;

Deno.test("decodeCheckpoint(encodeCheckpoint()) gives the same numbers to the bit, infinities and fractions included", () => {
  const seed = seedOfRun();
  console.log("seed", seed);
  const random = seeded(seed);
  const special = [Infinity, -Infinity, 0, 1, -1, 0.1, 1 / 3, 2 ** 53 - 1, 5e-324, 1.7976931348623157e308, -1e-7];
  const next = () =>
    random() < 0.4
      ? special[Math.floor(random() * special.length)] ?? 0
      : (random() - 0.5) * 10 ** Math.floor(random() * 40 - 10);
  for (let round = 0; round < 500; round++) {
    const checkpoint = checkpointOf(next, Math.floor(random() * (MAX_RAISES + 1)));
    assert.deepStrictEqual(decodeCheckpoint(encodeCheckpoint(checkpoint)), checkpoint, `seed ${seed}, round ${round}`);
  }
});

Deno.test("encodeCheckpoint() stays under 4,096 bytes with 64 raises and the longest numbers there are", () => {
  const longest = -2.2250738585072014e-308;
  assert.ok(bytesOf(encodeCheckpoint(checkpointOf(() => longest, MAX_RAISES))) <= 4_096);
  assert.ok(bytesOf(encodeCheckpoint(checkpointOf(() => -Infinity, MAX_RAISES))) <= 4_096);
});

Deno.test("encodeCheckpoint() of a busy partition with a few raises is under 1,024 bytes", () => {
  const nowMs = 9_214_646_399_999;
  const typical = {
    ...checkpointOf(() => nowMs, 8),
    config: CONFIG,
    shown: { watermarkMs: nowMs, isIdle: false, filter: encodeFilter(namesOf(60), 0xffff_ffff) },
  };
  assert.ok(bytesOf(encodeCheckpoint(typical)) < 1_024);
});

Deno.test("encodeCheckpoint() names what DESIGN.md names, once each", () => {
  const named = Object.keys(JSON.parse(encodeCheckpoint(initialCheckpoint(0, CONFIG))));
  assert.deepStrictEqual(named.sort(), [
    "config",
    "frontier",
    "high",
    "ledger",
    "left",
    "offset",
    "position",
    "raises",
    "since",
    "version",
    "watermark",
  ]);
});

Deno.test("encodeCheckpoint() names what is shown to other processes only where there are any", () => {
  const shown = { watermarkMs: 1, isIdle: true, filter: "" }, share = { first: 0, end: 3, closedMs: -Infinity };
  const fields: unknown = JSON.parse(encodeCheckpoint({ ...initialCheckpoint(0, CONFIG), share, shown }));
  assert.deepStrictEqual(Object.entries(Object(fields)).slice(-2), [["share", [0, 3, "-Infinity"]], ["shown", [
    1,
    1,
    "",
  ]]]);
});

Deno.test("decodeCheckpoint() of metadata that is not ours is undefined", () => {
  const foreign = ["", " ", "null", "17", '"text"', "[]", '[{"version":1}]', "{}", '{"offset":1}', "{", "reset by ops"];
  for (const text of foreign) assert.strictEqual(decodeCheckpoint(text), undefined, text);
});

Deno.test("decodeCheckpoint() refuses another version by its number and names the cure", () => {
  const mine = JSON.parse(encodeCheckpoint(initialCheckpoint(0, CONFIG)));
  for (const version of [0, CHECKPOINT_VERSION + 1, "1", null, 1.5]) {
    assert.throws(() => decodeCheckpoint(JSON.stringify({ ...mine, version })), (error) => {
      assert.ok(error instanceof SyntaxError);
      assert.match(error.message, /^Cannot read checkpoint: version .*tally reset/);
      return true;
    });
  }
});

Deno.test("decodeCheckpoint() refuses damage in any of its parts", () => {
  const mine = JSON.parse(
    encodeCheckpoint({
      ...initialCheckpoint(0, CONFIG),
      raises: [{ offset: 1, watermarkMs: 2 }],
      holdMs: 1,
      share: { first: 0, end: 1, closedMs: 1 },
      shown: { watermarkMs: 1, isIdle: false, filter: "" },
    }),
  );
  const mayLack = ["hold", "share", "shown"];
  for (const name of Object.keys(mine).filter((key) => key !== "version" && key !== "left")) {
    const { [name]: _, ...without } = mine;
    for (
      const damaged of [
        ...(mayLack.includes(name) ? [] : [without]),
        ...[null, "x", {}, [], "NaN", true].map((value) => ({ ...mine, [name]: value })),
      ]
    ) {
      if (name === "raises" && Array.isArray(damaged[name])) continue; // No raises is nothing wrong.
      assert.throws(() => decodeCheckpoint(JSON.stringify(damaged)), SyntaxError, JSON.stringify(damaged));
    }
  }
  for (const raises of [[1], [[1]], [[1, null]], [["1", 2]]]) {
    assert.throws(() => decodeCheckpoint(JSON.stringify({ ...mine, raises })), SyntaxError, JSON.stringify(raises));
  }
  for (const cut of [-1, -2, -3, -4, -5]) {
    for (const list of ["ledger", "config"]) {
      const damaged = { ...mine, [list]: mine[list].slice(0, cut) };
      assert.throws(() => decodeCheckpoint(JSON.stringify(damaged)), SyntaxError, JSON.stringify(damaged));
    }
  }
});

Deno.test("decodeCheckpoint() takes an owner as gone only when it says so", () => {
  const mine = JSON.parse(encodeCheckpoint(initialCheckpoint(0, CONFIG)));
  const hasLeft = [true, false, undefined, 1, "true", null].map((left) =>
    decodeCheckpoint(JSON.stringify({ ...mine, left }))?.hasLeft
  );
  assert.deepStrictEqual(hasLeft, [true, false, false, false, false, false]);
});

Deno.test("initialCheckpoint() counts everything from its first offset, and covers all only from offset 0", () => {
  for (const [first, sinceMs] of [[0, -Infinity], [1, Infinity]] as const) {
    const { offset, position, ledger, raises, ...rest } = initialCheckpoint(first, CONFIG);
    assert.deepStrictEqual([offset, position, ledger.first, ledger.counted, raises, rest.sinceMs, rest.frontierMs], [
      first,
      first,
      first,
      0,
      [],
      sinceMs,
      -Infinity,
    ]);
  }
});
