/** The whole pipeline in one isolate on virtual time, over a log and a store in memory. */
import { type System, system, type Virtual, virtual } from "../../src/actor/mod.ts";
import { Board } from "../../actors/live.ts";
import { partitionTask } from "../../actors/partition_task.ts";
import { source } from "../../actors/source.ts";
import { PATHS } from "../../actors/supervisor.ts";
import { MemoryLog, MemorySource } from "./memory_log.ts";
import { MemoryLetters, MemoryStore } from "./memory_store.ts";
import { memoryTree, type MemoryTreeOptions } from "./memory_tree.ts";

/** What a test may choose. */
export interface PipelineOptions extends Omit<MemoryTreeOptions, "workers"> {
  readonly log: MemoryLog;
  readonly store?: MemoryStore;
  readonly letters?: MemoryLetters;
  readonly time?: Virtual;
  /** Fetches that are answered before all others fail, until the test says otherwise. @default all */
  readonly fetchesLeft?: number;
}

/** A running pipeline. */
export class MemoryPipeline implements AsyncDisposable {
  readonly time: Virtual;
  readonly store: MemoryStore;
  readonly letters: MemoryLetters;
  readonly source: MemorySource;
  readonly board: Board;
  readonly system: System;
  readonly #log: MemoryLog;

  private constructor(options: PipelineOptions) {
    this.time = options.time ?? virtual({ startMs: 1_800_000_000_000 });
    this.#log = options.log;
    this.store = options.store ?? new MemoryStore();
    this.letters = options.letters ?? new MemoryLetters();
    this.source = new MemorySource(options.log, this.time.clock);
    this.source.fetchesLeft = options.fetchesLeft ?? Infinity;
    this.board = new Board(this.time.clock);
    this.system = system({ clock: this.time.clock, random: this.time.random });
  }

  /** Starts the tree; partitions are assigned at once. */
  static async start(options: PipelineOptions): Promise<MemoryPipeline> {
    const pipeline = new MemoryPipeline(options);
    const { time, store, letters, source: memorySource, board } = pipeline;
    const parts = { clock: time.clock, board, source: memorySource, store, letters };
    const started = pipeline.system.start(memoryTree(parts, options));
    await time.settle();
    await started;
    return pipeline;
  }

  /** Reads up to the ends found at start and makes everything final. */
  async finish(): Promise<void> {
    const ref = this.system.ref(source, PATHS.source);
    const caughtUp = ref.ask("caughtUp", { withinMs: 3_600_000 });
    await this.#while(caughtUp);
    await this.#while(ref.ask("close", { withinMs: 3_600_000 }));
    await this.drain();
  }

  /** Stops reading and commits what was read. */
  async drain(): Promise<void> {
    await this.#while(this.system.ref(source, PATHS.source).ask("drain", { withinMs: 3_600_000 }));
  }

  /** Makes the task of a partition crash at its next batch: its bytes are none. */
  crash(partition: number): void {
    const task = this.system.ref(partitionTask, `${PATHS.source}/partition-${partition}`);
    task.tell("tally", { buffer: new ArrayBuffer(0), byteLength: 1, aborted: [] });
  }

  /** Resolves when all that was seen is final and committed. */
  async close(): Promise<void> {
    await this.#while(this.system.ref(source, PATHS.source).ask("close", { withinMs: 3_600_000 }));
  }

  /** Ends as `kill -9` does: nothing is written or committed any more. */
  async kill(): Promise<void> {
    this.#log.generation++;
    this.source.leaseMs = 0;
    await this[Symbol.asyncDispose]();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#while(this.system.stop());
  }

  /** Lets virtual time pass until `promise` has settled. */
  async #while(promise: Promise<unknown>): Promise<void> {
    let isSettled = false;
    const settled = promise.finally(() => isSettled = true);
    settled.catch(() => {}); // Awaited below; this keeps an early failure from being called unhandled.
    for (let turns = 0; !isSettled && turns < 10_000; turns++) await this.time.advance(100);
    await settled;
  }
}
