/** What every port's call of one process passes through: delay, failure, death. */
import type { Clock, Timer } from "../../src/clock.ts";
import { RetryableError } from "../../src/stream/failures.ts";
import type { Dice } from "../model/dice.ts";
import type { Faults } from "./scenario.ts";

/** One call. */
export interface Call<T> {
  readonly name: string;
  /** Chance that it fails. */
  readonly chance: number;
  /** What it does outside of the process. */
  effect(): T;
  /** What is done of it when it fails halfway. @default all or nothing */
  partly?(): void;
}

/** The thread by which a process hangs. */
export class Lifeline {
  readonly dice: Dice;
  readonly #clock: Clock;
  #faults: Faults;
  #isDead = false;

  constructor(clock: Clock, options: { readonly dice: Dice; readonly faults: Faults }) {
    this.#clock = clock;
    this.dice = options.dice;
    this.#faults = options.faults;
  }

  /** Whether nothing of the process reaches the world any more. */
  get isDead(): boolean {
    return this.#isDead;
  }

  /** Which faults happen. */
  get faults(): Faults {
    return this.#faults;
  }

  /** From now on other faults happen. */
  change(faults: Faults): void {
    this.#faults = faults;
  }

  /** Cuts it. */
  kill(): void {
    this.#isDead = true;
  }

  /** Resolves after `ms`, never when the process is dead by then. */
  wait(ms: number): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<void>();
    this.after(ms, resolve);
    return promise;
  }

  /** Runs `fn` after `ms` unless the process is dead by then. */
  after(ms: number, fn: () => void): Timer {
    return this.#clock.after(ms, () => this.#isDead ? undefined : fn());
  }

  /** Makes a call; it may fail before, after or halfway through its effect, and the process may die at each step. */
  async call<T>(call: Call<T>): Promise<T> {
    const { dice } = this;
    await this.#pass();
    const fails = dice.chance(call.chance), how = dice.int(0, 2);
    if (fails && how === 0) return await this.#failure(call.name, "before");
    if (fails && how === 1 && call.partly !== undefined) {
      call.partly();
      return await this.#failure(call.name, "halfway");
    }
    const result = call.effect();
    if (fails) return await this.#failure(call.name, "after");
    await this.#pass();
    return result;
  }

  async #failure(name: string, when: string): Promise<never> {
    await this.#pass();
    throw new RetryableError(`Cannot ${name}: scripted, ${when}`, { retryAfterMs: this.dice.pick([0, 0, 2_000]) });
  }

  /** A step on the way to the world or back. */
  async #pass(): Promise<void> {
    if (this.dice.chance(this.#faults.killInCall)) this.kill();
    const slowMs = this.#faults.slowMs;
    await this.wait(slowMs === 0 ? 1 : this.dice.int(1, this.dice.chance(0.1) ? slowMs : Math.ceil(slowMs / 10)));
  }
}
