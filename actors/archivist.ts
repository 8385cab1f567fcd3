/**
 * The archivist: rolls what is final up into hours and days, and lets go of what is old: windows and panes, models,
 * incidents.
 *
 * I1. An hour is rolled up again whenever a final point of it has been written since.
 * I2. It writes only while nobody else can own the partitions for the length of a store time-out.
 * I3. Age is event time behind the frontier, so that a file of the past can be replayed.
 * I4. Each category's newest model stays, however old: whoever watches the category next goes on from it.
 */
import { actor } from "../src/actor/mod.ts";
import type { Clock } from "../src/clock.ts";
import type { Measurement } from "../src/domain/point.ts";
import type { Log } from "../src/log.ts";
import { RetryableError } from "../src/stream/failures.ts";
import { assertLeased, type Lease } from "../src/stream/lease.ts";
import { DAY_MS, HOUR_MS, rollUp } from "../src/stream/roll_up.ts";
import type { Store } from "../src/stream/store.ts";
import type { Board } from "./live.ts";

/** What an archivist works with. */
export interface ArchivistArgs extends Lease {
  readonly clock: Clock;
  readonly log: Log;
  readonly store: Store;
  readonly board: Board;
  readonly slideMs: number;
  /** How long windows and panes are kept; Infinity: for ever. */
  readonly retentionMs: number;
}

interface State {
  readonly args: ArchivistArgs;
  readonly news: Disposable;
  /** What is not rolled up begins here; undefined until the store has been asked. */
  fromMs: number | undefined;
  /** The oldest pane of which a point was written since the last look. */
  writtenFromMs: number;
  /** Up to where each measurement was let go. */
  readonly removedUpToMs: Map<Measurement, number>;
}

/** What stays whatever is configured, in event time behind the frontier; the README's table of limits quotes it. */
export const ARCHIVE_LIMITS = {
  /** Models: as long as the past that a new one learns from, for frontiers that an operator sets back. */
  modelMs: 7 * DAY_MS,
  /** Incidents, counted from their start, and the notes of what was told of them. */
  incidentMs: 90 * DAY_MS,
} as const;

interface Stay {
  readonly measurement: Measurement;
  readonly staysMs: number;
  /** What age is counted from. @default the frontier */
  readonly nowMs?: number;
}

const LOOK_MS = 30_000;
/** Measurements that stay as long as windows do. */
const PASSING = [
  "transactions_avg",
  "transactions_total",
  "transactions_anomaly",
  "transactions_customers",
  "transactions_top",
] as const;
/** Incidents go before what was told of them, so that no incident looks untold. */
const INCIDENTS = ["transactions_incident", "tally_alarm"] as const;
/** With more categories than so many no model goes, because not every newest one is known. */
const MAX_CATEGORIES = 2_000;

/** The archivist actor. */
export const archivist = actor({
  name: "archivist",
  init(args: ArchivistArgs, cx): State {
    cx.every(LOOK_MS, "look");
    const state: State = {
      args,
      news: args.board.subscribe(({ points }) => {
        for (const { timeMs } of points) state.writtenFromMs = Math.min(state.writtenFromMs, timeMs - args.slideMs);
      }),
      fromMs: undefined,
      writtenFromMs: Infinity,
      removedUpToMs: new Map(),
    };
    return state;
  },
  on: {
    /** Does what has become due; put off when the store cannot answer. */
    async look(state) {
      const { board, log } = state.args, finalMs = board.progress.frontierMs;
      if (!Number.isFinite(finalMs)) return;
      try {
        await roll(state, finalMs);
        await forget(state, finalMs);
      } catch (error) {
        if (!(error instanceof RetryableError)) throw error;
        log.warn("Rolling up was put off", { reason: error.message });
      }
    },
  },
  stop: ({ news }) => news[Symbol.dispose](),
});

async function roll(state: State, finalMs: number): Promise<void> {
  const fromMs = Math.min(state.fromMs ?? await resumeMs(state.args.store), state.writtenFromMs);
  const toMs = Math.floor(finalMs / HOUR_MS) * HOUR_MS;
  state.fromMs = fromMs;
  if (fromMs >= toMs) return;
  state.writtenFromMs = Infinity;
  await rollUp(guarded(state.args), { fromMs, toMs, finalMs });
  state.fromMs = toMs;
}

/** From the newest hour that the store has on: the one before it may have been cut off by a crash. */
async function resumeMs(store: Store): Promise<number> {
  for await (const { timeMs } of store.read({ measurement: "transactions_hourly", limit: 1 })) return timeMs - HOUR_MS;
  return -Infinity;
}

function guarded({ store, ...lease }: ArchivistArgs): Pick<Store, "read" | "write"> {
  return {
    read: (query) => store.read(query),
    async write(points) {
      assertLeased(lease);
      return await store.write(points);
    },
  };
}

async function forget(state: State, finalMs: number): Promise<void> {
  const { args: { store }, removedUpToMs } = state;
  for (const { measurement, staysMs, nowMs = finalMs } of stays(state.args)) {
    const oldMs = Math.floor((nowMs - staysMs) / HOUR_MS) * HOUR_MS;
    if (!(oldMs > (removedUpToMs.get(measurement) ?? -Infinity))) continue;
    const beforeMs = measurement === "tally_model" ? Math.min(oldMs, await neededMs(store, finalMs)) : oldMs;
    if (beforeMs > -Infinity) await store.remove({ measurement, beforeMs });
    removedUpToMs.set(measurement, oldMs);
  }
}

/** What does not stay for ever, and for how long it does. */
function stays({ clock, retentionMs }: ArchivistArgs): readonly Stay[] {
  return [
    ...PASSING.map((measurement) => ({ measurement, staysMs: retentionMs })),
    { measurement: "tally_partition", staysMs: retentionMs, nowMs: clock.nowMs() },
    ...INCIDENTS.map((measurement) => ({ measurement, staysMs: ARCHIVE_LIMITS.incidentMs })),
    { measurement: "tally_model", staysMs: ARCHIVE_LIMITS.modelMs },
  ];
}

/** The time of the oldest model that a category goes on from; −Infinity when not all categories are known. */
async function neededMs(store: Store, finalMs: number): Promise<number> {
  const measurement = "tally_model", limit = MAX_CATEGORIES + 1;
  const categories = await store.tagValues({ measurement, tag: "category", limit });
  if (categories.length === limit) return -Infinity;
  let oldestMs = Infinity;
  for (const category of categories) {
    const newest = store.read({ measurement, tags: { category, region: "" }, toMs: finalMs + 1, limit: 1 });
    for await (const { timeMs } of newest) oldestMs = Math.min(oldestMs, timeMs);
  }
  return oldestMs;
}
