/** The pipeline's tree over a log and a store in memory. */
import type { Board } from "../../actors/live.ts";
import { pipelineTree } from "../../actors/supervisor.ts";
import type { SupervisorSpec } from "../../src/actor/mod.ts";
import type { Clock } from "../../src/clock.ts";
import { parseFieldMap } from "../../src/domain/field_map.ts";
import type { Log } from "../../src/log.ts";
import { customerPseudonyms } from "../../src/stream/customer_names.ts";
import type { Source } from "../../src/stream/source.ts";
import type { StartFrom } from "../../src/stream/start.ts";
import { type WindowShape, windowShape } from "../../src/window/shape.ts";
import { MemoryAmendments } from "./memory_amendments.ts";
import type { MemoryLetters, MemoryStore } from "./memory_store.ts";

/** What a test may choose of the tree. */
export interface MemoryTreeOptions {
  readonly amendments?: MemoryAmendments;
  readonly shape?: Partial<WindowShape>;
  readonly untilCaughtUp?: boolean;
  readonly from?: StartFrom;
  readonly limits?: { readonly panes: number; readonly letterBytes: number; readonly valueBytes: number };
  readonly acceptMapping?: boolean;
  readonly zombieMs?: number;
  /** @default 1_000 */
  readonly flushMs?: number;
  /** @default 2 MiB */
  readonly creditBytes?: number;
  /** @default 1 MiB */
  readonly fetchBytes?: number;
  /** Worker threads, which need real time, and what runs in them. @default none: all in one isolate */
  readonly workers?: { readonly count: number; readonly url: URL };
}

/** What the tree stands on. */
export interface MemoryTreeParts {
  readonly clock: Clock;
  readonly board: Board;
  readonly source: Source;
  readonly store: MemoryStore;
  readonly letters: MemoryLetters;
}

const SILENT: Log = { debug() {}, info() {}, warn() {}, error() {} };

/** The tree, with small bounds on time and no archivist or sentinel. */
export function memoryTree(
  { clock, board, source, store, letters }: MemoryTreeParts,
  options: MemoryTreeOptions,
): SupervisorSpec {
  const shape = windowShape({
    slideMs: 5_000,
    windowMs: 60_000,
    latenessMs: 30_000,
    zeroFillMs: 60_000,
    ...options.shape,
  });
  return pipelineTree({
    board,
    workers: options.workers?.count ?? 0,
    ...(options.workers === undefined ? {} : { workerUrl: options.workers.url }),
    flusher: {
      clock,
      log: SILENT,
      source,
      store,
      deadLetters: letters,
      amendments: options.amendments ?? new MemoryAmendments(),
      storeTimeoutMs: 3_000,
      zombieMs: options.zombieMs ?? 13_000,
      shape,
      customerOf: customerPseudonyms("key"),
    },
    source: {
      source,
      topic: "transactions",
      shape,
      maxSkewMs: 300_000,
      fieldMap: parseFieldMap(undefined),
      acceptMapping: options.acceptMapping ?? false,
      from: options.from ?? "earliest",
      untilCaughtUp: options.untilCaughtUp ?? false,
      limits: options.limits ?? { panes: 4_096, letterBytes: 1 << 24, valueBytes: 1 << 20 },
      names: () => Promise.resolve({ categories: 1_000, regions: 500, admittedCategories: [], admittedRegions: [] }),
      flushMs: options.flushMs ?? 1_000,
      idleMs: 5_000,
      lane: {
        creditBytes: options.creditBytes ?? 1 << 21,
        fetchBytes: options.fetchBytes ?? 1 << 20,
        maxWaitMs: 100,
      },
      drainMs: 10_000,
    },
  });
}
