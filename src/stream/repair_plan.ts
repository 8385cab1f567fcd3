/**
 * What a repair writes and what it must read for that.
 *
 * I1. An event is in the windows that end after its pane's start, up to one window later, and makes zeros for one zero
 *     fill more; so panes of a span change the windows that end in `(fromMs, toMs + window + zeroFill]`, and these need
 *     the events from as long before the span on.
 * I2. Nothing that ends after the frontier is written.
 */
import { paneIndexOf, type WindowShape } from "../window/shape.ts";
import { ConfigError } from "./failures.ts";
import type { LiveGroup } from "./live_group.ts";
import { joined, type Span } from "./span.ts";

/** Spans of whole panes. */
export interface RepairPlan {
  /** Panes to write. */
  readonly panes: readonly Span[];
  /** Windows to write: those that end in `(fromMs, toMs]`. */
  readonly ends: readonly Span[];
  /** Events to count. */
  readonly events: readonly Span[];
}

/** The plan for panes that all end by the frontier. */
export function repairPlan(panes: readonly Span[], shape: WindowShape, frontierMs: number): RepairPlan {
  const upTo = (toMs: number) => Math.min(toMs + shape.windowMs + shape.zeroFillMs, frontierMs);
  return {
    panes,
    ends: joined(panes.map(({ fromMs, toMs }) => ({ fromMs, toMs: upTo(toMs) }))),
    events: joined(panes.map(({ fromMs, toMs }) => ({ fromMs: neededFromMs(fromMs, shape), toMs: upTo(toMs) }))),
  };
}

/** The first event that the windows of a pane, zeros included, depend on. */
export function neededFromMs(paneStartMs: number, { slideMs, windowMs, zeroFillMs }: WindowShape): number {
  return paneStartMs + slideMs - windowMs - zeroFillMs;
}

/** The end of the newest pane all of whose windows are final. */
export function repairableToMs(frontierMs: number, { slideMs, windowMs }: WindowShape): number {
  return frontierMs - windowMs + slideMs;
}

/** The start of the oldest pane that can be written anew: the log has what it needs, and the store has its hour. */
export function firstRepairableMs(shape: WindowShape, { coveredFromMs, keptFromMs }: LiveGroup): number {
  const { slideMs } = shape;
  return Math.max(keptFromMs, Math.ceil((coveredFromMs - neededFromMs(0, shape)) / slideMs) * slideMs);
}

/**
 * The panes of a range that can be written anew: whole ones, all of whose windows are final.
 *
 * @throws {ConfigError} when there are none, or it begins before what the log and the store keep
 */
export function repairable({ fromMs, toMs }: Span, shape: WindowShape, group: LiveGroup): Span {
  const { slideMs } = shape, limitMs = repairableToMs(group.frontierMs, shape);
  const panes = { fromMs: paneIndexOf(fromMs, slideMs) * slideMs, toMs: Math.ceil(toMs / slideMs) * slideMs };
  const firstMs = firstRepairableMs(shape, group);
  const [from, first, limit] = [panes.fromMs, firstMs, limitMs].map(instantText);
  if (panes.fromMs < firstMs) {
    throw new ConfigError(
      `Cannot repair from ${from}: what is older than the log or TALLY_RETENTION keep cannot be written anew; panes can ` +
        `from ${first} to ${limit}`,
    );
  }
  if (panes.fromMs >= limitMs) {
    throw new ConfigError(
      `Cannot repair from ${from}: windows are final up to ${
        instantText(group.frontierMs)
      } only; panes can be written anew up ` +
        `to ${limit}`,
    );
  }
  return { fromMs: panes.fromMs, toMs: Math.min(panes.toMs, limitMs) };
}

/** An instant in words, also one that has no date. */
export function instantText(ms: number): string {
  return Number.isFinite(ms) ? new Date(ms).toISOString() : ms < 0 ? "the beginning" : "never";
}
