/**
 * The source: owns the consumer, routes each assigned partition to a task in a worker, keeps the tasks fed and orders
 * the flushes.
 *
 * I1. A partition has one task; its bytes in flight stay under its credit; buffers come back for reuse.
 * I2. A partition whose task ends otherwise than by our order goes back to its checkpoint, nobody else.
 * I3. On a revoke or a drain nothing more is tallied, a last flush is committed, and only then are partitions let go.
 */
import { actor, type Context, type Deferred, type Down } from "../src/actor/mod.ts";
import { RetryableError } from "../src/stream/failures.ts";
import type { LaneLimits } from "../src/stream/lane_plan.ts";
import type { Assignment, Fetched, Source, Want } from "../src/stream/source.ts";
import { RecordCrash } from "../src/stream/suspects.ts";
import { balance, type Feed, pump, take } from "./feed.ts";
import { flusher, type FlushOrder, type FlushResult } from "./flusher.ts";
import { live } from "./live.ts";
import type { Tallied } from "./task_state.ts";
import { type RoutedPartition, statusesOf } from "./routed_partition.ts";
import { Router, type RouterOptions } from "./router.ts";

/** What a source actor works with. */
export interface SourceArgs extends RouterOptions {
  readonly source: Source;
  readonly flusherPath: string;
  readonly livePath: string;
  readonly flushMs: number;
  readonly idleMs: number;
  readonly lane: LaneLimits;
  /** How long a revoke or a drain may take. */
  readonly drainMs: number;
}

interface State extends Feed {
  readonly args: SourceArgs;
  readonly router: Router;
  readonly partitions: Map<number, RoutedPartition>;
  readonly crashed: Set<number>;
  membership: Membership;
  /** The flush under way: what it was ordered for. */
  flushing: Pick<FlushOrder, "generation" | "isLast" | "kind"> | undefined;
  caughtUp: Deferred<void> | undefined;
  closing: Deferred<void> | undefined;
}

type Membership =
  | { readonly phase: "waiting" }
  | { readonly phase: "running"; readonly assignment: Assignment }
  | { readonly phase: "draining"; readonly assignment: Assignment; readonly answer: Deferred<void> };

/** A fetch and what it brought. */
interface FetchAnswer {
  readonly lane: number;
  readonly wants: readonly Want[];
  readonly answers: readonly Fetched[];
}

/** A fetch and why it failed. */
interface FetchFailure {
  readonly lane: number;
  readonly wants: readonly Want[];
  readonly error: unknown;
}

/** A decided batch. */
interface TalliedBatch {
  readonly partition: number;
  readonly bytes: number;
  readonly tallied: Tallied;
}

/** How long to wait before asking again what could not be answered. */
const RETRY_MS = 500;
/** A flush is bounded by the store's own time-outs; this only catches a flusher that is gone. */
const FLUSH_MS = 120_000;

/** The source actor. */
export const source = actor({
  name: "source",
  async init(args: SourceArgs, cx): Promise<State> {
    cx.every(args.flushMs, "flush");
    await args.source.join({
      assigned: (assignment) => void cx.self.tell("assigned", assignment),
      revoked: async () => void await cx.self.ask("drain", undefined, { withinMs: args.drainMs }),
      lost: (reason) => void cx.self.tell("lost", reason),
    });
    return {
      args,
      router: new Router(args),
      partitions: new Map(),
      crashed: new Set(),
      fetching: new Set(),
      turn: 0,
      othersMs: Infinity,
      membership: { phase: "waiting" },
      flushing: undefined,
      caughtUp: undefined,
      closing: undefined,
    };
  },
  on: {
    /** Routes the partitions assigned, each from its checkpoint. */
    async assigned(state, assignment: Assignment, cx) {
      cx.cancel("assigned");
      // A drain that took too long: the group has ended what it was for.
      if (state.membership.phase !== "waiting") await letGo(state, cx);
      const isRouted = await retried(() => route(state, assignment, cx));
      if (!isRouted) return cx.after(RETRY_MS, "assigned", assignment);
      state.membership = { phase: "running", assignment };
      pump(state, cx);
      noteProgress(state);
    },
    /** Takes what a lane's fetch brought. */
    fetched(state, { lane, wants, answers }: FetchAnswer, cx) {
      state.fetching.delete(lane);
      const isReading = state.membership.phase === "running";
      const offsets = new Map(wants.map(({ partition, offset }) => [partition, offset]));
      for (const answer of answers) {
        if (isReading) take(state, { answer, offset: offsets.get(answer.partition) }, cx);
        else if (answer.kind === "bytes") state.args.source.recycle(answer.buffer);
      }
      if (isReading) pump(state, cx);
      noteProgress(state);
    },
    /** A lane could not answer; what was lost is only time. */
    fetchFailed(state, { lane, wants, error }: FetchFailure, cx) {
      state.fetching.delete(lane);
      if (!(error instanceof RetryableError)) throw error;
      for (const { partition } of wants) state.partitions.get(partition)?.idleness.interrupted();
      cx.after(Math.max(RETRY_MS, error.retryAfterMs), "retry");
    },
    /** Fetches again after a failure. */
    retry(state, _: void, cx) {
      if (state.membership.phase === "running") pump(state, cx);
    },
    /** A task has decided a batch. */
    tallied(state, { partition, bytes, tallied }: TalliedBatch, cx) {
      state.args.source.recycle(tallied.buffer);
      const routed = state.partitions.get(partition);
      if (routed === undefined) return;
      routed.inFlightBytes -= bytes;
      routed.idleness.advanced(tallied.next, tallied.watermarkMs > routed.watermarkMs, cx.clock.elapsedMs());
      routed.next = tallied.next;
      routed.watermarkMs = Math.max(routed.watermarkMs, tallied.watermarkMs);
      balance(state);
      noteProgress(state);
      if (state.membership.phase === "running") pump(state, cx);
    },
    /** A batch was lost with its task, whose end is told by `taskDown`. */
    tallyFailed() {},
    /** A task has ended; it is routed anew when no flush is under way. */
    taskDown(state, { path, exit }: Down) {
      const down = [...state.partitions.values()].find(({ task }) => task.path === path);
      if (down === undefined) return;
      state.crashed.add(down.partition);
      const span = "failure" in exit ? RecordCrash.spanOf(exit.failure) : undefined;
      if (span !== undefined) state.router.suspects.crashed(down.partition, span);
    },
    /** Orders a flush unless one is under way. */
    flush(state, _: void, cx) {
      if (state.membership.phase !== "waiting" && state.flushing === undefined) orderFlush(state, cx);
    },
    /** A flush has ended, durable or not. */
    async flushed(state, result: FlushResult, cx) {
      const { flushing, membership } = state;
      state.flushing = undefined;
      const isOurs = membership.phase !== "waiting" && flushing?.generation === membership.assignment.generation;
      if (!isOurs || result.kind === "waiting") return;
      if (result.kind === "fenced") return await letGo(state, cx);
      // Another kind may have been ordered before there was anything to close.
      if (flushing.kind === "closing" && result.hasClosed && state.crashed.size === 0) {
        state.closing?.resolve(undefined);
      }
      for (const { partition, watermarkMs } of result.standings) {
        const routed = state.partitions.get(partition);
        if (routed !== undefined) routed.watermarkMs = Math.max(routed.watermarkMs, watermarkMs);
      }
      state.othersMs = result.othersMs;
      balance(state);
      if (membership.phase === "running") {
        pump(state, cx);
        await recover(state, membership.assignment, cx);
        if (result.hasMore) cx.self.tell("flush");
        return;
      }
      if (flushing.isLast || state.crashed.size > 0) await letGo(state, cx);
      else orderFlush(state, cx);
    },
    /** Stops reading, commits what was read and lets the partitions go. */
    drain(state, _: void, cx) {
      const answer = cx.defer<void>();
      cx.cancel("assigned");
      if (state.membership.phase !== "running") answer.resolve(undefined);
      else {
        state.membership = { ...state.membership, phase: "draining", answer };
        for (const { task } of state.partitions.values()) task.tell("halt");
        cx.self.tell("flush");
      }
      return answer;
    },
    /** The partitions are gone: whatever is not committed is somebody else's to do again. */
    async lost(state, _reason: string, cx) {
      cx.cancel("assigned");
      await letGo(state, cx);
    },
    /** Answered when everything up to the bounds set at start has been decided. */
    caughtUp(state, _: void, cx) {
      state.caughtUp ??= cx.defer<void>();
      noteProgress(state);
      return state.caughtUp;
    },
    /** Makes final all that was seen; answered when that is committed. */
    close(state, _: void, cx) {
      state.closing ??= cx.defer<void>();
      cx.self.tell("flush");
      return state.closing;
    },
    /** Every partition owned. */
    statuses: (state) => statusesOf(state.partitions.values(), state.args),
  },
  async stop({ args }) {
    await args.source.leave();
  },
});

/** Starts tasks for the partitions and tells the flusher what they start from. */
async function route(state: State, assignment: Assignment, cx: Context): Promise<void> {
  const { generation, partitionCount, split } = assignment;
  const routed = await state.router.route(assignment, cx);
  const checkpoints = routed.map(({ partition, ...start }) => ({ ...start, partition: partition.partition }));
  const ownership = { generation, checkpoints, partitionCount, split };
  await cx.ref(flusher, state.args.flusherPath).ask("begin", ownership, { withinMs: FLUSH_MS });
  for (const { partition } of routed) state.partitions.set(partition.partition, partition);
}

/** Routes partitions whose task crashed anew, each from its checkpoint. */
async function recover(state: State, assignment: Assignment, cx: Context): Promise<void> {
  if (state.crashed.size === 0) return;
  const partitions = [...state.crashed];
  if (await retried(() => route(state, { ...assignment, partitions }, cx))) state.crashed.clear();
  pump(state, cx);
}

async function retried(attempt: () => Promise<void>): Promise<boolean> {
  try {
    await attempt();
    return true;
  } catch (error) {
    if (error instanceof RetryableError) return false;
    throw error;
  }
}

function orderFlush(state: State, cx: Context): void {
  const { membership, args } = state;
  if (membership.phase === "waiting") return;
  const { generation } = membership.assignment;
  const isLast = membership.phase === "draining";
  const partitions = statusesOf(state.partitions.values(), state.args);
  cx.ref(live, args.livePath).tell("stood", partitions);
  const isClosing = state.closing !== undefined && isAllDone(state);
  const kind = state.crashed.size > 0 ? "settle" : isClosing ? "closing" : "regular";
  state.flushing = { generation, isLast, kind };
  cx.ref(flusher, args.flusherPath).ask("flush", { generation, isLast, kind, partitions }, { withinMs: FLUSH_MS }).then(
    (result) => cx.self.tell("flushed", result),
    () => cx.self.tell("flushed", { kind: "waiting" }),
  );
}

/** Ends every task and forgets the partitions; answers a drain. */
async function letGo(state: State, cx: Context): Promise<void> {
  const { membership } = state;
  const tasks = [...state.partitions.values()];
  state.membership = { phase: "waiting" };
  state.partitions.clear();
  state.crashed.clear();
  state.othersMs = Infinity;
  await state.router.stop(tasks, cx);
  if (membership.phase === "draining") membership.answer.resolve(undefined);
}

function noteProgress(state: State): void {
  if (isAllDone(state)) state.caughtUp?.resolve(undefined);
}

/** Whether every partition has been decided up to the bounds set at start. */
function isAllDone({ membership, partitions, crashed }: State): boolean {
  return membership.phase === "running" && crashed.size === 0 && [...partitions.values()].every(({ isDone }) => isDone);
}
