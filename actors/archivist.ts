/**
 * The archivist: rolls what is final up into hours and days, and lets old windows and panes go.
 *
 * I1. An hour is rolled up again whenever a final point of it has been written since.
 * I2. It writes only while nobody else can own the partitions for the length of a store time-out.
 * I3. Age is event time behind the frontier, so that a file of the past can be replayed.
 */
import { actor } from "../src/actor/mod.ts";
import type { Clock } from "../src/clock.ts";
import type { Log } from "../src/log.ts";
import { RetryableError } from "../src/stream/failures.ts";
import { assertLeased, type Lease } from "../src/stream/lease.ts";
import { HOUR_MS, rollUp } from "../src/stream/roll_up.ts";
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
  removedUpToMs: number;
}

const LOOK_MS = 30_000;
/** Measurements that do not stay. */
const PASSING = [
  "transactions_avg",
  "transactions_total",
  "transactions_anomaly",
  "transactions_customers",
  "transactions_top",
] as const;

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
      removedUpToMs: -Infinity,
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
  const { store, clock, retentionMs } = state.args;
  const beforeMs = Math.floor((finalMs - retentionMs) / HOUR_MS) * HOUR_MS;
  if (!(beforeMs > state.removedUpToMs)) return;
  for (const measurement of PASSING) await store.remove({ measurement, beforeMs });
  await store.remove({ measurement: "tally_partition", beforeMs: clock.nowMs() - retentionMs });
  state.removedUpToMs = beforeMs;
}
