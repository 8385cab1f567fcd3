/**
 * Virtual time: a whole system of actors runs a simulated hour in milliseconds, the same way every time.
 *
 * I1. Timers fire in order of due time, then of arming.
 * I2. Time stands still while anything is runnable: `advance` settles before and after each timer.
 */
import { type Clock, type Random, systemClock, type Timer } from "../clock.ts";

interface Alarm {
  readonly dueMs: number;
  readonly sequence: number;
  fn: (() => void) | undefined;
}

/** A clock that moves only when told to. */
export class VirtualClock implements Clock {
  readonly #startMs: number;
  readonly #heap: Alarm[] = [];
  #elapsedMs = 0;
  #sequence = 0;
  #yielded: (() => void)[] = [];

  constructor(startMs: number) {
    this.#startMs = startMs;
  }

  nowMs(): number {
    return this.#startMs + this.#elapsedMs;
  }

  elapsedMs(): number {
    return this.#elapsedMs;
  }

  after(delayMs: number, fn: () => void): Timer {
    const alarm: Alarm = { dueMs: this.#elapsedMs + Math.max(0, delayMs), sequence: this.#sequence++, fn };
    this.#heap.push(alarm);
    this.#rise(this.#heap.length - 1);
    return { [Symbol.dispose]: () => void (alarm.fn = undefined) };
  }

  yield(fn: () => void): void {
    this.#yielded.push(fn);
  }

  /** Runs what yielded; `false` when nothing had. */
  runYielded(): boolean {
    const due = this.#yielded;
    this.#yielded = [];
    for (const fn of due) fn();
    return due.length > 0;
  }

  /** Moves to the next timer due by `untilMs` and fires it; `false`, with time at `untilMs`, when there is none. */
  fireNext(untilMs: number): boolean {
    const [next] = this.#heap;
    if (next === undefined || next.dueMs > untilMs) {
      this.#elapsedMs = Math.max(this.#elapsedMs, untilMs);
      return false;
    }
    this.#pop();
    if (next.fn === undefined) return true;
    this.#elapsedMs = Math.max(this.#elapsedMs, next.dueMs);
    next.fn();
    return true;
  }

  #pop(): void {
    const last = this.#heap.pop();
    if (last === undefined || this.#heap.length === 0) return;
    this.#heap[0] = last;
    this.#sink(0);
  }

  #rise(from: number): void {
    for (let at = from, up = (at - 1) >> 1; at > 0 && this.#before(at, up); at = up, up = (at - 1) >> 1) {
      this.#swap(at, up);
    }
  }

  #sink(from: number): void {
    for (let at = from;;) {
      const left = 2 * at + 1;
      const least = this.#before(left + 1, left) ? left + 1 : left;
      if (!this.#before(least, at)) return;
      this.#swap(at, least);
      at = least;
    }
  }

  #before(a: number, b: number): boolean {
    const [left, right] = [this.#heap[a], this.#heap[b]];
    if (left === undefined || right === undefined) return left !== undefined;
    return left.dueMs < right.dueMs || (left.dueMs === right.dueMs && left.sequence < right.sequence);
  }

  #swap(a: number, b: number): void {
    const [left, right] = [this.#heap[a], this.#heap[b]];
    if (left === undefined || right === undefined) return;
    [this.#heap[a], this.#heap[b]] = [right, left];
  }
}

/** Options of `virtual`. */
export interface VirtualOptions {
  /** Two runs with the same seed are the same run. @default 1 */
  readonly seed?: number;
  /** Wall time at the start. @default 0 */
  readonly startMs?: number;
}

/** A deterministic world for `system(...)`: pass it whole. */
export interface Virtual {
  readonly clock: VirtualClock;
  readonly random: Random;
  /** Runs turns until nothing is runnable; time stands still. */
  settle(): Promise<void>;
  /** Lets `ms` pass, firing every timer on the way at its own time. */
  advance(ms: number): Promise<void>;
}

/** Makes a deterministic world. */
export function virtual(options: VirtualOptions = {}): Virtual {
  const { seed = 1, startMs = 0 } = options;
  const clock = new VirtualClock(startMs);
  const settle = async (): Promise<void> => {
    // One real macrotask hop lets every pending promise run; what is left then waits for time or for the world.
    do await new Promise<void>((resolve) => systemClock.yield(resolve)); while (clock.runYielded());
  };
  const advance = async (ms: number): Promise<void> => {
    const untilMs = clock.elapsedMs() + ms;
    do await settle(); while (clock.fireNext(untilMs));
    await settle();
  };
  return { clock, random: seeded(seed), settle, advance };
}

/** A small seeded generator, good enough to shuffle schedules. Source: Mulberry32, public domain. */
export function seeded(seed: number): Random {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}
