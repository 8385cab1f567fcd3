import assert from "node:assert/strict";
import { MemoryStore } from "../fakes/memory_store.ts";
import { T0 } from "./flush_news.ts";
import { sentinelWorld, SLIDES, windowOf } from "./sentinel_world.ts";

const MINUTE_MS = 60_000, LEARNT = 300 * SLIDES;
const CALM = { burst: [0, 0] } as const;
/** A third of the purchases of one window are frauds. */
const SEEMS = { fraud_count: 40 };

const said = (store: MemoryStore) =>
  store.of("transactions_anomaly").map(({ tags, timeMs, fields }) => [
    tags["metric"],
    (timeMs - T0) / MINUTE_MS,
    fields["final"],
    Number(fields["score"]) > 0.999_999,
  ]);

Deno.test("sentinel claims what is unusual in a window that may still change, as soon as it hears of it", async () => {
  const store = new MemoryStore();
  await using it = await sentinelWorld(store, CALM);
  await it.flush(0, LEARNT);
  await it.look();
  await it.hint(LEARNT + 5, LEARNT, SEEMS);
  assert.deepStrictEqual(said(store), [["fraud_rate", 300, false, true]]);
});

Deno.test("sentinel replaces a claim by what is final: usual after all, with its true score", async () => {
  const store = new MemoryStore();
  await using it = await sentinelWorld(store, CALM);
  await it.flush(0, LEARNT);
  await it.look();
  await it.hint(LEARNT + 5, LEARNT, SEEMS);
  await it.flush(LEARNT, LEARNT + SLIDES);
  await it.look();
  assert.deepStrictEqual(said(store), [["fraud_rate", 300, true, false]]);
});

Deno.test("sentinel replaces a claim by what is final: unusual indeed", async () => {
  const store = new MemoryStore();
  await using it = await sentinelWorld(store, { burst: [LEARNT, LEARNT + SLIDES] });
  await it.flush(0, LEARNT);
  await it.look();
  await it.hint(LEARNT + 5, LEARNT);
  assert.deepStrictEqual(said(store), [["fraud_rate", 300, false, true]]);
  await it.flush(LEARNT, LEARNT + SLIDES);
  await it.look();
  assert.deepStrictEqual(said(store), [["fraud_rate", 300, true, true]]);
});

Deno.test("sentinel does not claim the next minute too while the window still reaches into the one claimed", async () => {
  const store = new MemoryStore();
  await using it = await sentinelWorld(store, CALM);
  await it.flush(0, LEARNT);
  await it.look();
  for (let pane = LEARNT + 5; pane < LEARNT + 2 * SLIDES - 1; pane++) await it.hint(pane, LEARNT, SEEMS);
  assert.deepStrictEqual(said(store), [["fraud_rate", 300, false, true]]);
  await it.hint(LEARNT + 2 * SLIDES - 1, LEARNT, SEEMS);
  assert.deepStrictEqual(said(store).map(([, minute]) => minute), [300, 301]);
});

Deno.test("sentinel claims too many purchases, never too few: more may come", async () => {
  const store = new MemoryStore();
  await using it = await sentinelWorld(store, CALM);
  await it.flush(0, LEARNT);
  await it.look();
  await it.hint(LEARNT + 5, LEARNT, { transaction_count: 5, unique_customers: 5, amount_sum: 250, fraud_count: 0 });
  assert.deepStrictEqual(said(store), []);
  await it.hint(LEARNT + 6, LEARNT, { transaction_count: 900, amount_sum: 45_000 });
  assert.deepStrictEqual(said(store), [["transaction_rate", 300, false, true]]);
});

Deno.test("sentinel that starts anew replaces the claims of the one before, whatever became of the window", async () => {
  for (const silentFrom of [Infinity, LEARNT]) {
    const store = new MemoryStore();
    {
      await using it = await sentinelWorld(store, CALM);
      await it.flush(0, LEARNT);
      await it.look();
      await it.hint(LEARNT + 5, LEARNT, SEEMS);
    }
    store.points.delete(
      [...store.points.keys()].find((name) => name.includes(String(windowOf(LEARNT + 5, CALM).timeMs))) ?? "",
    );
    await using it = await sentinelWorld(store, { ...CALM, silentFrom });
    await it.flush(LEARNT, LEARNT + 3 * SLIDES);
    await it.look();
    const claims = said(store).filter(([metric]) => metric === "fraud_rate");
    assert.deepStrictEqual(claims, [["fraud_rate", 300, true, false]], `silent from ${silentFrom}`);
  }
});

Deno.test("sentinel claims nothing while somebody else may own the partitions", async () => {
  const store = new MemoryStore();
  await using it = await sentinelWorld(store, CALM);
  await it.flush(0, LEARNT);
  await it.look();
  it.lease.ms = 3_000;
  await it.hint(LEARNT + 5, LEARNT, SEEMS);
  assert.deepStrictEqual(said(store), []);
});

Deno.test("sentinel passes claims on with the next news, for the page", async () => {
  const store = new MemoryStore(), heard: unknown[] = [];
  await using it = await sentinelWorld(store, CALM);
  using _news = it.board.subscribe(({ anomalies }) => heard.push(...anomalies.map(({ fields }) => fields["final"])));
  await it.flush(0, LEARNT);
  await it.look();
  await it.hint(LEARNT + 5, LEARNT, SEEMS);
  it.board.publish();
  it.board.publish();
  assert.deepStrictEqual(heard, [false]);
});
