/** The whole pipeline with real worker threads, in real time, over a log and a store in memory. */
import { Board } from "../../actors/live.ts";
import { source } from "../../actors/source.ts";
import { PATHS } from "../../actors/supervisor.ts";
import { type Fact, type System, system } from "../../src/actor/mod.ts";
import { systemClock, systemRandom } from "../../src/clock.ts";
import { bomb } from "./faulty_worker.ts";
import { type MemoryLog, MemorySource } from "./memory_log.ts";
import { MemoryLetters, MemoryStore } from "./memory_store.ts";
import { memoryTree, type MemoryTreeOptions } from "./memory_tree.ts";

/** What a test may choose. */
export interface ThreadPipelineOptions extends Omit<MemoryTreeOptions, "workers"> {
  readonly log: MemoryLog;
  /** Threads, each with what `faulty_worker.ts` has. */
  readonly threads: number;
  /** Fetches that are answered before all others fail, until the test says otherwise. @default all */
  readonly fetchesLeft?: number;
}

const PATIENCE_MS = 120_000;

/** A running pipeline; only what reaches its end has no deadline but the test's. */
export class ThreadPipeline implements AsyncDisposable {
  readonly store = new MemoryStore();
  readonly letters = new MemoryLetters();
  readonly board = new Board(systemClock);
  readonly facts: Fact[] = [];
  readonly source: MemorySource;
  readonly #system: System;
  readonly #looks = new Set<() => void>();

  private constructor({ log, fetchesLeft = Infinity }: ThreadPipelineOptions) {
    this.source = new MemorySource(log, systemClock);
    this.source.fetchesLeft = fetchesLeft;
    this.#system = system({ clock: systemClock, random: systemRandom });
    this.#system.observe((fact) => {
      this.facts.push(fact);
      for (const look of this.#looks) look();
    });
  }

  /** Starts the tree; partitions are assigned at once. */
  static async start(options: ThreadPipelineOptions): Promise<ThreadPipeline> {
    const pipeline = new ThreadPipeline(options);
    const { source, store, letters, board } = pipeline;
    const workers = { count: options.threads, url: new URL("./faulty_worker.ts", import.meta.url) };
    await pipeline.#system.start(
      memoryTree({ clock: systemClock, board, source, store, letters }, { ...options, workers }),
    );
    return pipeline;
  }

  /** Ends a worker thread in the middle of its work; resolves when another one has taken its place. */
  async lose(worker: number): Promise<void> {
    const place = { path: `${PATHS.workers}/worker-${worker}` };
    const restarted = this.#seen((fact) => fact.type === "restarted" && fact.path === place.path);
    const ref = await this.#system.spawn(bomb, { id: "bomb", args: undefined, restart: "temporary", place });
    ref.tell("explode");
    await restarted;
  }

  /** Reads up to the ends found at start and makes everything final. */
  async finish(): Promise<void> {
    const ref = this.#system.ref(source, PATHS.source);
    for (const order of ["caughtUp", "close", "drain"] as const) await ref.ask(order, { withinMs: PATIENCE_MS });
  }

  /** How often something happened to each task of a partition, in the order of the partitions. */
  timesOf(type: Fact["type"], partitions: number): readonly number[] {
    return Array.from({ length: partitions }, (_, partition) => {
      const path = `${PATHS.source}/partition-${partition}`;
      return this.facts.filter((fact) => fact.type === type && "path" in fact && fact.path === path).length;
    });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#system.stop();
  }

  #seen(fits: (fact: Fact) => boolean): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<void>();
    const look = () => {
      if (!this.facts.some(fits)) return;
      this.#looks.delete(look);
      resolve();
    };
    this.#looks.add(look);
    look();
    return promise;
  }
}
