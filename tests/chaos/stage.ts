/** A group of processors under load, and whoever does harm to it: a log, a store, a producer, seats and a witness. */
import assert from "node:assert/strict";
import { sleep, systemClock } from "../../src/clock.ts";
import { SeededRandom } from "../../src/produce/seeded_random.ts";
import type { Program } from "../e2e/program.ts";
import { Seat } from "./seat.ts";
import { judge, type Judged, type Verdict } from "./verdict.ts";
import { type Recovery, Witness } from "./witness.ts";

/** What a stage stands on. */
export interface StageOptions extends Judged {
  /** Decides every moment and every choice. */
  readonly seed: number;
  /** Records a second. */
  readonly rate: number;
  /** How many records are in the log; undefined while that cannot be told. */
  readonly logEnd: () => Promise<number | undefined>;
}

/** A fault and what it cost. */
export interface Harm extends Recovery {
  /** The same for faults of a kind. */
  readonly kind: string;
}

/** What happened on a stage. */
export interface Play {
  readonly verdict: Verdict;
  readonly harms: readonly Harm[];
  readonly largestLag: number;
}

const ASK_END_MS = 500;
const SETTLE_MS = 3_000;

/** One for a scenario. */
export class Stage implements AsyncDisposable {
  readonly random: SeededRandom;
  readonly witness = new Witness();
  readonly #options: StageOptions;
  readonly #stop = new AbortController();
  readonly #seats: Seat[] = [];
  readonly #harms: Harm[] = [];
  #producer: Program | undefined;
  #asking: Promise<void> | undefined;

  constructor(options: StageOptions) {
    this.#options = options;
    this.random = new SeededRandom(options.seed, 0);
  }

  /** Makes the topic, and starts the producer and the processors; resolves when all advances. */
  async begin(...seats: readonly Seat[]): Promise<void> {
    const { tally, rate, seed } = this.#options;
    await tally.run("topic", "create");
    this.#producer = tally.start("produce", "--rate", `${rate}`, "--seed", `${seed}`);
    this.#asking = this.#askEnd();
    await Promise.all(seats.map((seat) => seat.start()));
    await this.witness.settled(systemClock.elapsedMs() + SETTLE_MS);
  }

  /** A place for a processor with settings of its own. */
  seat(name: string, settings: Readonly<Record<string, string>> = {}): Seat {
    const seat = new Seat(name, { tally: this.#options.tally.with(settings), witness: this.witness });
    this.#seats.push(seat);
    return seat;
  }

  /** What the producer has said on standard error. */
  get producerSaid(): string {
    return this.#producer?.stderr.text ?? "";
  }

  /** Waits for a time between two bounds, in ms, that the seed decides. */
  async pause(fromMs: number, toMs: number): Promise<void> {
    await sleep(systemClock, fromMs + this.random.unit() * (toMs - fromMs), this.#stop.signal);
  }

  /** Does harm, sees to it that what must run runs, and keeps what it cost. */
  async harm(kind: string, act: (now: () => void) => Promise<void>): Promise<void> {
    let faultMs = systemClock.elapsedMs();
    await act(() => faultMs = systemClock.elapsedMs());
    const recovery = await this.witness.recovered(faultMs);
    for (const seat of this.#seats) await seat.assertRuns();
    this.#harms.push({ kind, ...recovery });
    const seconds = (ms: number) => (ms / 1_000).toFixed(1);
    const { firstMs, allMs, stallMs } = recovery;
    console.log(
      `${this.#harms.length}. ${kind}: first ${seconds(firstMs)} s, all ${seconds(allMs)} s, stall ${
        seconds(stallMs)
      } s`,
    );
  }

  /** Ends the load, lets everybody go in order, and judges what is left. */
  async end(): Promise<Play> {
    this.#producer?.signal("SIGINT");
    const finished = await this.#producer?.finished();
    assert.equal(finished?.code, 0, `the producer: ${finished?.stderr.slice(-3_000)}`);
    await Promise.all(this.#seats.filter(({ isTaken }) => isTaken).map((seat) => seat.stop()));
    this.#stop.abort();
    await this.#asking;
    return {
      verdict: await judge(this.#options),
      harms: this.#harms,
      largestLag: this.witness.largestLag,
    };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#stop.abort();
    await this.#asking;
    await this.witness[Symbol.asyncDispose]();
  }

  async #askEnd(): Promise<void> {
    while (!this.#stop.signal.aborted) {
      const end = await this.#options.logEnd();
      if (end !== undefined) this.witness.noteEnd(end);
      await sleep(systemClock, ASK_END_MS, this.#stop.signal);
    }
  }
}
