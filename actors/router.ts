/**
 * Routes partitions to workers: reads where each begins, starts its task, keeps the workers evenly loaded.
 *
 * I1. A partition goes to the worker that has the fewest; it stays there until it ends.
 * I2. The bound of a partition in a run that ends when caught up is taken once, when it is assigned for the first time.
 */
import { type Address, type Context, StartError } from "../src/actor/mod.ts";
import type { FieldMap } from "../src/domain/field_map.ts";
import type { Checkpoint, ConfigMark } from "../src/stream/checkpoint.ts";
import { RetryableError } from "../src/stream/failures.ts";
import type { IntakeLimits } from "../src/stream/intake_options.ts";
import type { Assignment, OffsetRange, Source } from "../src/stream/source.ts";
import { Closed, type StartFrom, startOf } from "../src/stream/start.ts";
import { Suspects } from "../src/stream/suspects.ts";
import type { WindowShape } from "../src/window/shape.ts";
import { partitionTask } from "./partition_task.ts";
import { RoutedPartition } from "./routed_partition.ts";
import type { EventNames } from "../src/stream/event_reader.ts";

/** What routing depends on. */
export interface RouterOptions {
  readonly source: Source;
  readonly topic: string;
  readonly shape: WindowShape;
  readonly maxSkewMs: number;
  readonly fieldMap: FieldMap;
  readonly acceptMapping: boolean;
  readonly from: StartFrom;
  /** Whether to read only up to the ends found at start. */
  readonly untilCaughtUp: boolean;
  readonly limits: IntakeLimits;
  /** Whether a batch whose checksum is wrong counts as damaged. @default {false} */
  readonly checksCrcs?: boolean;
  /** Names that have series already, and how many more may get one. */
  readonly names: () => Promise<EventNames>;
  /** Workers to place tasks in; none: this thread. */
  readonly workers: readonly Address[];
}

/** A partition on its way, with the checkpoint it started from. */
export interface Routed {
  readonly partition: RoutedPartition;
  readonly checkpoint: Checkpoint;
  /** What ends by then is closed by what others have committed. */
  readonly closedMs: number;
  /** Whether it is new in the topic. */
  readonly isAdded: boolean;
}

/** Starts partition tasks. */
export class Router {
  readonly #options: RouterOptions;
  /** What crashes have taught about records. */
  readonly suspects = new Suspects();
  readonly #workerOf = new Map<number, Address>();
  readonly #stopAt = new Map<number, number>();

  constructor(options: RouterOptions) {
    this.#options = options;
  }

  /**
   * Starts a task for each partition, as a child of the caller that reports its end as `taskDown`.
   *
   * @throws {RetryableError} when the log or the store cannot answer; {ConfigError} when a checkpoint does not fit
   */
  async route({ partitions, partitionCount }: Shared, cx: Context): Promise<readonly Routed[]> {
    const { source, names } = this.#options;
    // In this order: an end asked for after a commit is not below it.
    const committed = await source.committed(Array.from({ length: partitionCount }, (_, partition) => partition));
    const [ranges, fallback, limits] = await Promise.all([
      source.offsets(partitions),
      this.#fallbackOffsets(partitions),
      names(),
    ]);
    const closed = new Closed(committed);
    const config: ConfigMark = { ...this.#options.shape, fieldMap: this.#options.fieldMap.hash };
    const { maxSkewMs, acceptMapping } = this.#options;
    const plans = partitions.map((partition) => {
      const range = ranges.get(partition) ?? { first: 0, end: 0 };
      const fallbackOffset = fallback.get(partition) ?? range.first;
      const beginsMs = committed.has(partition) ? -Infinity : closed.beginningOf(partition);
      const options = { config, maxSkewMs, acceptMapping, fallbackOffset, beginsMs };
      const checkpoint = startOf(committed.get(partition), range, options);
      const isAdded = beginsMs > -Infinity;
      return { partition, checkpoint, range, names: limits, closedMs: closed.of(partition), isAdded };
    });
    return await this.#startAll(plans, cx);
  }

  /** Ends tasks and forgets where they were placed. */
  async stop(tasks: readonly Pick<RoutedPartition, "partition" | "task">[], cx: Context): Promise<void> {
    for (const { partition, task } of tasks) {
      cx.unwatch(task);
      this.#workerOf.delete(partition);
      await cx.stopChild(idOf(partition));
    }
  }

  /** Starts all or none: what was started is stopped again when a later one cannot be. */
  async #startAll(plans: readonly StartPlan[], cx: Context): Promise<readonly Routed[]> {
    const routed: Routed[] = [];
    try {
      for (const plan of plans) routed.push(await this.#start(plan, cx));
      return routed;
    } catch (error) {
      await this.stop(routed.map(({ partition }) => partition), cx);
      throw isPlaceMissing(error) ? new RetryableError("Cannot route: a worker is starting", { cause: error }) : error;
    }
  }

  async #start(plan: StartPlan, cx: Context): Promise<Routed> {
    const { partition, checkpoint, range, names, closedMs, isAdded } = plan;
    const { topic, shape, maxSkewMs, fieldMap, limits, checksCrcs = false } = this.#options;
    const stopAt = this.#boundOf(partition, range);
    const place = this.#placeOf(partition), caution = this.suspects.cautionFor(partition, checkpoint.offset);
    const task = await cx.spawn(partitionTask, {
      id: idOf(partition),
      args: { topic, partition, checkpoint, shape, maxSkewMs, fieldMap, limits, checksCrcs, names, stopAt, caution },
      restart: "temporary",
      ...(place === undefined ? {} : { place }),
    });
    cx.watch(task, "taskDown");
    const { offset, position, watermarkMs } = checkpoint;
    const nowMs = cx.clock.elapsedMs();
    const routed = new RoutedPartition({ partition, task, offset, position, range, stopAt: stopAt ?? Infinity, nowMs });
    routed.watermarkMs = watermarkMs;
    return { partition: routed, checkpoint, closedMs, isAdded };
  }

  #placeOf(partition: number): Address | undefined {
    const { workers } = this.#options;
    const load = (worker: Address) => [...this.#workerOf.values()].filter((other) => other === worker).length;
    const place = this.#workerOf.get(partition) ?? workers.toSorted((a, b) => load(a) - load(b))[0];
    if (place !== undefined) this.#workerOf.set(partition, place);
    return place;
  }

  #boundOf(partition: number, { end }: OffsetRange): number | undefined {
    if (!this.#options.untilCaughtUp) return undefined;
    const bound = this.#stopAt.get(partition) ?? end;
    this.#stopAt.set(partition, bound);
    return bound;
  }

  #fallbackOffsets(partitions: readonly number[]): Promise<ReadonlyMap<number, number>> {
    const { source, from } = this.#options;
    if (from === "earliest") return Promise.resolve(new Map());
    return source.offsetsAt(partitions, from === "latest" ? Infinity : from.timeMs);
  }
}

/** Partitions of a topic that has so many. */
type Shared = Pick<Assignment, "partitions" | "partitionCount">;

interface StartPlan {
  readonly partition: number;
  readonly checkpoint: Checkpoint;
  readonly range: OffsetRange;
  readonly names: EventNames;
  readonly closedMs: number;
  readonly isAdded: boolean;
}

function idOf(partition: number): string {
  return `partition-${partition}`;
}

/** Whether a task could not start because its worker is not there (yet); any other failed start is for the supervisor. */
function isPlaceMissing(error: unknown): boolean {
  if (!(error instanceof StartError) || !("failure" in error.exit)) return false;
  return error.exit.why === "workerLost" || error.exit.failure.name === "PlaceGone";
}
