/**
 * Where a partition begins when it is assigned, and what of it is closed.
 *
 * I1. A commit of ours continues; a commit without our metadata is an operator's order: start there, with ledger, raises
 *     and frontier anew; no commit starts where the configuration says.
 * I2. What was decided under other settings is never decided again: a changed lateness continues at `position`.
 * I3. A changed slide is refused; a changed mapping is refused unless it was accepted, and then continues at `position`.
 * I4. A partition is closed up to its own frontier, and up to what those who owned it had made final for all that they
 *     owned; never up to the frontier of a partition that it was not owned with.
 * I5. A partition added to the topic begins with the highest frontier as its watermark: what is closed stays so.
 */
import { horizonMs, paneIndexOf, type WindowShape } from "../window/shape.ts";
import { type Checkpoint, type ConfigMark, decodeCheckpoint, initialCheckpoint, type Share } from "./checkpoint.ts";
import { ConfigError } from "./failures.ts";
import type { Committed, OffsetRange } from "./source.ts";

/** Where a group without a commit starts: the first offset, the end, or the first record at or past a time. */
export type StartFrom = "earliest" | "latest" | { readonly timeMs: number };

/** What decides a start. */
export interface StartOptions {
  readonly config: ConfigMark;
  readonly maxSkewMs: number;
  readonly acceptMapping: boolean;
  /** The offset that `--from` stands for in this partition. */
  readonly fallbackOffset: number;
  /** Where the watermark of a partition begins that was added to the topic. @default -Infinity: it was not */
  readonly beginsMs?: number;
}

/**
 * The checkpoint to start a partition with.
 *
 * @throws {ConfigError} when the configuration does not fit what was committed.
 */
export function startOf(committed: Committed | undefined, range: OffsetRange, options: StartOptions): Checkpoint {
  if (committed === undefined) return begun(range, options);
  const checkpoint = decoded(committed);
  if (checkpoint === undefined) return initialCheckpoint(committed.position, options.config);
  if (checkpoint.position > range.end) {
    throw new ConfigError(
      `Cannot continue partition ${committed.partition}: position ${checkpoint.position} is past its end ${range.end}; ` +
        "the topic was made anew, run `tally reset`",
    );
  }
  return adapt(checkpoint, options);
}

/** A partition without a commit; one that was added is read whole, whatever `--from` says. */
function begun(range: OffsetRange, { fallbackOffset, config, beginsMs = -Infinity }: StartOptions): Checkpoint {
  if (beginsMs === -Infinity) return initialCheckpoint(fallbackOffset, config);
  return { ...initialCheckpoint(range.first, config), raises: [{ offset: range.first, watermarkMs: beginsMs }] };
}

/** What is closed by what a group has committed, partition by partition. */
export class Closed {
  readonly #shares: readonly Share[];
  readonly #frontiers: ReadonlyMap<number, number>;

  /** @param commits - of all partitions of the topic; those that cannot be read say nothing */
  constructor(commits: ReadonlyMap<number, Committed>) {
    const known = [...commits.values()].map((committed) => [committed.partition, readable(committed)] as const);
    const checkpoints = known.flatMap(([partition, checkpoint]) =>
      checkpoint ? [[partition, checkpoint] as const] : []
    );
    this.#frontiers = new Map(checkpoints.map(([partition, { frontierMs }]) => [partition, frontierMs]));
    this.#shares = checkpoints.map(([, { share, frontierMs }]) => share ?? { ...EVERYTHING, closedMs: frontierMs });
  }

  /** Up to where a partition is closed; −Infinity when nothing of it is. */
  of(partition: number): number {
    const shares = this.#shares.filter((share) => includes(share, partition)).map(({ closedMs }) => closedMs);
    return Math.max(this.#frontiers.get(partition) ?? -Infinity, ...shares);
  }

  /**
   * Where the watermark of a partition without a commit begins: with the highest frontier when it was not there yet when
   * that was reached, else before everything.
   */
  beginningOf(partition: number): number {
    if (this.of(partition) > -Infinity) return -Infinity;
    return Math.max(-Infinity, ...this.#frontiers.values());
  }
}

const EVERYTHING = { first: 0, end: Infinity };

function includes({ first, end }: Share, partition: number): boolean {
  return first <= partition && partition < end;
}

function readable({ metadata }: Committed): Checkpoint | undefined {
  try {
    return decodeCheckpoint(metadata);
  } catch (error) {
    if (error instanceof SyntaxError) return undefined;
    throw error;
  }
}

function decoded({ partition, metadata }: Committed): Checkpoint | undefined {
  try {
    return decodeCheckpoint(metadata);
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error;
    throw new ConfigError(`Cannot continue partition ${partition}: ${error.message}`);
  }
}

function adapt(checkpoint: Checkpoint, { config, maxSkewMs, acceptMapping }: StartOptions): Checkpoint {
  const old = checkpoint.config;
  if (old.slideMs !== config.slideMs) {
    throw new ConfigError(
      `Cannot change TALLY_SLIDE from ${old.slideMs} ms to ${config.slideMs} ms: points of both would mix; ` +
        "run `tally reset` to forget the checkpoints, or use a new KAFKA_GROUP_ID and INFLUX_BUCKET",
    );
  }
  const isRemapped = old.fieldMap !== config.fieldMap;
  if (isRemapped && !acceptMapping) {
    throw new ConfigError(
      "Cannot change FIELD_MAP: records would be read differently from here on; give --accept-mapping to continue at " +
        "the committed position",
    );
  }
  if (isRemapped || old.latenessMs !== config.latenessMs) return continueAtPosition(checkpoint, { config, maxSkewMs });
  const sinceMs = needsOlderPanes(old, config)
    ? Math.max(checkpoint.sinceMs, horizonMs(checkpoint.frontierMs, old))
    : checkpoint.sinceMs;
  return { ...checkpoint, sinceMs, config };
}

function needsOlderPanes(old: WindowShape, now: WindowShape): boolean {
  return now.windowMs + now.zeroFillMs > old.windowMs + old.zeroFillMs;
}

function continueAtPosition(
  checkpoint: Checkpoint,
  { config, maxSkewMs }: Pick<StartOptions, "config" | "maxSkewMs">,
): Checkpoint {
  const { slideMs } = config;
  const coveredFromMs = (paneIndexOf(checkpoint.highMs + maxSkewMs, slideMs) + 1) * slideMs;
  return {
    ...checkpoint,
    offset: checkpoint.position,
    // Not below what others were shown: they have relied on it.
    watermarkMs: Math.max(
      checkpoint.watermarkMs,
      checkpoint.frontierMs,
      checkpoint.shown?.watermarkMs ?? -Infinity,
    ),
    sinceMs: Math.max(checkpoint.sinceMs, coveredFromMs),
    raises: [],
    config,
  };
}
