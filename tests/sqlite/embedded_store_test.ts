import assert from "node:assert/strict";
import { DatabaseSync } from "node:sqlite";
import { systemClock } from "../../src/clock.ts";
import type { Point } from "../../src/domain/point.ts";
import { EmbeddedStore, type EmbeddedStoreOptions } from "../../src/sqlite/embedded_store.ts";
import { ConfigError, RetryableError } from "../../src/stream/failures.ts";
import type { Store } from "../../src/stream/store.ts";
import { temporaryFolder } from "./log_world.ts";

const T0 = Date.UTC(2025, 0, 1);

const total = (timeMs: number, category = "a", count = 1): Point => ({
  measurement: "transactions_total",
  tags: { category, region: "NY" },
  timeMs,
  fields: { transaction_count: count, final: true },
});

function openStore(options: Partial<EmbeddedStoreOptions> = {}) {
  const resources = new AsyncDisposableStack();
  const folder = resources.use(temporaryFolder());
  const open = (): Store => resources.use(new EmbeddedStore(folder.path, { clock: systemClock, ...options }));
  return { store: open(), open, path: folder.path, [Symbol.asyncDispose]: () => resources.disposeAsync() };
}

const readTotals = (store: Store) => Array.fromAsync(store.read({ measurement: "transactions_total" }));
const categories = (store: Store) =>
  store.tagValues({ measurement: "transactions_total", tag: "category", limit: 100 });

Deno.test("EmbeddedStore keeps what was written when it is opened again", async () => {
  await using world = openStore();
  await world.store.write([total(T0)]);
  await world.store[Symbol.asyncDispose]();
  assert.deepEqual(await readTotals(world.open()), [total(T0)]);
});

Deno.test("EmbeddedStore.remove() takes tag values along that nothing is left of, however many points go", async () => {
  await using world = openStore();
  await world.store.write(Array.from({ length: 45_000 }, (_, index) => total(T0 + index, "old")));
  await world.store.write([total(T0 + 50_000, "new")]);
  await world.store.remove({ measurement: "transactions_total", beforeMs: T0 + 44_999 });
  assert.deepEqual((await readTotals(world.store)).map(({ timeMs }) => timeMs - T0), [44_999, 50_000]);
  await world.store.remove({ measurement: "transactions_total", beforeMs: T0 + 45_000 });
  assert.deepEqual(await categories(world.store), ["new"]);
});

Deno.test("EmbeddedStore.write() holds the file near maxBytes by removing the oldest points", async () => {
  const maxBytes = 300_000;
  await using world = openStore({ maxBytes });
  let written = 0;
  for (let round = 0; round < 60; round++) {
    await world.store.write(Array.from({ length: 500 }, () => total(T0 + written++)));
  }
  const kept = await readTotals(world.store);
  assert.ok(kept.length > 2_000 && kept.length < written / 2, `${kept.length} of ${written} points were kept`);
  assert.deepEqual(kept.map(({ timeMs }) => timeMs), kept.map((_, index) => T0 + written - kept.length + index));
  await world.store[Symbol.asyncDispose]();
  assert.ok(Deno.statSync(`${world.path}/store.db`).size < 2 * maxBytes);
});

Deno.test("EmbeddedStore.write() believes another process about which series there are", async () => {
  await using world = openStore();
  const other = world.open();
  await world.store.write([total(T0, "a")]);
  await other.remove({ measurement: "transactions_total", beforeMs: T0 + 1 }); // Removes series a and its point.
  await other.write([total(T0 + 5_000, "b")]);
  await world.store.write([total(T0 + 5_000, "a", 7)]);
  assert.deepEqual(await readTotals(world.store), [total(T0 + 5_000, "a", 7), total(T0 + 5_000, "b")]);
});

Deno.test("EmbeddedStore.write() that failed has written nothing, and can be tried again", async () => {
  await using world = openStore();
  await world.store.write([total(T0, "a")]);
  const other = new DatabaseSync(`${world.path}/store.db`);
  other.exec("BEGIN IMMEDIATE");
  await assert.rejects(world.store.write([total(T0 + 1, "b")]), RetryableError);
  other.exec("COMMIT");
  other.close();
  assert.deepEqual(await readTotals(world.store), [total(T0, "a")]);
  await world.store.write([total(T0 + 1, "b")]);
  assert.deepEqual(await readTotals(world.store), [total(T0, "a"), total(T0 + 1, "b")]);
});

Deno.test("EmbeddedStore.read() goes on while points are written between its pages", async () => {
  await using world = openStore();
  const points = Array.from({ length: 9_000 }, (_, index) => total(T0 + Math.floor(index / 10), `c${index % 10}`));
  await world.store.write(points);
  const seen: Point[] = [];
  for await (const point of world.store.read({ measurement: "transactions_total" })) {
    seen.push(point);
    if (seen.length === 10) await world.store.write([total(T0 - 1, "before"), total(T0 + 1e6, "after")]);
  }
  assert.deepEqual(seen, [...points, total(T0 + 1e6, "after")]);
});

Deno.test("EmbeddedStore.read() reads an instant that is larger than a page, and a limit that cuts through it", async () => {
  await using world = openStore();
  const name = (index: number) => `c${String(index).padStart(4, "0")}`;
  const instant = Array.from({ length: 5_000 }, (_, index) => total(T0, name(index)));
  const points = [total(T0 - 1), ...instant, total(T0 + 1)];
  await world.store.write(points);
  assert.deepEqual(await readTotals(world.store), points);
  const newest = world.store.read({ measurement: "transactions_total", limit: 3_000 });
  assert.deepEqual(await Array.fromAsync(newest), points.slice(-3_000));
});

Deno.test("EmbeddedStore keeps fields apart by name when the schema's order has changed since", async () => {
  await using world = openStore();
  await world.store.write([total(T0)]);
  await world.store[Symbol.asyncDispose]();
  {
    // As an older Tally would have left it, which knew fewer fields in another order.
    using file = new DatabaseSync(`${world.path}/store.db`);
    file.exec("DELETE FROM points");
    file.prepare("UPDATE measurements SET fields = ? WHERE name = 'transactions_total'").run(
      JSON.stringify([["final", "boolean"], ["transaction_count", "integer"]]),
    );
  }
  const again = world.open();
  const point = { ...total(T0), fields: { transaction_count: 5, lat: 1.5, final: false } };
  await again.write([point]);
  assert.deepEqual(await readTotals(again), [point]);
});

Deno.test("EmbeddedStore refuses a file in which a field has another kind", async () => {
  await using world = openStore();
  await world.store[Symbol.asyncDispose]();
  {
    using file = new DatabaseSync(`${world.path}/store.db`);
    file.prepare("UPDATE measurements SET fields = ? WHERE name = 'transactions_total'").run(
      JSON.stringify([["final", "float"]]),
    );
  }
  assert.throws(() => world.open(), ConfigError);
});

Deno.test("EmbeddedStore.write() refuses unknown tags, times between milliseconds and points without fields", async () => {
  await using world = openStore();
  const bad: Point[] = [
    { ...total(T0), tags: { category: "a", region: "NY", shop: "x" } },
    total(T0 + 0.5),
    total(NaN),
    { ...total(T0), fields: {} },
  ];
  const { refused } = await world.store.write(bad);
  assert.deepEqual(refused, [
    { point: bad[0], reason: "tag shop is not in the schema" },
    { point: bad[1], reason: `time must be whole milliseconds, got ${T0 + 0.5}` },
    { point: bad[2], reason: "time must be whole milliseconds, got NaN" },
    { point: bad[3], reason: "it has no fields" },
  ]);
  assert.deepEqual(await readTotals(world.store), []);
});

Deno.test("EmbeddedStore refuses bounds that are none", () => {
  for (const maxBytes of [0, -1, NaN]) {
    assert.throws(() => new EmbeddedStore("/nowhere", { clock: systemClock, maxBytes }), RangeError);
  }
});
