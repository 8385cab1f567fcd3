/**
 * Who runs next on this thread.
 *
 * I1. Runnable actors take turns in the order in which they became runnable, unless `pick` says otherwise.
 * I2. A wake costs a microtask, but after a budget of messages or time the event loop gets its turn: actors that
 *     keep each other busy cannot starve timers, sockets or other threads.
 * I3. Nothing runs while nothing is runnable.
 */
import type { Clock } from "../clock.ts";
import { Ring } from "./ring.ts";

/** Something that takes turns. */
export interface Runnable {
  /** Runs a bounded turn; `true` when it wants another. */
  turn(): boolean;
}

/** Messages and turns between two visits to the event loop. */
const BUDGET = 16_384;
/** Time between two visits to the event loop, when handlers are slow. */
const SLICE_MS = 8;
/** Reading the clock costs as much as a message, so it is read every so many turns. */
const TURNS_PER_READING = 16;

/** The run queue of one isolate. */
export class Scheduler {
  readonly #clock: Clock;
  readonly #pick: ((runnable: number) => number) | undefined;
  readonly #queue = new Ring<Runnable>();
  readonly #wake = Promise.resolve();
  #armed = false;
  #left = BUDGET;
  #sliceFromMs = 0;
  #turns = 0;

  constructor(clock: Clock, pick?: (runnable: number) => number) {
    this.#clock = clock;
    this.#pick = pick;
  }

  /** Turns run so far. */
  get turns(): number {
    return this.#turns;
  }

  /** Queues a runnable; it must not be queued already. */
  enqueue(runnable: Runnable): void {
    this.#queue.push(runnable);
    if (this.#armed) return;
    this.#armed = true;
    this.#wake.then(this.#run);
  }

  /** Counts messages against the budget. */
  charge(messages: number): void {
    this.#left -= messages;
  }

  /** Whether the slice has lasted too long; a turn asks this now and then, and ends early. */
  overdue(): boolean {
    if (this.#clock.elapsedMs() - this.#sliceFromMs < SLICE_MS) return false;
    this.#left = 0;
    return true;
  }

  readonly #runAfresh = (): void => {
    this.#left = BUDGET;
    this.#run();
  };

  readonly #run = (): void => {
    this.#sliceFromMs = this.#clock.elapsedMs();
    while (this.#left > 0) {
      if (this.#pick !== undefined && this.#queue.size > 1) this.#queue.promote(this.#pick(this.#queue.size));
      const runnable = this.#queue.shift();
      if (runnable === undefined) {
        this.#armed = false;
        return;
      }
      if (runnable.turn()) this.#queue.push(runnable);
      if (++this.#turns % TURNS_PER_READING === 0) this.overdue();
    }
    if (this.#queue.size > 0) this.#clock.yield(this.#runAfresh);
    else this.#armed = false;
  };
}
