import assert from "node:assert/strict";
import type { Point } from "../../src/domain/point.ts";
import { MemoryStore } from "../fakes/memory_store.ts";
import { seeded } from "../stream/seeded.ts";
import { sentinelWorld, SLIDES, type WorldOptions } from "./sentinel_world.ts";

const MINUTES = 450, END = MINUTES * SLIDES;
const STORY: WorldOptions = { burst: [300 * SLIDES + 7, 309 * SLIDES + 2], silentFrom: 425 * SLIDES };

/** All that is said for good: scores of windows, what is unusual, incidents. */
function saidOf(store: MemoryStore): readonly Point[] {
  const isUnusual = ({ fields }: Point) => fields["final"] === true && Number(fields["score"]) > 0.999_99;
  return [
    ...store.of("transactions_avg"),
    ...store.of("transactions_anomaly").filter(isUnusual),
    ...store.of("transactions_incident"),
  ];
}

async function undisturbed(): Promise<MemoryStore> {
  const store = new MemoryStore();
  await using it = await sentinelWorld(store, STORY);
  for (let pane = 0; pane < END; pane += SLIDES) {
    await it.flush(pane, pane + SLIDES);
    await it.look();
  }
  return store;
}

Deno.test("sentinel gives every final window that it can judge a score from 0 to 1, high where it is unusual", async () => {
  const windows = (await undisturbed()).of("transactions_avg");
  const scores = windows.map(({ fields }) => fields["anomaly_score"]),
    first = scores.findIndex((one) => one !== undefined);
  assert.ok(first < 185 * SLIDES, `the first score is of window ${first}`);
  assert.ok(scores.slice(first).every((score) => typeof score === "number" && score >= 0 && score <= 1));
  const isHigh = (from: number, to: number) => scores.slice(from, to).every((score) => Number(score) > 0.999_999);
  assert.ok(isHigh(300 * SLIDES + 12, 309 * SLIDES));
  const calm = scores.slice(200 * SLIDES, 299 * SLIDES).filter((score) => Number(score) > 0.999_999);
  assert.deepStrictEqual(calm, []);
});

Deno.test("sentinel opens an incident, and closes it with its end and peak", async () => {
  const [fraud, silence, ...more] = (await undisturbed()).of("transactions_incident");
  assert.deepStrictEqual([fraud?.fields["metric"], fraud?.fields["open"]], ["fraud_rate", false]);
  assert.ok(
    Number(fraud?.fields["end"]) > Number(fraud?.fields["peak"]) &&
      Number(fraud?.fields["peak"]) >= (fraud?.timeMs ?? 0),
  );
  assert.deepStrictEqual([silence?.fields["open"], more], [true, []]);
});

/** One life of a sentinel, from a pane on: some looks, some of them failing; where it got to. */
async function life(store: MemoryStore, from: number, random: () => number): Promise<number> {
  await using it = await sentinelWorld(store, STORY);
  let pane = from;
  for (let looks = 1 + Math.floor(random() * 8); looks > 0 && pane < END; looks--) {
    const to = Math.min(END, pane + 1 + Math.floor(random() ** 3 * 1_500));
    await it.flush(pane, to);
    pane = to;
    if (random() < 0.3) store.failWrites = { count: 1, afterwards: random() < 0.5 };
    if (random() < 0.3) store.failAmends = 1;
    if (random() < 0.8) await it.look();
    store.failWrites = { count: 0, afterwards: false };
    store.failAmends = 0;
  }
  return pane;
}

Deno.test("sentinel that is killed, cut off and refused says to the bit what one says that never was (seeds 1 to 4)", async () => {
  const expected = saidOf(await undisturbed());
  for (let seed = 1; seed <= 4; seed++) {
    const store = new MemoryStore(), random = seeded(seed);
    for (let pane = 0; pane < END;) pane = await life(store, pane, random);
    await using it = await sentinelWorld(store, STORY);
    await it.flush(END, END);
    await it.look();
    assert.deepStrictEqual(saidOf(store), expected, `seed ${seed}`);
  }
});
