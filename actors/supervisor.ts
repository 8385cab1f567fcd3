/**
 * The tree as data, in the order of starting; it is stopped in reverse, so the source drains before the flusher ends.
 *
 * ```
 * tally (rest_for_one)
 * ├── live              the latest news
 * ├── workers (one_for_one)
 * │   └── worker-0 …    threads that partition tasks run in
 * ├── flusher           merge, write, then commit
 * ├── source            partitions → tasks in the workers
 * ├── archivist         hours and days; old points go
 * ├── sentinel          what is unusual
 * └── herald            tells of it
 * ```
 *
 * I1. A flusher that fails takes the source along: one that starts anew owns nothing, so the source must join again.
 * I2. A worker that is lost starts anew alone; the source sends its partitions back to their checkpoints.
 */
import { child, type ChildSpec, supervisor, type SupervisorSpec, worker } from "../src/actor/mod.ts";
import { archivist, type ArchivistArgs } from "./archivist.ts";
import { flusher, type FlusherArgs } from "./flusher.ts";
import { herald, type HeraldArgs } from "./herald.ts";
import { type Board, live } from "./live.ts";
import { sentinel, type SentinelArgs } from "./sentinel.ts";
import { source, type SourceArgs } from "./source.ts";

/** What the tree is made of. */
export interface TreeOptions {
  readonly board: Board;
  /** Worker threads; 0 runs everything in this one. */
  readonly workers: number;
  /** The module that runs in each; it must serve what `worker.ts` serves. @default worker.ts */
  readonly workerUrl?: URL;
  readonly flusher: Omit<FlusherArgs, "livePath">;
  readonly source: Omit<SourceArgs, "flusherPath" | "livePath" | "workers">;
  /** None: only windows and panes are kept, for ever. */
  readonly archivist?: Omit<ArchivistArgs, "board">;
  /** None: nobody looks for what is unusual. */
  readonly sentinel?: Omit<SentinelArgs, "board">;
  /** None: nobody is told of incidents. */
  readonly herald?: Omit<HeraldArgs, "board"> | undefined;
}

/** Path of the tree's root, and of the actors that are asked from outside. */
export const PATHS = {
  root: "tally",
  live: "tally/live",
  workers: "tally/workers",
  flusher: "tally/flusher",
  source: "tally/source",
  archivist: "tally/archivist",
  sentinel: "tally/sentinel",
  herald: "tally/herald",
} as const;

const WORKER = new URL("./worker.ts", import.meta.url);
const INTENSITY = { max: 5, withinMs: 60_000 };
const BACKOFF = { minMs: 200, maxMs: 5_000 };

/** The pipeline's supervision tree. */
export function pipelineTree(options: TreeOptions): SupervisorSpec {
  const { board, workers: count, workerUrl: url = WORKER } = options;
  const workers = Array.from({ length: count }, (_, index) => `worker-${index}`);
  const drainMs = options.source.drainMs;
  const children: ChildSpec[] = [
    child(live, { id: "live", args: { board } }),
    supervisor({
      id: "workers",
      plan: { strategy: "one_for_one", intensity: INTENSITY, backoff: BACKOFF },
      children: workers.map((id) => worker({ id, url, startWithinMs: 60_000 })),
    }),
    child(flusher, { id: "flusher", args: { ...options.flusher, livePath: PATHS.live }, shutdownMs: drainMs }),
    child(source, {
      id: "source",
      args: {
        ...options.source,
        flusherPath: PATHS.flusher,
        livePath: PATHS.live,
        workers: workers.map((id) => ({ path: `${PATHS.workers}/${id}` })),
      },
      shutdownMs: drainMs,
    }),
    ...(options.archivist === undefined
      ? []
      : [child(archivist, { id: "archivist", args: { ...options.archivist, board } })]),
    ...(options.sentinel === undefined
      ? []
      : [child(sentinel, { id: "sentinel", args: { ...options.sentinel, board } })]),
    ...(options.herald === undefined ? [] : [child(herald, { id: "herald", args: { ...options.herald, board } })]),
  ];
  return supervisor({
    id: PATHS.root,
    plan: { strategy: "rest_for_one", intensity: INTENSITY, backoff: BACKOFF },
    children,
  });
}
