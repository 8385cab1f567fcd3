/**
 * The laws that every store keeps, run against each of them by its own test file.
 *
 * `open` gives an empty store of its own to every test; the test disposes of it.
 */
import assert from "node:assert/strict";
import type { FieldValue, Point } from "../../src/domain/point.ts";
import type { PointQuery, Store } from "../../src/stream/store.ts";

/** Where stores are allowed to differ. */
export interface StoreContractOptions {
  /** Whether a field that a rewrite leaves out is forgotten or keeps its old value. @default "forgotten" */
  readonly leftOutField?: "forgotten" | "kept";
}

const T0 = Date.UTC(2024, 0, 1);

/** Tag values that break naive quoting, each with a name for the report. */
export const HOSTILE_TAG_VALUES: readonly (readonly [name: string, value: string])[] = [
  ["empty", ""],
  ["a space", " "],
  ["spaces around", "  a  "],
  ["quotes", `it's "quoted" \`twice\` ''`],
  ["a comma", "a,b"],
  ["an equals sign", "a=b"],
  ["a line protocol injection", "a f=1i 1\ntransactions_avg,category=evil f=1i"],
  ["a query injection", "' OR 1=1; DROP MEASUREMENT transactions_avg; --"],
  ["a query comment", "a -- b /* c */"],
  ["a regular expression", "/.*/"],
  ["a line feed", "a\nb"],
  ["a line feed at the end", "a\n"],
  ["a backslash and n", "a\\nb"],
  ["carriage return, tab and NUL", "a\rb\tc\0d"],
  ["a backslash", "a\\b"],
  ["a backslash before a comma", "a\\,b"],
  ["a backslash at the end", "a\\"],
  ["two backslashes at the end", "a\\\\"],
  ["only a backslash", "\\"],
  ["a backslash and a zero-width space at the end", "a\\\u200b"],
  ["a zero-width space", "a\u200bb\u200b"],
  ["a picture of a line feed", "a␊b\u200b␊"],
  ["an emoji", "👩‍👩‍👧‍👦😀"],
  ["combining and composed", "e\u0301é"],
  ["line separators", "a\u2028b\u2029c\u0085d"],
  ["a byte order mark", "\ufeffa"],
  ["a name of Object.prototype", "__proto__"],
  ["another name of Object.prototype", "constructor"],
  ["a number", "1e3"],
  ["SQL null", "NULL"],
  ["a long name", `long ${"x".repeat(10_000)}`],
];

/** A point of `transactions_avg` with every field, distinct for each `n`. */
export function avgPoint(n: number, over: Partial<Point> = {}): Point {
  return {
    measurement: "transactions_avg",
    tags: { category: "grocery_pos", window: "60s" },
    timeMs: T0 + n * 5_000,
    fields: {
      avg_amount: n + 0.1,
      transaction_count: n,
      amount_sum: n * 1.1,
      amount_min: -n / 3,
      amount_max: n * 1e9 + 0.3,
      amount_stddev: n / 7,
      amount_p50: n,
      amount_p95: n + 0.5,
      amount_p99: n + 0.25,
      transactions_per_minute: n,
      fraud_count: n,
      fraud_rate: 1 / (n + 3),
      fraud_amount: 0,
      unique_customers: n * 2,
      anomaly_score: -n - 0.7,
      final: n % 2 === 0,
    },
    ...over,
  };
}

function categoryPoint(category: string, timeMs = T0): Point {
  return avgPoint(1, { tags: { category, window: "60s" }, timeMs });
}

async function readAll(store: Store, query: PointQuery): Promise<readonly Point[]> {
  return await Array.fromAsync(store.read(query));
}

async function writeAll(store: Store, points: readonly Point[]): Promise<void> {
  assert.deepStrictEqual((await store.write(points)).refused, []);
}

const AVG: PointQuery = { measurement: "transactions_avg" };

/** Registers one test for each law of `Store`. */
export function storeContract(name: string, open: () => Promise<Store>, options: StoreContractOptions = {}): void {
  const law = (text: string, run: (store: Store) => Promise<void>) =>
    Deno.test(`${name} ${text}`, async () => {
      await using store = await open();
      await run(store);
    });
  valueLaws(law);
  rewriteLaws(law, options.leftOutField ?? "forgotten");
  readLaws(law);
  nameLaws(law);
  tagValueLaws(law);
  sizeLaws(law);
  removalLaws(law);
}

type Law = (text: string, run: (store: Store) => Promise<void>) => void;

function valueLaws(law: Law): void {
  law("reads back what was written, every measurement and kind of field", async (store) => {
    const points: Point[] = [
      avgPoint(3),
      {
        measurement: "transactions_total",
        tags: { category: "a", region: "NY" },
        timeMs: T0,
        fields: { transaction_count: 2, amount_sum: 3, lat: -40.5, lon: 70, final: false },
      },
      {
        measurement: "transactions_anomaly",
        tags: { category: "a", metric: "avg_amount", region: "" },
        timeMs: T0 + 1,
        fields: { score: 4, value: 1.5, message: 'high: "4.0", \\ a,b=c\nnext\\' },
      },
      {
        measurement: "tally_partition",
        tags: { partition: "11" },
        timeMs: T0,
        fields: { lag: 0, position: 2 ** 53 - 1 },
      },
    ];
    await writeAll(store, points);
    for (const point of points) {
      assert.deepStrictEqual(await readAll(store, { measurement: point.measurement }), [point]);
    }
  });

  law("keeps floats to the bit and integers to 2^53 - 1", async (store) => {
    const floats = [
      0,
      -0,
      0.1,
      1 / 3,
      5e-324,
      2.2250738585072014e-308,
      1.7976931348623157e308,
      1e21,
      1e-7,
      -123456789.123,
      2 ** 53 + 2,
    ];
    const integers = [0, 1, -1, Number.MAX_SAFE_INTEGER, Number.MIN_SAFE_INTEGER];
    const points = floats.map((amount_sum, i) =>
      avgPoint(i, { fields: { amount_sum, transaction_count: integers[i % integers.length] ?? 0 } })
    );
    await writeAll(store, points);
    assert.deepStrictEqual(await readAll(store, AVG), points);
  });

  law(
    "keeps a float that looks like an integer in a field that held a fraction, and the other way round",
    async (store) => {
      const points = [1.5, 2, 3.5].map((avg_amount, i) => avgPoint(i, { fields: { avg_amount } }));
      for (const point of points) await writeAll(store, [point]);
      assert.deepStrictEqual(await readAll(store, AVG), points);
    },
  );

  law("leaves a field absent that was never written", async (store) => {
    const points = [avgPoint(0, { fields: { transaction_count: 0, final: true } }), avgPoint(1)];
    await writeAll(store, points);
    assert.deepStrictEqual(await readAll(store, AVG), points);
  });

  law("refuses by name a point that no store can hold, and writes the rest", async (store) => {
    const bad: readonly (readonly [field: string, value: FieldValue])[] = [
      ["avg_amount", NaN],
      ["amount_sum", Infinity],
      ["amount_min", -Infinity],
      ["transaction_count", 1.5],
      ["transaction_count", NaN],
      ["transaction_count", 2 ** 53],
      ["final", 1],
      ["avg_amount", "1"],
      ["no_such_field", 1],
    ];
    const refused = bad.map(([field, value], i) => avgPoint(i, { fields: { fraud_count: 1, [field]: value } }));
    const good = [avgPoint(100), avgPoint(101)];
    const result = await store.write([good[0], ...refused, good[1]].flatMap((point) => point ?? []));
    assert.deepStrictEqual(result.refused.map(({ point }) => point), refused);
    result.refused.forEach(({ reason }, i) => assert.ok(reason.includes(bad[i]?.[0] ?? "?"), reason));
    assert.deepStrictEqual(await readAll(store, AVG), good);
  });
}

function rewriteLaws(law: Law, leftOutField: "forgotten" | "kept"): void {
  law("amend() adds fields to points that are there and leaves the rest of them as it is", async (store) => {
    const [first, second, third] = [0, 1, 2].map((n) => avgPoint(n, { fields: { avg_amount: n, final: true } }));
    assert.ok(first && second && third);
    await writeAll(store, [first, second, third]);
    const scored = (point: Point, anomaly_score: number): Point => ({ ...point, fields: { anomaly_score } });
    await store.amend([]);
    await store.amend([scored(first, 0.25), scored(third, 1)]);
    await store.amend([scored(first, 0.5)]);
    const found = await readAll(store, AVG);
    assert.deepStrictEqual(found.map(({ fields }) => fields["anomaly_score"]), [0.5, undefined, 1]);
    assert.deepStrictEqual(found.map(({ fields: { anomaly_score: _score, ...fields } }) => fields), [
      first.fields,
      second.fields,
      third.fields,
    ]);
    await assert.rejects(store.amend([scored(first, NaN)]), TypeError);
  });

  law("replaces a point that is written again, and never adds one", async (store) => {
    const first = avgPoint(1), second = { ...first, fields: avgPoint(2).fields };
    await writeAll(store, [first]);
    await writeAll(store, [second]);
    await writeAll(store, [second]);
    assert.deepStrictEqual(await readAll(store, AVG), [second]);
  });

  law("keeps the last of two points of one name in one write", async (store) => {
    const first = avgPoint(1), second = { ...first, fields: avgPoint(2).fields };
    await writeAll(store, [first, second]);
    assert.deepStrictEqual(await readAll(store, AVG), [second]);
  });

  law(`a rewrite without a field leaves it ${leftOutField}`, async (store) => {
    const first = avgPoint(1, { fields: { avg_amount: 1.5, final: false } });
    await writeAll(store, [first]);
    await writeAll(store, [{ ...first, fields: { final: true } }]);
    const fields = leftOutField === "kept" ? { avg_amount: 1.5, final: true } : { final: true };
    assert.deepStrictEqual(await readAll(store, AVG), [{ ...first, fields }]);
  });

  law("a point of another window, category, time or measurement is another point", async (store) => {
    const point = avgPoint(1, { fields: { transaction_count: 1 } });
    const others = [
      { ...point, tags: { category: "b", window: "60s" } },
      { ...point, tags: { category: "grocery_pos", window: "90s" } },
      { ...point, timeMs: point.timeMs + 1 },
    ];
    const total: Point = { ...point, measurement: "transactions_total", tags: { category: "b", region: "60s" } };
    await writeAll(store, [point, ...others, total]);
    assert.strictEqual((await readAll(store, AVG)).length, 4);
    assert.deepStrictEqual(await readAll(store, { measurement: "transactions_total" }), [total]);
  });
}

function readLaws(law: Law): void {
  law("reads in the order of time, then tags in the order of the schema, by code point", async (store) => {
    // By UTF-16 code unit the emoji would come before the fullwidth tilde.
    const categories = ["", "B", "a", "ab", "b", "é", "～", "😀"];
    const points = [T0, T0 + 1].flatMap((timeMs) =>
      categories.flatMap((category) =>
        ["5s", "60s"].map((window) => avgPoint(1, { timeMs, tags: { category, window } }))
      )
    );
    const shuffled = points.map((point, i) => ({ point, key: (i * 7) % points.length })).sort((a, b) => a.key - b.key);
    await writeAll(store, shuffled.map(({ point }) => point));
    assert.deepStrictEqual(await readAll(store, AVG), points);
  });

  law("reads from inclusive, to exclusive", async (store) => {
    const points = [0, 1, 2, 3].map((n) => categoryPoint("a", T0 + n));
    await writeAll(store, points);
    const read = (range: Partial<PointQuery>) => readAll(store, { ...AVG, ...range });
    assert.deepStrictEqual(await read({ fromMs: T0 + 1, toMs: T0 + 3 }), points.slice(1, 3));
    assert.deepStrictEqual(await read({ fromMs: T0 + 3 }), points.slice(3));
    assert.deepStrictEqual(await read({ toMs: T0 }), []);
    assert.deepStrictEqual(await read({ fromMs: T0 + 2, toMs: T0 + 2 }), []);
    assert.deepStrictEqual(await read({ fromMs: T0 + 3, toMs: T0 }), []);
  });

  law("reads the first and the last instant that a transaction may have", async (store) => {
    const points = [0, Date.UTC(2261, 11, 31, 23, 59, 59, 999)].map((timeMs) => categoryPoint("a", timeMs));
    await writeAll(store, points);
    assert.deepStrictEqual(await readAll(store, AVG), points);
  });

  law("reads only points that have the tag values asked for", async (store) => {
    const points = ["a", "b"].flatMap((category) =>
      ["5s", "60s"].map((window) => avgPoint(1, { tags: { category, window } }))
    );
    await writeAll(store, points);
    const read = (tags: Record<string, string>) => readAll(store, { ...AVG, tags });
    assert.deepStrictEqual(await read({ category: "a" }), points.slice(0, 2));
    assert.deepStrictEqual(await read({ category: "b", window: "60s" }), points.slice(3));
    assert.deepStrictEqual(await read({ category: "none" }), []);
    assert.deepStrictEqual(await read({}), points);
  });

  law("reads the newest `limit` points, in order, also where the limit cuts through one instant", async (store) => {
    const points = [0, 1, 2].flatMap((n) => ["a", "b", "c"].map((category) => categoryPoint(category, T0 + n)));
    await writeAll(store, points);
    for (const limit of [1, 2, 3, 4, 5, 8, 9, 10]) {
      assert.deepStrictEqual(await readAll(store, { ...AVG, limit }), points.slice(-limit), `limit ${limit}`);
    }
    const ranged = await readAll(store, { ...AVG, limit: 2, toMs: T0 + 1, tags: { category: "b" } });
    assert.deepStrictEqual(ranged, [points[1]]);
  });

  law("reads nothing from a store that holds nothing", async (store) => {
    assert.deepStrictEqual(await readAll(store, AVG), []);
    assert.deepStrictEqual(await readAll(store, { ...AVG, limit: 5 }), []);
  });

  law("a reader may stop early and read again", async (store) => {
    const points = [0, 1, 2].map((n) => avgPoint(n));
    await writeAll(store, points);
    for await (const point of store.read(AVG)) {
      assert.deepStrictEqual(point, points[0]);
      break;
    }
    assert.deepStrictEqual(await readAll(store, AVG), points);
  });
}

function nameLaws(law: Law): void {
  for (const [name, value] of HOSTILE_TAG_VALUES) {
    law(`keeps and finds a tag value that is ${name}`, async (store) => {
      const neighbour = categoryPoint(`${value}.`), point = categoryPoint(value);
      await writeAll(store, [point, neighbour]);
      assert.deepStrictEqual(await readAll(store, { ...AVG, tags: { category: value } }), [point]);
      assert.strictEqual((await readAll(store, AVG)).length, 2);
    });
  }

  law("keeps all hostile tag values apart in one write", async (store) => {
    const points = HOSTILE_TAG_VALUES.map(([, value]) => categoryPoint(value));
    await writeAll(store, points);
    const categories = (await readAll(store, AVG)).map(({ tags }) => tags["category"]);
    assert.deepStrictEqual(categories.toSorted(), HOSTILE_TAG_VALUES.map(([, value]) => value).toSorted());
    const listed = await store.tagValues({ measurement: "transactions_avg", tag: "category", limit: 1_000 });
    assert.deepStrictEqual(listed.filter((value) => value !== "").toSorted(), categories.filter(Boolean).toSorted());
  });
}

function tagValueLaws(law: Law): void {
  law("lists the values of a tag, sorted and at most `limit`", async (store) => {
    const categories = ["b", "a", "c", "😀", "～"];
    await writeAll(store, categories.flatMap((category) => [categoryPoint(category), categoryPoint(category, T0 + 1)]));
    const list = (tag: string, limit: number) => store.tagValues({ measurement: "transactions_avg", tag, limit });
    assert.deepStrictEqual(await list("category", 6), ["a", "b", "c", "～", "😀"]);
    assert.deepStrictEqual(await list("category", 5), ["a", "b", "c", "～", "😀"]);
    assert.deepStrictEqual(await list("category", 4), ["a", "b", "c", "～"]);
    assert.deepStrictEqual(await list("category", 1), ["a"]);
    assert.deepStrictEqual(await list("window", 10), ["60s"]);
  });

  law("lists no tag values of a measurement that holds nothing", async (store) => {
    await writeAll(store, [categoryPoint("a")]);
    assert.deepStrictEqual(
      await store.tagValues({ measurement: "transactions_total", tag: "category", limit: 10 }),
      [],
    );
  });
}

function sizeLaws(law: Law): void {
  law("writes 5,001 points at once and reads every one of them", async (store) => {
    const points = Array.from({ length: 5_001 }, (_, n) => avgPoint(n));
    await writeAll(store, points);
    assert.deepStrictEqual(await readAll(store, AVG), points);
    assert.deepStrictEqual(await readAll(store, { ...AVG, limit: 5_000 }), points.slice(1));
  });

  law("an empty write is answered and writes nothing", async (store) => {
    await writeAll(store, []);
    assert.deepStrictEqual(await readAll(store, AVG), []);
  });

  law("answers a ping", (store) => store.ping());
}

function removalLaws(law: Law): void {
  law("removes what is older than a time, to the millisecond, of one measurement only", async (store) => {
    const old = [categoryPoint("a"), categoryPoint("b", T0 + 999)], kept = [categoryPoint("a", T0 + 1_000)];
    const other: Point = {
      measurement: "transactions_hourly",
      tags: { category: "a", region: "CA" },
      timeMs: T0,
      fields: { transaction_count: 1 },
    };
    await writeAll(store, [...old, ...kept, other]);
    await store.remove({ measurement: "transactions_avg", beforeMs: T0 + 1_000 });
    assert.deepStrictEqual(await readAll(store, AVG), kept);
    assert.deepStrictEqual(await readAll(store, { measurement: "transactions_hourly" }), [other]);
  });

  law("removes nothing where nothing is", async (store) => {
    await store.remove({ measurement: "transactions_avg", beforeMs: T0 });
    assert.deepStrictEqual(await readAll(store, AVG), []);
  });
}
