/** A program that runs on: watched while it follows a topic, ended by a signal. */
import { sleep, systemClock } from "../src/clock.ts";
import { type Cost, measured, type MeasuredCommand, type RunningProcess } from "./measured_process.ts";

/** A program under way. */
export interface Following extends AsyncDisposable {
  /** Where its page is; rejects when it ends before it says so. Never settles for programs that have no page. */
  readonly url: Promise<string>;
  /** Ends it, and resolves to what it cost. */
  end(signal: Deno.Signal): Promise<Cost>;
}

/** How often a condition is looked at. */
const LOOK_MS = 20;

/** Starts a program. It is killed at the latest when the result is disposed of. */
export function follow(command: Omit<MeasuredCommand, "isEndedBySignal" | "onLine">): Following {
  const url = Promise.withResolvers<string>();
  const started = Promise.withResolvers<RunningProcess>();
  url.promise.catch(() => {}); // Whoever needs it hears of it.
  const cost = measured({
    ...command,
    isEndedBySignal: true,
    onStart: started.resolve,
    onLine: (line) => {
      const [found] = /http:\/\/127\.0\.0\.1:\d+/.exec(line) ?? [];
      if (found !== undefined) url.resolve(found);
    },
  });
  cost.then(({ tail }) => url.reject(new TypeError(`Cannot follow: it has ended\n${tail.join("\n")}`)), url.reject);
  const end = async (signal: Deno.Signal) => {
    const process = await started.promise, [pid] = process.pids();
    if (pid !== undefined && !process.ended.aborted) Deno.kill(pid, signal);
    return await cost;
  };
  return { url: url.promise, end, [Symbol.asyncDispose]: () => end("SIGKILL").then(() => undefined) };
}

/** Asks again and again until the answer is true. @throws {RangeError} (rejects) when that takes too long */
export async function until(what: string, withinMs: number, isSo: () => Promise<boolean> | boolean): Promise<void> {
  const giveUpAtMs = systemClock.elapsedMs() + withinMs;
  while (!await isSo()) {
    if (systemClock.elapsedMs() > giveUpAtMs) throw new RangeError(`Cannot see ${what}: ${withinMs} ms have passed`);
    await sleep(systemClock, LOOK_MS);
  }
}
