/**
 * The flusher: asks every partition what changed, merges, writes, and only then commits.
 *
 * I1. Raises are committed before anything is closed by them; points and dead letters are acknowledged before the commit
 *     that depends on them.
 * I2. One flush at a time; one that could not be finished is taken up where it stopped before another begins.
 * I3. Nothing that ends at or before the closed frontier is written; while a partition replays, nothing is written.
 * I4. Nothing is made final that another process of the group could still add to.
 */
import { actor, AskError, type Context } from "../src/actor/mod.ts";
import { AmendedCounts } from "../src/stream/amended_counts.ts";
import type { Amendments } from "../src/stream/amendments.ts";
import { FencedError, RetryableError } from "../src/stream/failures.ts";
import { closingRaises, frontierOf, highOf, newestEndMs, raisesDue, type Standing } from "../src/stream/frontier.ts";
import { mergeParts } from "../src/stream/merge.ts";
import type { CustomerNaming } from "../src/stream/rankings.ts";
import { partitionPoint } from "../src/stream/partition_point.ts";
import type { WindowShape } from "../src/window/shape.ts";
import { spanned } from "../src/telemetry.ts";
import { Desk, type DeskOptions, type Flush, type OwnedPartitions } from "./desk.ts";
import { Excess } from "./excess.ts";
import { checkpointsOf, type Gathered, isHeld, linesOf } from "./gathered.ts";
import { live } from "./live.ts";
import { type Mark, partitionTask } from "./partition_task.ts";
import { Sharing } from "./sharing.ts";

/** What a flusher works with. */
export interface FlusherArgs extends DeskOptions {
  readonly shape: WindowShape;
  /** What repairs put back while this process runs. */
  readonly amendments: Pick<Amendments, "counts">;
  readonly livePath: string;
  /** How a customer is shown. */
  readonly customerOf: CustomerNaming;
}

/** A partition when a flush is ordered. */
export interface FlushPartition {
  readonly partition: number;
  readonly taskPath: string;
  readonly end: number;
  readonly isIdle: boolean;
  readonly quietForMs: number;
  readonly hasReachedFirstEnd: boolean;
}

/** `settle` only finishes what was begun; `closing` makes final all that was seen. */
export interface FlushOrder {
  readonly generation: number;
  /** Whether the partitions are let go after it. */
  readonly isLast: boolean;
  readonly kind: "regular" | "closing" | "settle";
  readonly partitions: readonly FlushPartition[];
}

/** How far a flush came. */
export interface Reach {
  /** Everything that was seen is final. */
  readonly hasClosed: boolean;
  /** More can be made final at once. */
  readonly hasMore: boolean;
  /** Where the partitions stand, which their source learns otherwise only when a whole fetch has been decided. */
  readonly standings: readonly Standing[];
  /** The lowest watermark that keeps the frontier back in another process; Infinity when none does. */
  readonly othersMs: number;
}

/** How a flush ended: durable, to be taken up again, or ours no longer. */
export type FlushResult =
  | { readonly kind: "committed" } & Reach
  | { readonly kind: "waiting" }
  | { readonly kind: "fenced" };

interface State {
  readonly args: FlusherArgs;
  readonly desk: Desk;
  readonly sharing: Sharing;
  readonly amended: AmendedCounts;
  /** What ends later has not been written yet, or not since a partition started anew. */
  writtenUpToMs: number;
  statedAtMs: number;
  readonly excess: Excess;
}

/** A task answers between two chunks; only a broken worker takes this long. */
const TASK_MS = 60_000;
/** `tally_partition` is written at most this often. */
const STATE_EVERY_MS = 500;

/** The flusher actor. */
export const flusher = actor({
  name: "flusher",
  init: (args: FlusherArgs): State => ({
    args,
    desk: new Desk(args),
    sharing: new Sharing(args),
    amended: new AmendedCounts(args.amendments, args.clock),
    writtenUpToMs: -Infinity,
    statedAtMs: -Infinity,
    excess: new Excess(args.log),
  }),
  on: {
    /** Takes partitions over, or one of them again after its task crashed. */
    begin(state, ownership: OwnedPartitions, cx) {
      if (ownership.generation !== state.desk.generation) {
        state.sharing.begin(ownership);
        cx.ref(live, state.args.livePath).tell("shared", { split: ownership.split });
      }
      state.desk.own(ownership);
      state.writtenUpToMs = -Infinity;
    },
    /** Makes what changed durable. */
    flush: (state, order: FlushOrder, cx): Promise<FlushResult> =>
      spanned(
        "tally.flush",
        { kind: order.kind, partitions: order.partitions.length },
        () => attempt(state, order, cx),
      ),
  },
});

async function attempt(state: State, order: FlushOrder, cx: Context): Promise<FlushResult> {
  if (order.generation !== state.desk.generation) return { kind: "fenced" };
  try {
    announce(state, { flush: await state.desk.settle(), order }, cx);
    if (order.kind === "settle") return { kind: "committed", ...NOWHERE };
    return { kind: "committed", ...await flush(state, order, cx) };
  } catch (error) {
    return outcomeOf(state, error, cx);
  }
}

const NOWHERE: Reach = { hasClosed: false, hasMore: false, standings: [], othersMs: Infinity };

/** What an error means for the flush; an unknown one is a crash. */
function outcomeOf(state: State, error: unknown, cx: Context): FlushResult {
  if (error instanceof FencedError) {
    state.desk.disown();
    return { kind: "fenced" };
  }
  // A task that ended took its change flags with it, so everything open is written again.
  if (error instanceof AskError) state.writtenUpToMs = -Infinity;
  if (error instanceof AskError || error instanceof RetryableError) {
    state.args.log.warn("A flush was put off", { reason: error.message });
    cx.ref(live, state.args.livePath).tell("putOff", error.message);
    return { kind: "waiting" };
  }
  throw error;
}

async function flush(state: State, order: FlushOrder, cx: Context): Promise<Reach> {
  const { desk, sharing, args: { shape } } = state;
  const { asksNames } = sharing;
  const marks = await askAll(order, ({ partition, taskPath }) => {
    const request = { closedMs: desk.closedOf(partition), asksNames };
    return cx.ref(partitionTask, taskPath).ask("mark", request, { withinMs: TASK_MS });
  });
  if (marks.length === 0 || marks.some(({ isReplaying }) => isReplaying)) return NOWHERE;
  await look(state, marks, cx);
  await state.amended.refresh();
  const standings = await raise(state, { order, marks }, cx);
  const { closedMs } = desk;
  const reachedMs = Math.max(closedMs, frontierOf(standings));
  const steppedMs = Math.max(closedMs, Math.min(reachedMs, ...marks.map(({ stepMs }) => stepMs)));
  const frontierMs = desk.isHolding ? closedMs : Math.max(closedMs, Math.min(steppedMs, sharing.reachMs));
  const hasMore = steppedMs < reachedMs;
  const upToMs = !hasMore && hasCaughtUp(order) ? Math.max(newestEndMs(marks, shape), frontierMs) : frontierMs;
  // While finals are held, what could be final may stand in the store as the owner before us wrote it: it stays so.
  const heldMs = frontierMs < steppedMs ? reachedMs : frontierMs;
  const summaries = await askAll(order, async ({ partition, taskPath }) => {
    const ownMs = desk.closedOf(partition), afterMs = frontierMs > ownMs ? ownMs : Math.max(ownMs, heldMs);
    const request = { range: { afterMs, upToMs }, frontierMs: Math.max(ownMs, frontierMs) };
    const summary = await cx.ref(partitionTask, taskPath).ask("summary", request, { withinMs: TASK_MS });
    return { ...summary, checkpoint: state.amended.entered(partition, summary.checkpoint) };
  });
  const ends = new Map(order.partitions.map(({ partition, end }) => [partition, end]));
  const gathered = { marks, standings, summaries, ends, frontierMs, heldMs };
  desk.open({ ...flushOf(state, gathered, cx), isLast: order.isLast });
  state.writtenUpToMs = upToMs;
  announce(state, { flush: await desk.settle(), order }, cx);
  return {
    hasClosed: frontierMs >= newestEndMs(marks, shape),
    hasMore: hasMore && frontierMs > closedMs,
    standings,
    othersMs: sharing.others.activeMs,
  };
}

/** Looks at the other processes of the group, and says so when one of them holds a category of ours. */
async function look({ sharing, args }: State, marks: readonly Mark[], cx: Context): Promise<void> {
  const before = sharing.split;
  await sharing.look(marks, cx.clock.elapsedMs());
  if (sharing.split !== before) cx.ref(live, args.livePath).tell("shared", { split: sharing.split });
}

/** Tells the tasks and the page of a flush that has become durable. */
function announce(
  state: State,
  { flush, order }: { readonly flush: Flush | undefined; readonly order: FlushOrder },
  cx: Context,
) {
  if (flush === undefined) return;
  const { checkpoints, news } = flush;
  for (const { partition, taskPath } of order.partitions) {
    const checkpoint = checkpoints.get(partition);
    if (checkpoint === undefined) continue;
    const { frontierMs, position } = checkpoint;
    cx.ref(partitionTask, taskPath).tell("committed", { frontierMs, position });
  }
  cx.ref(live, state.args.livePath).tell("written", news);
}

/**
 * Whether every partition has been read up to the end that it had when it was assigned.
 *
 * Before, no provisional point is written: after a crash it could stand in the place of a final one that was written but
 * not committed, and in a catch-up it would be replaced at once.
 */
function hasCaughtUp({ partitions }: FlushOrder): boolean {
  return partitions.every(({ hasReachedFirstEnd }) => hasReachedFirstEnd);
}

/**
 * Raises idle partitions and says where everybody stands then.
 *
 * The desk commits a raise before anything that was summarized after it.
 */
async function raise(
  state: State,
  { order, marks }: { readonly order: FlushOrder; readonly marks: readonly Mark[] },
  cx: Context,
): Promise<readonly Standing[]> {
  const { shape } = state.args;
  const standings = order.partitions.flatMap((partition) => {
    const mark = marks.find((candidate) => candidate.partition === partition.partition);
    return mark === undefined ? [] : [{ ...partition, ...mark, isIdle: partition.isIdle || mark.isRaiseBound }];
  });
  const due = order.kind === "closing"
    ? closingRaises(standings, shape)
    : raisesDue(standings, shape, state.sharing.others);
  const coversGap = hasCaughtUp(order);
  return await Promise.all(standings.map(async (standing) => {
    const watermarkMs = due.find(({ partition }) => partition === standing.partition)?.watermarkMs;
    if (watermarkMs === undefined) return standing;
    const request = { next: standing.next, watermarkMs, coversGap };
    const raised = await cx.ref(partitionTask, standing.taskPath).ask("raise", request, { withinMs: TASK_MS });
    return raised === undefined ? standing : { ...standing, watermarkMs };
  }));
}

function flushOf(state: State, gathered: Gathered, cx: Context): Omit<Flush, "isLast"> {
  const { standings, summaries, frontierMs, heldMs } = gathered;
  const sinceMs = Math.max(...summaries.map(({ checkpoint }) => checkpoint.sinceMs));
  const { args: { shape, customerOf }, writtenUpToMs } = state;
  const options = { shape, frontierMs, heldMs, sinceMs, writtenUpToMs, customerOf };
  const { points, uncovered } = mergeParts(summaries, options);
  const all = [...points, ...progressPoints(state, gathered, cx)];
  state.excess.note(summaries);
  const letters = summaries.flatMap((summary) => summary.letters);
  return {
    points: all,
    letters,
    checkpoints: checkpointsOf(gathered, state.sharing),
    frontierMs,
    news: {
      points: points.filter(({ measurement }) => measurement === "transactions_avg"),
      pointCount: all.length,
      letterCount: letters.length,
      uncovered,
      overflowed: state.excess.names,
      lines: linesOf(gathered),
      frontierMs,
      heldBy: isHeld(gathered, shape) ? state.sharing.lowest : undefined,
      highMs: highOf(standings),
      partitionCount: state.sharing.partitionCount,
    },
  };
}

function progressPoints(state: State, gathered: Gathered, cx: Context) {
  const nowMs = cx.clock.elapsedMs();
  if (nowMs - state.statedAtMs < STATE_EVERY_MS) return [];
  state.statedAtMs = nowMs;
  return linesOf(gathered).map((line) => {
    const standing = gathered.standings.find(({ partition }) => partition === line.partition);
    return partitionPoint({ ...line, watermarkMs: standing?.watermarkMs ?? -Infinity }, cx.clock.nowMs());
  });
}

function askAll<T>(order: FlushOrder, ask: (partition: FlushPartition) => Promise<T>): Promise<readonly T[]> {
  return Promise.all(order.partitions.map(ask));
}
