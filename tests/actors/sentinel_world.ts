/** A sentinel over a store in memory: a category's panes come as flushes would bring them. */
import { Board } from "../../actors/live.ts";
import { sentinel } from "../../actors/sentinel.ts";
import { child, supervisor, system, virtual } from "../../src/actor/mod.ts";
import type { Point } from "../../src/domain/point.ts";
import { TimeZone } from "../../src/domain/time_zone.ts";
import type { MemoryStore } from "../fakes/memory_store.ts";
import { seeded } from "../stream/seeded.ts";
import { NEWS, STANDING, T0 } from "./flush_news.ts";

/** Windows a minute. */
export const SLIDES = 12;
const SLIDE_MS = 5_000, MINUTE_MS = 60_000, SEED = 7;

/** What a world is about. */
export interface WorldOptions {
  /** Panes `[from, to)` in which two of three purchases are frauds. */
  readonly burst: readonly [from: number, to: number];
  /** From this pane on nothing is bought. @default never */
  readonly silentFrom?: number;
}

/** The window that ends with pane `last`, as a flush writes it: some hundred purchases, a few of them frauds. */
export function windowOf(last: number, { burst: [from, to], silentFrom = Infinity }: WorldOptions): Point {
  let count = 0, frauds = 0;
  for (let pane = last - SLIDES + 1; pane <= last; pane++) {
    const random = seeded(SEED + pane), bought = pane < silentFrom ? 8 + Math.floor(random() * 4) : 0;
    count += bought;
    if (bought > 0) frauds += pane >= from && pane < to ? 6 : random() < 0.1 ? 1 : 0;
  }
  return {
    measurement: "transactions_avg",
    tags: { category: "travel", window: "60s" },
    timeMs: T0 + (last + 1) * SLIDE_MS,
    fields: {
      transaction_count: count,
      amount_sum: 50 * count,
      amount_stddev: 10,
      fraud_count: frauds,
      unique_customers: Math.max(0, count - 3),
      final: true,
    },
  };
}

/** A running sentinel; disposing of it is what a kill is to it: it keeps nothing but what is in the store. */
export async function sentinelWorld(store: MemoryStore, options: WorldOptions) {
  const time = virtual({ startMs: T0 }), board = new Board(time.clock), lease = { ms: Infinity };
  const running = system({ clock: time.clock, random: time.random });
  const log = { debug() {}, info() {}, warn() {}, error() {} }, zone = new TimeZone("UTC");
  const leaseRemainingMs = () => lease.ms;
  const args = {
    ...{ log, store, board, zone, leaseRemainingMs },
    ...{ windowMs: MINUTE_MS, latenessMs: 30_000, storeTimeoutMs: 3_000 },
  };
  const started = running.start(supervisor({
    id: "tally",
    plan: { strategy: "one_for_one", intensity: { max: 5, withinMs: 60_000 } },
    children: [child(sentinel, { id: "sentinel", args })],
  }));
  await time.advance(0);
  await started;
  board.stand([STANDING]);
  const ask = async (question: "look" | "glance") => {
    const asked = running.ref(sentinel, "tally/sentinel").ask(question, { withinMs: 60_000 });
    await time.advance(1);
    await asked;
  };
  /** Tells of a flush after which what ends with pane `final − 1` is final. */
  const tell = async (points: readonly Point[], final: number) => {
    board.take({ ...NEWS, points, frontierMs: T0 + final * SLIDE_MS });
    board.publish();
    await time.advance(1);
  };
  return {
    lease,
    board,
    look: () => ask("look"),
    /** Makes the windows that end with panes `[from, to)` final, as a flush does; windows without an event are left out. */
    async flush(from: number, to: number) {
      const windows = Array.from({ length: to - from }, (_, index) => windowOf(from + index, options));
      await store.write(windows.filter(({ fields }) => Number(fields["transaction_count"]) > 0));
      await tell(windows.slice(-1).filter(({ fields }) => Number(fields["transaction_count"]) > 0), to);
    },
    /** Tells of a window that may still change. */
    async hint(last: number, final: number, change: Readonly<Record<string, number>> = {}) {
      const { fields, ...window } = windowOf(last, options);
      const point = { ...window, fields: { ...fields, ...change, final: false } };
      await store.write([point]);
      await tell([point], final);
      await ask("glance");
    },
    [Symbol.asyncDispose]: () => running.stop(),
  };
}
