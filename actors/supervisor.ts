/**
 * The tree as data, in the order of starting; it is stopped in reverse, so the source drains before the flusher ends.
 *
 * ```
 * tally (rest_for_one)
 * ├── live          the latest news
 * ├── worker-0 …    threads that partition tasks run in
 * ├── flusher       merge, write, then commit
 * └── source        partitions → tasks in the workers
 * ```
 *
 * I1. Whoever fails takes those started after it along: a flusher that starts anew owns nothing, so the source must join
 *     again; a live actor that fails costs a restart of the pipeline, never a point.
 */
import { child, type ChildSpec, supervisor, type SupervisorSpec, worker } from "../src/actor/mod.ts";
import { flusher, type FlusherArgs } from "./flusher.ts";
import { type Board, live } from "./live.ts";
import { source, type SourceArgs } from "./source.ts";

/** What the tree is made of. */
export interface TreeOptions {
  readonly board: Board;
  /** Worker threads; 0 runs everything in this one. */
  readonly workers: number;
  readonly flusher: Omit<FlusherArgs, "livePath">;
  readonly source: Omit<SourceArgs, "flusherPath" | "livePath" | "workers">;
}

/** Path of the tree's root, and of the actors that are asked from outside. */
export const PATHS = { root: "tally", live: "tally/live", flusher: "tally/flusher", source: "tally/source" } as const;

/** The pipeline's supervision tree. */
export function pipelineTree(options: TreeOptions): SupervisorSpec {
  const { board, workers: count } = options;
  const workers = Array.from({ length: count }, (_, index) => `worker-${index}`);
  const drainMs = options.source.drainMs;
  const children: ChildSpec[] = [
    child(live, { id: "live", args: { board } }),
    ...workers.map((id) => worker({ id, url: new URL("./worker.ts", import.meta.url) })),
    child(flusher, { id: "flusher", args: { ...options.flusher, livePath: PATHS.live }, shutdownMs: drainMs }),
    child(source, {
      id: "source",
      args: {
        ...options.source,
        flusherPath: PATHS.flusher,
        livePath: PATHS.live,
        workers: workers.map((id) => ({ path: `${PATHS.root}/${id}` })),
      },
      shutdownMs: drainMs,
    }),
  ];
  return supervisor({
    id: PATHS.root,
    plan: {
      strategy: "rest_for_one",
      intensity: { max: 5, withinMs: 60_000 },
      backoff: { minMs: 200, maxMs: 5_000 },
    },
    children,
  });
}
