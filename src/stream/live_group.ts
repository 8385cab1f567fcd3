/**
 * What a repair must know of the group that processes the topic: how far it is, and what the log still holds for it.
 *
 * I1. Nothing of it changes while a repair works but that the frontier rises: what ends by the frontier read here is the
 *     repair's alone.
 */
import { lastFinalEndMs } from "../window/shape.ts";
import { type Checkpoint, type ConfigMark, decodeCheckpoint } from "./checkpoint.ts";
import { ConfigError } from "./failures.ts";
import { HOUR_MS } from "./roll_up.ts";
import { walkRecords } from "./record_walk.ts";
import type { OffsetRange, Source } from "./source.ts";

/** The group as its commits show it. */
export interface LiveGroup {
  /** A multiple of the slide: every point that ends by it is final and will not be written by the group again. */
  readonly frontierMs: number;
  /** No event at or past it is missing from the log. */
  readonly coveredFromMs: number;
  /** Panes that start before it may have been removed from the store by age. */
  readonly keptFromMs: number;
  readonly partitions: readonly LivePartition[];
}

/** One partition of it. */
export interface LivePartition {
  readonly partition: number;
  /** What stands before it has been counted or is a dead letter. */
  readonly position: number;
}

/** What the repair is set up with; it must be what the group counts with. */
export interface LiveGroupOptions {
  readonly config: ConfigMark;
  readonly maxSkewMs: number;
  /** How long the store keeps windows and panes. */
  readonly retentionMs: number;
}

/**
 * Reads the group's commits.
 *
 * @throws {ConfigError} when nothing is final yet, or the settings are not the group's; {RetryableError}
 */
export async function liveGroup(source: Source, options: LiveGroupOptions): Promise<LiveGroup> {
  const { config } = options;
  const { partitions: ranges } = await source.describe();
  const commits = await source.committed(ranges.map(({ partition }) => partition));
  const members = ranges.map(({ partition, first, end }) => {
    const metadata = commits.get(partition)?.metadata ?? "";
    return { partition, range: { first, end }, checkpoint: checkpointOf(partition, metadata) };
  });
  const frontierMs = Math.min(...members.map(({ checkpoint }) => checkpoint?.frontierMs ?? -Infinity));
  if (!Number.isFinite(frontierMs)) {
    throw new ConfigError("Cannot repair: the group has made nothing final yet; let `tally run` work first");
  }
  const partitions: LivePartition[] = [];
  let coveredFromMs = -Infinity;
  for (const { partition, range, checkpoint } of members) {
    if (checkpoint === undefined) continue; // None has no frontier, and was refused above.
    assertSame(checkpoint.config, config);
    assertThere({ partition, range, checkpoint });
    const lostMs = await lostBeforeMs(source, { partition, range, checkpoint }, options);
    coveredFromMs = Math.max(coveredFromMs, lostMs);
    partitions.push({ partition, position: checkpoint.position });
  }
  return {
    frontierMs: lastFinalEndMs(frontierMs, config.slideMs),
    coveredFromMs,
    // Whole hours go, and another may go at any moment.
    keptFromMs: (Math.floor((frontierMs - options.retentionMs) / HOUR_MS) + 1) * HOUR_MS,
    partitions,
  };
}

function checkpointOf(partition: number, metadata: string): Checkpoint | undefined {
  try {
    return decodeCheckpoint(metadata);
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error;
    throw new ConfigError(`Cannot repair partition ${partition}: ${error.message}`);
  }
}

function assertSame(live: ConfigMark, ours: ConfigMark): void {
  for (const [key, name] of SAME) {
    if (live[key] === ours[key]) continue;
    const values = key === "fieldMap" ? "" : `: ${ours[key]} ms here, ${live[key]} ms there`;
    throw new ConfigError(`Cannot repair: ${name} is not what the group counts with${values}; give it the same`);
  }
}

function assertThere({ partition, range: { end }, checkpoint: { position } }: Standing): void {
  if (position <= end) return;
  throw new ConfigError(
    `Cannot repair partition ${partition}: position ${position} is past its end ${end}; the topic was made anew, run ` +
      "`tally reset`",
  );
}

const SAME = [
  ["slideMs", "TALLY_SLIDE"],
  ["windowMs", "TALLY_WINDOW"],
  ["zeroFillMs", "TALLY_ZERO_FILL"],
  ["fieldMap", "FIELD_MAP"],
] as const;

interface Standing {
  readonly partition: number;
  readonly range: OffsetRange;
  readonly checkpoint: Checkpoint;
}

/** Events before it may be among what retention has taken; −Infinity when it has taken nothing. */
async function lostBeforeMs(source: Source, standing: Standing, { maxSkewMs }: LiveGroupOptions): Promise<number> {
  const { partition, range: { first }, checkpoint: { position, highMs, sinceMs } } = standing;
  if (first === 0) return -Infinity;
  // An event that is not future is at most one skew ahead of its record's time, and that of the records before the first
  // one is not later than its own.
  const firstMs = first < position ? await timestampAt(source, partition, first) : undefined;
  if (firstMs !== undefined) return firstMs + maxSkewMs + 1;
  return Number.isFinite(highMs) ? highMs + maxSkewMs + 1 : sinceMs;
}

const PROBE = { maxBytes: 1, maxWaitMs: 1_000 } as const;

/** The Kafka timestamp of the first record at or past an offset; undefined when there is none. */
async function timestampAt(source: Source, partition: number, offset: number): Promise<number | undefined> {
  const [found] = await source.fetch([{ partition, offset, maxBytes: PROBE.maxBytes }], PROBE);
  if (found?.kind !== "bytes") return undefined;
  const times: number[] = [];
  walkRecords(found, (record) => {
    if (record.offset >= offset && record.timestampMs >= 0) times.push(record.timestampMs);
  });
  source.recycle(found.buffer);
  return times[0];
}
