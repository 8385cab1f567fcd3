/** Where in event time a generated run starts. */
import { arrivalsSpanMs } from "./arrivals.ts";

/** What decides the start of a run. */
export interface RunStart {
  /** The start asked for, in milliseconds since 1970-01-01Z. */
  readonly startMs?: number;
  /** Event time per wall time; Infinity for as fast as possible. */
  readonly speed: number;
  readonly ratePerSecond: number;
  /** How many events there will be; absent for an endless run. */
  readonly count?: number;
  /** Whether event times past now are wanted. */
  readonly allowFuture?: boolean;
  /** Wall time. */
  readonly nowMs: number;
}

/**
 * The event time at which a generated run starts, in whole milliseconds.
 *
 * Without a start, a run at the speed of the wall clock starts now; any other ends now: it starts `count / rate` ago,
 * up to a second more so that its last event is not past now either.
 * @throws {RangeError} when no start follows, or when event times are sure to pass now and that was not allowed.
 */
export function resolveStartMs(run: RunStart): number {
  const startMs = run.startMs ?? defaultStartMs(run);
  if (!(startMs >= 0)) throw new RangeError(`Cannot start run: its start would be before 1970, ${startMs} ms`);
  if (!run.allowFuture) refuseFuture(run, startMs);
  return startMs;
}

function defaultStartMs(run: RunStart): number {
  const nowMs = Math.floor(run.nowMs);
  if (run.speed === 1) return nowMs;
  if (run.count !== undefined) return nowMs - arrivalsSpanMs(run.count, run.ratePerSecond);
  if (run.allowFuture) return nowMs;
  throw new RangeError(`Cannot start run: a run at speed ${run.speed} needs a count or a start`);
}

/** Refuses at once what is known at once: while the run goes on, `produce` looks at each event. */
function refuseFuture(run: RunStart, startMs: number): void {
  if (startMs > run.nowMs) {
    throw new RangeError(`Cannot start run: its start ${new Date(startMs).toISOString()} is past now`);
  }
  if (run.count === undefined) return;
  const lastsMs = Math.max(0, (run.count - 1) / run.ratePerSecond * 1_000 - 1_000);
  if (startMs + lastsMs > run.nowMs + lastsMs / run.speed) {
    const end = new Date(startMs + lastsMs).toISOString();
    throw new RangeError(`Cannot start run: its last event would be at about ${end}, past now`);
  }
}
