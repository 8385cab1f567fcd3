/** Store and dead letters of one process: slow, failing, answering too late, refusing some points for good. */
import type { Point } from "../../src/domain/point.ts";
import type { DeadLetter, DeadLetters } from "../../src/stream/dead_letters.ts";
import { RetryableError } from "../../src/stream/failures.ts";
import type { Store, WriteResult } from "../../src/stream/store.ts";
import { type Durable, nameOf } from "./durable.ts";
import type { Lifeline } from "./lifeline.ts";
import { type Scenario, TIMES } from "./scenario.ts";

/** Whether a store refuses a point for good. */
export function isRefused(point: Point, { faults, seed }: Scenario): boolean {
  if (faults.refuse === 0 || point.measurement === "tally_partition") return false;
  let hash = seed;
  for (const char of nameOf(point)) hash = (Math.imul(hash, 31) + (char.codePointAt(0) ?? 0)) >>> 0;
  return (hash >>> 8) % 1_000 < faults.refuse * 1_000;
}

/** The store. */
export class SimStore implements Store {
  readonly #durable: Durable;
  readonly #line: Lifeline;
  /** The write on its way: it arrives within a store time-out of being sent, if at all. */
  #sent: (() => void) | undefined;

  constructor(durable: Durable, line: Lifeline) {
    this.#durable = durable;
    this.#line = line;
  }

  async write(points: readonly Point[]): Promise<WriteResult> {
    const { dice, faults } = this.#line, { closedMs } = this.#durable;
    if (dice.chance(faults.crashFlusher)) throw new TypeError("Cannot write: scripted crash");
    if (dice.chance(faults.store / 2)) await this.#failLate(points, closedMs);
    this.#sent = () => void this.#write(points, closedMs);
    const arrived = <T>(result: T): T => {
      this.#sent = undefined;
      return result;
    };
    return await this.#line.call({
      name: "write",
      chance: faults.store,
      effect: () => arrived(this.#write(points, closedMs)),
      partly: () => void arrived(this.#write(points.filter(() => dice.chance(0.5)), closedMs)),
    });
  }

  /**
   * Decides about a write that is on its way when its process dies or stands still: it is lost, or arrives now, or, where
   * the pipeline is told to reckon with it, when another process may have taken over already.
   */
  land(): void {
    const sent = this.#sent, { zombieMs } = this.#durable.scenario, { dice } = this.#line;
    this.#sent = undefined;
    if (sent === undefined || dice.chance(0.3)) return;
    if (zombieMs === 0) sent();
    else this.#durable.send(dice.int(0, TIMES.storeTimeoutMs), sent);
  }

  /** Fails early or by time-out; what was sent may still arrive, within a store time-out of being sent. */
  async #failLate(points: readonly Point[], closedMs: number): Promise<never> {
    const line = this.#line, { dice } = line, failsInMs = dice.int(1, TIMES.storeTimeoutMs);
    const part = dice.chance(0.5) ? points : points.filter(() => dice.chance(0.5));
    const sent = this.#sent = () => void this.#write(part, closedMs);
    line.after(dice.int(1, TIMES.storeTimeoutMs), () => {
      if (this.#sent === sent) sent();
      this.#sent = undefined;
    });
    await line.wait(failsInMs);
    throw new RetryableError("Cannot write: scripted, no answer in time");
  }

  #write(points: readonly Point[], closedMs: number): WriteResult {
    const refused = points.filter((point) => isRefused(point, this.#durable.scenario));
    this.#durable.write(points.filter((point) => !refused.includes(point)), closedMs);
    return { refused: refused.map((point) => ({ point, reason: "scripted" })) };
  }

  async *read(): AsyncIterable<Point> {
    for (const point of await Promise.resolve([...this.#durable.points.values()])) yield point;
  }

  async tagValues(): Promise<readonly string[]> {
    return await this.#line.call({ name: "ask", chance: this.#line.faults.questions, effect: () => [] });
  }

  ping(): Promise<void> {
    return Promise.resolve();
  }

  [Symbol.asyncDispose](): Promise<void> {
    return Promise.resolve();
  }
}

/** The dead letters. */
export class SimLetters implements DeadLetters {
  readonly #durable: Durable;
  readonly #line: Lifeline;
  readonly #isOwner: () => boolean;

  constructor(durable: Durable, { line, isOwner }: { readonly line: Lifeline; readonly isOwner: () => boolean }) {
    this.#durable = durable;
    this.#line = line;
    this.#isOwner = isOwner;
  }

  async append(letters: readonly DeadLetter[]): Promise<void> {
    await this.#line.call({
      name: "append",
      chance: this.#line.faults.letters,
      effect: () => this.#durable.append(letters, this.#isOwner()),
      partly: () => this.#durable.append(letters.slice(0, letters.length >> 1), this.#isOwner()),
    });
  }

  async *read(): AsyncIterable<DeadLetter> {
    for (const letter of await Promise.resolve([...this.#durable.letters.values()])) yield letter;
  }

  [Symbol.asyncDispose](): Promise<void> {
    return Promise.resolve();
  }
}
