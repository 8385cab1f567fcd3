/**
 * The herald: tells somebody outside of every incident, when it opens and when it has ended.
 *
 * I1. What is to be told follows from the store: the incidents that the sentinel has written, less what was told of them.
 *     So a kill loses nothing, and what is told twice – because the answer or the note of it was lost – has the same key.
 * I2. Nobody waits for it. It tells one alarm at a time, in the order of starts, each until it is taken or refused for good.
 * I3. It tells while nobody else can own the category, as everything is written.
 */
import { actor, type Context } from "../src/actor/mod.ts";
import type { Log } from "../src/log.ts";
import { type Alarm, type AlarmEvent, alarmsOf, type Bell, toldIn, toldPoint } from "../src/stream/alarm.ts";
import { RetryableError } from "../src/stream/failures.ts";
import { assertLeased, type Lease } from "../src/stream/lease.ts";
import type { Store } from "../src/stream/store.ts";
import type { Board } from "./live.ts";

/** What a herald works with. */
export interface HeraldArgs extends Lease {
  readonly log: Log;
  readonly store: Store;
  readonly board: Board;
  readonly bell: Bell;
}

interface State {
  readonly args: HeraldArgs;
  readonly news: Disposable;
  /** Whether there may be something to tell. */
  isDue: boolean;
  looks: number;
  failures: number;
  waitsUntilMs: number;
}

/** What a herald does at most; the README's table of limits quotes it. */
export const HERALD_LIMITS = {
  /** Incidents that began earlier, in event time behind the frontier, are not told any more: the store is the queue. */
  maxAgeMs: 24 * 3_600_000,
  /** Incidents told in one turn. */
  perLook: 50,
  retryMs: { first: 1_000, most: 300_000 },
} as const;

const LOOK_MS = 1_000;
/** So often it looks although it has heard of nothing. */
const EVERY_LOOKS = 60;

/** The herald actor. */
export const herald = actor({
  name: "herald",
  init(args: HeraldArgs, cx: Context): State {
    cx.every(LOOK_MS, "look");
    const news = args.board.subscribe(({ anomalies }) => {
      if (anomalies.some(({ measurement }) => measurement === "transactions_incident")) state.isDue = true;
    });
    const state: State = { args, news, isDue: true, looks: 0, failures: 0, waitsUntilMs: -Infinity };
    return state;
  },
  on: {
    /** Tells what is to be told; what is not taken is told again, after 1 s, 2 s, … up to 5 minutes. */
    async look(state, _, cx) {
      const { board, log } = state.args, nowMs = cx.clock.elapsedMs();
      if (++state.looks % EVERY_LOOKS === 0) state.isDue = true;
      if (!state.isDue || nowMs < state.waitsUntilMs || !Number.isFinite(board.progress.frontierMs)) return;
      try {
        state.isDue = await tell(state.args);
        state.failures = 0;
      } catch (error) {
        if (!(error instanceof RetryableError)) throw error;
        const { first, most } = HERALD_LIMITS.retryMs;
        state.waitsUntilMs = nowMs + Math.min(most, first * 2 ** Math.min(state.failures++, 20));
        log.warn("Telling an alarm was put off", { reason: error.message, failures: state.failures });
      }
    },
  },
  stop: ({ news }) => news[Symbol.dispose](),
});

/** Whether there is more to tell. @throws {RetryableError} */
async function tell(args: HeraldArgs): Promise<boolean> {
  const { bell, log, store } = args, incidents = await waiting(args);
  for (const alarm of incidents.flat()) {
    assertLeased(args);
    if (await bell.ring(alarm) === "refused") log.warn("An alarm was refused for good", { key: alarm.key });
    assertLeased(args);
    await store.write([toldPoint(alarm)]);
  }
  return incidents.length === HERALD_LIMITS.perLook;
}

/** The alarms of the oldest incidents that were not told yet, incident by incident. */
async function waiting({ store, board }: HeraldArgs): Promise<readonly (readonly Alarm[])[]> {
  const fromMs = board.progress.frontierMs - HERALD_LIMITS.maxAgeMs, told = new Map<string, AlarmEvent>();
  for await (const point of store.read({ measurement: "tally_alarm", fromMs })) {
    told.set(JSON.stringify([point.timeMs, point.tags["category"], point.tags["region"]]), toldIn(point));
  }
  const incidents: (readonly Alarm[])[] = [];
  for await (const point of store.read({ measurement: "transactions_incident", fromMs })) {
    const { timeMs, tags } = point;
    if (!board.owns(tags["category"] ?? "")) continue;
    const alarms = alarmsOf(point, told.get(JSON.stringify([timeMs, tags["category"], tags["region"]])));
    if (alarms.length > 0 && incidents.push(alarms) === HERALD_LIMITS.perLook) break;
  }
  return incidents;
}
