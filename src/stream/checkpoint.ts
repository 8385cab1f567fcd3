/**
 * The checkpoint of a partition: what must be known to continue, and its text form in a commit's metadata.
 *
 * I1. `encodeCheckpoint` is exact: decoding gives the same numbers to the bit, infinities included.
 * I2. The text stays under 4,096 bytes: at most 64 raises of at most 40 characters, 25 numbers, and a filter of at most
 *     354 characters.
 */
import type { WindowShape } from "../window/shape.ts";
import { emptyCounts, type LedgerCounts } from "./ledger.ts";

/** The version of the text form that this program writes and reads. */
export const CHECKPOINT_VERSION = 1;

/** The most raises a checkpoint may hold; a partition that has as many holds the frontier. */
export const MAX_RAISES = 64;

/** A watermark raised by the clock or by other partitions, in force before the first record at or past `offset`. */
export interface Raise {
  readonly offset: number;
  readonly watermarkMs: number;
}

/** What a replay must agree with. */
export interface ConfigMark extends WindowShape {
  /** `FieldMap.hash`. */
  readonly fieldMap: string;
}

/** A run of partitions that one process owned together, all of them closed up to a time. */
export interface Share {
  readonly first: number;
  /** The first partition after the run. */
  readonly end: number;
  /** Each of them is closed up to it, whatever its own last commit says. */
  readonly closedMs: number;
}

/** What processes that own other partitions must know of this one. */
export interface Shown {
  /** The watermark at `position`: nothing that ends by it can be added to any more. */
  readonly watermarkMs: number;
  readonly isIdle: boolean;
  /** Categories of the panes kept, as `encodeFilter` writes them. */
  readonly filter: string;
}

/** What must be known of a partition to continue. All times are ms; −Infinity where nothing was seen yet. */
export interface Checkpoint {
  /** Where replay starts. */
  readonly offset: number;
  /** The watermark just before the record at `offset`, raises included. */
  readonly watermarkMs: number;
  /** The next offset to count; what lies before has been counted. */
  readonly position: number;
  /** Highest min(event time, Kafka timestamp) before `position`. */
  readonly highMs: number;
  /** What ends at or before it is closed. */
  readonly frontierMs: number;
  /** Panes and windows that start before it are not covered; Infinity while no watermark was seen after a gap. */
  readonly sinceMs: number;
  readonly raises: readonly Raise[];
  readonly ledger: LedgerCounts;
  readonly config: ConfigMark;
  /** Whether its owner has left for good: no write of its may still arrive. */
  readonly hasLeft: boolean;
  /** How much longer a write of an owner before it may still arrive, counted from its leaving. @default 0 */
  readonly holdMs?: number;
  /** Absent where it was not written down: then all partitions were owned together. */
  readonly share?: Share;
  /** Absent when its owner owns all partitions. */
  readonly shown?: Shown;
}

/** A checkpoint before any record: everything from `first` on is still to be counted. */
export function initialCheckpoint(first: number, config: ConfigMark): Checkpoint {
  return {
    offset: first,
    watermarkMs: -Infinity,
    position: first,
    highMs: -Infinity,
    frontierMs: -Infinity,
    // Everything was seen only if reading began at offset 0.
    sinceMs: first === 0 ? -Infinity : Infinity,
    raises: [],
    ledger: emptyCounts(first),
    config,
    hasLeft: true,
  };
}

/** The checkpoint as metadata of a commit. */
export function encodeCheckpoint(checkpoint: Checkpoint): string {
  const { offset, position, ledger, config, share, shown } = checkpoint;
  return JSON.stringify({
    version: CHECKPOINT_VERSION,
    offset,
    position,
    watermark: textOf(checkpoint.watermarkMs),
    high: textOf(checkpoint.highMs),
    frontier: textOf(checkpoint.frontierMs),
    since: textOf(checkpoint.sinceMs),
    raises: checkpoint.raises.map((raise) => [raise.offset, textOf(raise.watermarkMs)]),
    ledger: LEDGER_ORDER.map((key) => ledger[key]),
    config: [...CONFIG_ORDER.map((key) => config[key]), config.fieldMap],
    left: checkpoint.hasLeft,
    hold: checkpoint.holdMs,
    share: share && [share.first, share.end, textOf(share.closedMs)],
    shown: shown && [textOf(shown.watermarkMs), shown.isIdle ? 1 : 0, shown.filter],
  });
}

/**
 * Reads the metadata of a commit; undefined when it is not ours (an operator committed by other means).
 *
 * @throws {SyntaxError} when it is ours but of a version that this program does not know, or damaged.
 */
export function decodeCheckpoint(text: string): Checkpoint | undefined {
  const value = parse(text);
  if (value === undefined) return undefined;
  if (value["version"] !== CHECKPOINT_VERSION) {
    throw new SyntaxError(
      `Cannot read checkpoint: version ${
        value["version"]
      } is not ${CHECKPOINT_VERSION}; use the release that wrote it, or \`tally reset\``,
    );
  }
  const [slideMs, windowMs, latenessMs, zeroFillMs, fieldMap] = list(value["config"]);
  const [first, counted, late, future, invalid, skipped, amended] = list(value["ledger"]).map(number);
  return {
    offset: number(value["offset"]),
    position: number(value["position"]),
    watermarkMs: number(value["watermark"]),
    highMs: number(value["high"]),
    frontierMs: number(value["frontier"]),
    sinceMs: number(value["since"]),
    raises: list(value["raises"]).map(list).map(([at, to]) => ({ offset: number(at), watermarkMs: number(to) })),
    ledger: {
      first: number(first),
      counted: number(counted),
      late: number(late),
      future: number(future),
      invalid: number(invalid),
      skipped: number(skipped),
      amended: number(amended),
    },
    config: {
      slideMs: number(slideMs),
      windowMs: number(windowMs),
      latenessMs: number(latenessMs),
      zeroFillMs: number(zeroFillMs),
      fieldMap: word(fieldMap),
    },
    hasLeft: value["left"] === true,
    ...(value["hold"] === undefined ? {} : { holdMs: number(value["hold"]) }),
    ...(value["share"] === undefined ? {} : { share: shareOf(list(value["share"])) }),
    ...(value["shown"] === undefined ? {} : { shown: shownOf(list(value["shown"])) }),
  };
}

function shareOf([first, end, closedMs]: readonly unknown[]): Share {
  return { first: number(first), end: number(end), closedMs: number(closedMs) };
}

function shownOf([watermarkMs, isIdle, filter]: readonly unknown[]): Shown {
  return { watermarkMs: number(watermarkMs), isIdle: isIdle === 1, filter: word(filter) };
}

const LEDGER_ORDER = ["first", "counted", "late", "future", "invalid", "skipped", "amended"] as const;
const CONFIG_ORDER = ["slideMs", "windowMs", "latenessMs", "zeroFillMs"] as const;

/** JSON has no infinities. */
function textOf(value: number): number | string {
  return Number.isFinite(value) ? value : String(value);
}

function parse(text: string): Readonly<Record<string, unknown>> | undefined {
  try {
    const value: unknown = JSON.parse(text);
    return isRecord(value) && Object.hasOwn(value, "version") ? value : undefined;
  } catch (error) {
    if (error instanceof SyntaxError) return undefined;
    throw error;
  }
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function number(value: unknown): number {
  const result = typeof value === "number" || value === "Infinity" || value === "-Infinity" ? Number(value) : NaN;
  if (Number.isNaN(result)) throw new SyntaxError(`Cannot read checkpoint: ${JSON.stringify(value)} is not a number`);
  return result;
}

function word(value: unknown): string {
  if (typeof value === "string") return value;
  throw new SyntaxError(`Cannot read checkpoint: ${JSON.stringify(value)} is not text`);
}

function list(value: unknown): readonly unknown[] {
  if (Array.isArray(value)) return value;
  throw new SyntaxError(`Cannot read checkpoint: ${JSON.stringify(value)} is not a list`);
}
