/**
 * How far event time has come in a process: its frontier, and the raises that keep idle partitions from holding it.
 *
 * I1. The frontier is the lowest watermark of the process's partitions; it decides what is final.
 * I2. Only idle partitions are raised, never past what the others have reached, or past what wall time and the zero fill
 *     allow when all are idle. The others are all partitions of the topic, whoever owns them.
 * I3. A raise ends at a pane boundary: nothing is final in between, so finer steps would only be more commits.
 * I4. One flush makes final at most `FLUSH_PANES` panes with events of each partition, so that what it holds in memory is
 *     bounded.
 */
import { lastFinalEndMs, type WindowShape } from "../window/shape.ts";

/** What is known of a partition when a flush begins. */
export interface Standing {
  readonly partition: number;
  readonly watermarkMs: number;
  readonly highMs: number;
  /** Start of its newest pane with a counted event, which may be past `highMs`; −Infinity before the first. */
  readonly newestPaneMs: number;
  /** Its fetches have shown nothing new for as long as it takes to be idle. */
  readonly isIdle: boolean;
  /** How long ago its last record came, in monotonic time; since assignment when there was none. */
  readonly quietForMs: number;
}

/** A watermark that an idle partition is to be raised to. */
export interface RaiseOrder {
  readonly partition: number;
  readonly watermarkMs: number;
}

/** How far the partitions of other processes have come. */
export interface OthersReached {
  /** The lowest watermark of those that are not idle; Infinity when all are. */
  readonly activeMs: number;
  /** The farthest that one of those processes has come with all of its partitions. */
  readonly farthestMs: number;
}

const NO_OTHERS: OthersReached = { activeMs: Infinity, farthestMs: -Infinity };

/** The lowest watermark; −Infinity when there is no partition. */
export function frontierOf(standings: readonly { readonly watermarkMs: number }[]): number {
  return standings.length === 0 ? -Infinity : Math.min(...standings.map((standing) => standing.watermarkMs));
}

/** Panes with events of one partition that one flush makes final at most. */
export const FLUSH_PANES = 64;

/** The highest time seen by any partition. */
export function highOf(standings: readonly { readonly highMs: number }[]): number {
  return Math.max(-Infinity, ...standings.map((standing) => standing.highMs));
}

/** The raises due now. */
export function raisesDue(
  standings: readonly Standing[],
  shape: WindowShape,
  others: OthersReached = NO_OTHERS,
): readonly RaiseOrder[] {
  const targetMs = lastFinalEndMs(raiseTargetMs(standings, shape, others), shape.slideMs);
  if (!Number.isFinite(targetMs)) return [];
  return standings.filter(({ isIdle, watermarkMs }) => isIdle && watermarkMs < targetMs)
    .map(({ partition }) => ({ partition, watermarkMs: targetMs }));
}

/** Raises that close everything up to the end of the pane with the highest time; for a run that ends when caught up. */
export function closingRaises(standings: readonly Standing[], shape: WindowShape): readonly RaiseOrder[] {
  const endMs = newestEndMs(standings, shape);
  if (!Number.isFinite(endMs)) return [];
  return standings.filter(({ watermarkMs }) => watermarkMs < endMs)
    .map(({ partition }) => ({ partition, watermarkMs: endMs }));
}

/** The end of the pane that holds the highest time seen; −Infinity when nothing was seen. */
export function newestEndMs(standings: readonly { readonly highMs: number }[], shape: WindowShape): number {
  return lastFinalEndMs(highOf(standings), shape.slideMs) + shape.slideMs;
}

function raiseTargetMs(standings: readonly Standing[], shape: WindowShape, others: OthersReached): number {
  const active = standings.filter(({ isIdle }) => !isIdle);
  if (active.length > 0) return Math.min(frontierOf(active), others.activeMs);
  if (others.activeMs < Infinity) return others.activeMs;
  const highMs = highOf(standings);
  const quietForMs = Math.min(...standings.map((standing) => standing.quietForMs));
  const newestMs = Math.max(highMs, ...standings.map((standing) => standing.newestPaneMs));
  const byClockMs = Math.min(highMs + quietForMs - shape.latenessMs, newestMs + shape.windowMs + shape.zeroFillMs);
  return Math.max(byClockMs, others.farthestMs);
}
