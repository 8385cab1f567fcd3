/** Store and dead letters of one process: slow, failing, answering too late, refusing some points for good. */
import type { Point } from "../../src/domain/point.ts";
import type { DeadLetter, DeadLetters } from "../../src/stream/dead_letters.ts";
import { RetryableError } from "../../src/stream/failures.ts";
import type { Store, WriteResult } from "../../src/stream/store.ts";
import { type Bounds, type Durable, nameOf } from "./durable.ts";
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
  readonly #lease: () => number;
  /** Writes on their way: each arrives within a store time-out of being sent, if at all. */
  readonly #sent = new Set<() => void>();

  constructor(durable: Durable, { line, lease }: { readonly line: Lifeline; readonly lease: () => number }) {
    this.#durable = durable;
    this.#line = line;
    this.#lease = lease;
  }

  async write(points: readonly Point[]): Promise<WriteResult> {
    const { dice, faults } = this.#line, { bounds } = this.#durable;
    if (this.#lease() <= TIMES.storeTimeoutMs) {
      this.#durable.breach(`a write starts though the partitions are certain for ${this.#lease()} ms only`);
    }
    if (dice.chance(faults.crashFlusher)) throw new TypeError("Cannot write: scripted crash");
    if (dice.chance(faults.store / 2)) await this.#failLate(points, bounds);
    const sent = this.#send(points, bounds);
    if (dice.chance(5 * faults.killInCall)) this.#line.kill();
    const arrive = (some: readonly Point[]): WriteResult => {
      // What stood still for longer than a session has been cut off: it has arrived long since, or never will.
      if (!this.#sent.delete(sent)) throw new RetryableError("Cannot write: scripted, connection reset");
      return this.#write(some, bounds);
    };
    const call = this.#line.call({
      name: "write",
      chance: faults.store,
      effect: () => arrive(points),
      partly: () => void arrive(points.filter(() => dice.chance(0.5))),
    });
    return await call.finally(() => this.#sent.delete(sent));
  }

  /**
   * Decides about writes that are on their way when their process dies or stands still: they are lost, or arrive now, or,
   * where the pipeline is told to reckon with it, when another process may have taken over already.
   */
  land(): void {
    const { zombieMs } = this.#durable.scenario, { dice } = this.#line;
    for (const sent of this.#sent) {
      if (zombieMs > 0) this.#durable.send(dice.int(TIMES.storeTimeoutMs >> 1, TIMES.storeTimeoutMs), sent);
      else if (dice.chance(0.7)) sent();
    }
    this.#sent.clear();
  }

  /** Fails early or by time-out; what was sent may still arrive, within a store time-out of being sent. */
  async #failLate(points: readonly Point[], bounds: Bounds): Promise<never> {
    const line = this.#line, { dice } = line;
    const sent = this.#send(dice.chance(0.5) ? points : points.filter(() => dice.chance(0.5)), bounds);
    line.after(dice.int(1, TIMES.storeTimeoutMs), () => {
      if (this.#sent.delete(sent)) sent();
    });
    await line.wait(dice.int(1, TIMES.storeTimeoutMs));
    throw new RetryableError("Cannot write: scripted, no answer in time");
  }

  #send(points: readonly Point[], bounds: Bounds): () => void {
    const sent = () => void this.#write(points, bounds);
    this.#sent.add(sent);
    return sent;
  }

  #write(points: readonly Point[], bounds: Bounds): WriteResult {
    const refused = points.filter((point) => isRefused(point, this.#durable.scenario));
    this.#durable.write(points.filter((point) => !refused.includes(point)), bounds);
    return { refused: refused.map((point) => ({ point, reason: "scripted" })) };
  }

  amend(): Promise<void> {
    return Promise.reject(new TypeError("Cannot amend points: nobody scores them in a simulation"));
  }

  async *read(): AsyncIterable<Point> {
    for (const point of await Promise.resolve([...this.#durable.points.values()])) yield point;
  }

  async tagValues(): Promise<readonly string[]> {
    return await this.#line.call({ name: "ask", chance: this.#line.faults.questions, effect: () => [] });
  }

  remove(): Promise<void> {
    return Promise.resolve();
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
