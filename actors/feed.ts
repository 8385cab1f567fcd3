/** The reading half of the source: what is fetched next, and where it goes. */
import { type Context, transfer } from "../src/actor/mod.ts";
import { ConfigError } from "../src/stream/failures.ts";
import { frontierOf } from "../src/stream/frontier.ts";
import { type LaneLimits, planFetch } from "../src/stream/lane_plan.ts";
import { readBatchHeader } from "../src/stream/record_batch.ts";
import type { Fetched, FetchedBytes, FetchedOutOfRange, Source } from "../src/stream/source.ts";
import type { WindowShape } from "../src/window/shape.ts";
import type { RoutedPartition } from "./routed_partition.ts";
import type { Tallied } from "./task_state.ts";

/** What feeding works on; part of the source's state. */
export interface Feed {
  readonly args: { readonly source: Source; readonly shape: WindowShape; readonly lane: LaneLimits };
  readonly partitions: ReadonlyMap<number, RoutedPartition>;
  /** Partitions whose task crashed: not read until they are routed anew. */
  readonly crashed: ReadonlySet<number>;
  /** Lanes with a fetch under way. */
  readonly fetching: Set<number>;
  turn: number;
  /** The lowest watermark of the partitions of other processes that have something left to read; Infinity when none has. */
  othersMs: number;
}

/** An answer with the offset that was asked for. */
export interface Answer {
  readonly answer: Fetched;
  readonly offset: number | undefined;
}

/** A decision about every record of a batch is far quicker; this only catches a worker that hangs yet beats. */
const TALLY_MS = 3_600_000;

/** Starts a fetch on every lane that has none under way and something to fetch. */
export function pump(feed: Feed, cx: Context): void {
  const nowMs = cx.clock.elapsedMs();
  const lanes = Map.groupBy(feed.partitions.values(), ({ partition }) => feed.args.source.laneOf(partition));
  for (const [lane, partitions] of lanes) {
    if (feed.fetching.has(lane)) continue;
    const readable = partitions.filter(({ partition }) => !feed.crashed.has(partition));
    const plan = planFetch(readable, feed.args.lane, { turn: feed.turn++, nowMs });
    if (plan === undefined) continue;
    const wanted = new Set(plan.wants.map(({ partition }) => partition));
    for (const routed of partitions) if (wanted.has(routed.partition)) routed.askedAtMs = nowMs;
    feed.fetching.add(lane);
    feed.args.source.fetch(plan.wants, { maxWaitMs: plan.maxWaitMs }).then(
      (answers) => cx.self.tell("fetched", { lane, wants: plan.wants, answers }),
      (error: unknown) => cx.self.tell("fetchFailed", { lane, wants: plan.wants, error }),
    );
  }
}

/** Sends what a fetch found in a partition to its task; drops it when the partition has been routed anew since. */
export function take(feed: Feed, { answer, offset }: Answer, cx: Context): void {
  const known = feed.crashed.has(answer.partition) ? undefined : feed.partitions.get(answer.partition);
  const routed = known?.fetchOffset === offset ? known : undefined;
  if (answer.kind === "outOfRange") {
    if (routed !== undefined) skipGap(routed, answer, cx);
  } else if (routed === undefined || answer.byteLength === 0) {
    feed.args.source.recycle(answer.buffer);
    if (routed !== undefined) noteEnd(routed, answer.endOffset, cx);
  } else {
    send(routed, answer, cx);
  }
}

/** Pauses partitions that are so far ahead of the others that what they bring could only wait in memory. */
export function balance({ partitions, othersMs, args }: Feed): void {
  const { windowMs, latenessMs } = args.shape;
  // A partition at its end cannot come nearer by being read, so it holds nobody back here; nor does one in another
  // process of which nothing is known yet.
  const ownMs = frontierOf([...partitions.values()].filter(({ hasMore }) => hasMore));
  const limitMs = (othersMs === -Infinity ? ownMs : Math.min(ownMs, othersMs)) + windowMs + 2 * latenessMs;
  for (const partition of partitions.values()) {
    partition.isPaused = !partition.isReplaying && partition.hasMore && partition.watermarkMs > limitMs;
    if (partition.isPaused) partition.idleness.interrupted();
  }
}

function noteEnd(routed: RoutedPartition, endOffset: number, cx: Context): void {
  routed.endOffset = endOffset;
  if (routed.inFlightBytes > 0) return;
  const { next, askedAtMs } = routed;
  routed.idleness.answered({ next, end: endOffset, askedAtMs, nowMs: cx.clock.elapsedMs() });
}

function send(routed: RoutedPartition, answer: FetchedBytes, cx: Context): void {
  const { partition } = routed, { buffer, byteLength, aborted } = answer;
  routed.endOffset = answer.endOffset;
  routed.fetchOffset = offsetAfter(answer);
  routed.inFlightBytes += byteLength;
  routed.task.ask("tally", transfer({ buffer, byteLength, aborted }, [buffer]), { withinMs: TALLY_MS }).then(
    (tallied: Tallied) => cx.self.tell("tallied", { partition, bytes: byteLength, tallied }),
    () => cx.self.tell("tallyFailed", { partition }),
  );
}

/** The log no longer has what was wanted: its task counts the gap. */
function skipGap(routed: RoutedPartition, answer: FetchedOutOfRange, cx: Context): void {
  const { partition, logStartOffset, endOffset } = answer;
  if (logStartOffset <= routed.fetchOffset) {
    throw new ConfigError(
      `Cannot read partition ${partition}: offset ${routed.fetchOffset} is past its end ${endOffset}; ` +
        "the topic was made anew or truncated, run `tally reset`",
    );
  }
  if (routed.inFlightBytes > 0) return; // What is under way comes first; the next fetch finds the gap again.
  routed.fetchOffset = logStartOffset;
  routed.next = logStartOffset;
  noteEnd(routed, endOffset, cx);
  routed.task.tell("gap", logStartOffset);
}

function offsetAfter({ buffer, byteLength }: FetchedBytes): number {
  const view = new DataView(buffer, 0, byteLength);
  let offset = 0;
  for (let at = 0; at < byteLength;) {
    const header = readBatchHeader(view, at);
    offset = header.lastOffset + 1;
    at = header.nextAt;
  }
  return offset;
}
