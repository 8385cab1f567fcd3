/** One process: the whole tree on a time of its own, until it is stopped, killed or forgotten. */
import { type Fact, type System, system, type Virtual, virtual } from "../../src/actor/mod.ts";
import { category } from "../../actors/category.ts";
import { Board } from "../../actors/live.ts";
import { partitionTask } from "../../actors/partition_task.ts";
import { source } from "../../actors/source.ts";
import { PATHS, pipelineTree } from "../../actors/supervisor.ts";
import type { Clock, Timer } from "../../src/clock.ts";
import { parseFieldMap } from "../../src/domain/field_map.ts";
import type { Log } from "../../src/log.ts";
import { customerPseudonyms } from "../../src/stream/customer_names.ts";
import { Columns } from "../../src/window/columns.ts";
import { Dice } from "../model/dice.ts";
import type { Durable } from "./durable.ts";
import { Lifeline } from "./lifeline.ts";
import { type Faults, TIMES } from "./scenario.ts";
import { LoneMember } from "./lone_member.ts";
import { type Membership, SimSource } from "./sim_source.ts";
import { SimLetters, SimStore } from "./sim_store.ts";

const SILENT: Log = { debug() {}, info() {}, warn() {}, error() {} };
/** Failures that were put there on purpose. */
const SCRIPTED = /scripted|DataView length|Columns/;
const ASK_MS = 3_600_000;
const NO_REPAIRS = { counts: () => Promise.resolve(new Map<number, number>()) };
const FIELD_MAP = parseFieldMap(undefined);

/** The process's clock: wall time may jump, and armed timers are counted. */
class JumpingClock implements Clock {
  readonly #clock: Clock;
  jumpMs = 0;
  readonly armed = new Set<Timer>();

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  nowMs(): number {
    return this.#clock.nowMs() + this.jumpMs;
  }

  elapsedMs(): number {
    return this.#clock.elapsedMs();
  }

  after(delayMs: number, fn: () => void): Timer {
    const inner = this.#clock.after(delayMs, () => {
      this.armed.delete(timer);
      fn();
    });
    const timer = {
      [Symbol.dispose]: () => {
        this.armed.delete(timer);
        inner[Symbol.dispose]();
      },
    };
    this.armed.add(timer);
    return timer;
  }

  yield(fn: () => void): void {
    this.#clock.yield(fn);
  }
}

/** Columns that cannot be counted. */
class BrokenColumns extends Columns {
  constructor() {
    super();
    Object.defineProperty(this, "length", { get: () => this.#fail() });
  }

  #fail(): never {
    throw new RangeError("Cannot read Columns: scripted crash");
  }
}

/** How a process starts. */
export interface ProcessOptions {
  readonly seed: number;
  readonly faults: Faults;
  readonly untilCaughtUp: boolean;
  /** Its place in a group that shares the partitions. @default it shares them with nobody */
  readonly membership?: (line: Lifeline) => Membership;
}

/** A running process. */
export class Process {
  readonly line: Lifeline;
  readonly source: SimSource;
  readonly board: Board;
  readonly clock: JumpingClock;
  readonly #time: Virtual;
  readonly #system: System;
  readonly #store: SimStore;
  readonly #durable: Durable;
  readonly #dice: Dice;
  readonly #started: Promise<void>;
  #hasEnded = false;
  #canCrashCategory = true;

  constructor(durable: Durable, options: ProcessOptions) {
    this.#durable = durable;
    this.#dice = new Dice(options.seed);
    this.#time = virtual({ seed: options.seed, startMs: durable.nowMs });
    this.clock = new JumpingClock(this.#time.clock);
    this.line = new Lifeline(this.#time.clock, { dice: new Dice(options.seed + 1), faults: options.faults });
    const membership = options.membership?.(this.line) ?? new LoneMember(durable, this.line);
    this.source = new SimSource(durable, { line: this.line, membership });
    this.#store = new SimStore(durable, { line: this.line, lease: () => this.source.leaseRemainingMs() });
    this.board = new Board(this.clock);
    const schedule = new Dice(options.seed + 2);
    this.#system = system({
      clock: this.clock,
      random: () => schedule.next(),
      pick: (runnable) => schedule.int(0, runnable - 1),
    });
    this.#system.observe((fact) => this.#look(fact));
    this.#system.done.then(() => this.#hasEnded = true);
    this.#started = this.#system.start(this.#tree(options)).then(() => {}, (error: unknown) => {
      this.#note(`start: ${String(error)}`);
    });
  }

  /** Whether it does nothing any more, by its own doing or by death. */
  get hasEnded(): boolean {
    return this.#hasEnded || this.line.isDead;
  }

  /** Lets time pass; heartbeats go on. */
  async advance(ms: number): Promise<void> {
    this.source.membership.beat();
    await this.#time.advance(ms);
    this.#measure();
  }

  /** Ends it as `kill -9` does. */
  kill(): void {
    this.line.kill();
    this.#store.land();
  }

  /** What it has sent arrives or not; after that it does nothing until time passes for it again. */
  freeze(): void {
    this.#store.land();
  }

  /** Makes the task of a partition crash, or a category of it. */
  crash(partition: number): void {
    const path = `${PATHS.source}/partition-${partition}`;
    if (this.#canCrashCategory && this.#dice.chance(0.5)) {
      // Once only: a record that is counted during a second crash would be taken for its cause.
      this.#canCrashCategory = false;
      this.#system.ref(category, `${path}/category-0`).tell("tally", new BrokenColumns());
    } else {
      this.#system.ref(partitionTask, path).tell("tally", { buffer: new ArrayBuffer(0), byteLength: 1, aborted: [] });
    }
  }

  /** Stops it as the program does: drain, then everything in reverse order. */
  stop(): Promise<void> {
    return this.#stop();
  }

  /** Waits until everything up to the ends found at start is final. */
  async catchUp(): Promise<void> {
    await this.#started;
    const ref = this.#system.ref(source, PATHS.source);
    await ref.ask("caughtUp", { withinMs: ASK_MS });
    await ref.ask("close", { withinMs: ASK_MS });
  }

  /** What still hangs after a stop. */
  leftovers(): readonly string[] {
    const { clock, source: { inFlightBytes } } = this;
    return [
      ...(clock.armed.size > 0 ? [`${clock.armed.size} timers are armed after the stop`] : []),
      ...(inFlightBytes < 0 ? [`${-inFlightBytes} bytes came back that were never handed over`] : []),
    ];
  }

  async #stop(): Promise<void> {
    await this.#started;
    const drained = this.#system.ref(source, PATHS.source).ask("drain", { withinMs: TIMES.drainMs });
    await drained.catch(() => {}); // Whoever cannot drain in time is stopped without.
    await this.#system.stop();
    this.#store.land();
  }

  #tree({ untilCaughtUp }: ProcessOptions) {
    const { scenario } = this.#durable;
    const { shape, maxSkewMs, limits, creditBytes, zombieMs } = scenario,
      ports = { source: this.source, store: this.#store };
    const letters = new SimLetters(this.#durable, { line: this.line, isOwner: () => this.source.membership.isOwner });
    const names = { categories: 1_000, regions: 500, admittedCategories: [], admittedRegions: [] };
    const { storeTimeoutMs, flushMs, idleMs, drainMs, maxWaitMs } = TIMES;
    return pipelineTree({
      board: this.board,
      workers: 0,
      flusher: {
        clock: this.clock,
        log: SILENT,
        ...ports,
        deadLetters: letters,
        amendments: NO_REPAIRS,
        storeTimeoutMs,
        zombieMs,
        shape,
        customerOf: customerPseudonyms("key"),
      },
      source: {
        source: this.source,
        topic: "transactions",
        shape,
        maxSkewMs,
        fieldMap: FIELD_MAP,
        acceptMapping: false,
        from: "earliest",
        untilCaughtUp,
        limits,
        names: async () => {
          await this.#store.tagValues();
          return names;
        },
        flushMs,
        idleMs,
        lane: { creditBytes, fetchBytes: creditBytes, maxWaitMs },
        drainMs,
      },
    });
  }

  #look(fact: Fact): void {
    if (this.line.isDead) return;
    if (fact.type === "failed" && !SCRIPTED.test(JSON.stringify(fact.exit))) {
      this.#note(`${fact.path} failed: ${JSON.stringify(fact.exit).slice(0, 300)}`);
    }
    if (fact.type === "gaveUp" || fact.type === "stopFailed") {
      this.#note(`${fact.path} ${fact.type}: ${fact.failure.message}`);
    }
    if (fact.type === "deadLetter" && (fact.reason === "full" || fact.reason === "displaced")) {
      this.#note(`${fact.kind} to ${fact.to} was ${fact.reason}`);
    }
  }

  #note(text: string): void {
    if (!this.line.isDead) this.#durable.breach(text);
  }

  /** Queues stay short: nothing in the tree may pile up. */
  #measure(): void {
    if (this.hasEnded) return;
    for (const { path, queued } of this.#system.stats()) {
      if (queued > QUEUED) this.#durable.breach(`${path} has ${queued} messages queued`);
    }
  }
}

const QUEUED = 64;
