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

/**
 * The panes of a range that can be written anew: whole ones, all of whose windows are final.
 *
 * @throws {ConfigError} when there are none, or the log does not hold all that they need
 */
export function repairable({ fromMs, toMs }: Span, shape: WindowShape, group: LiveGroup): Span {
  const { slideMs } = shape, limitMs = repairableToMs(group.frontierMs, shape);
  const panes = { fromMs: paneIndexOf(fromMs, slideMs) * slideMs, toMs: Math.ceil(toMs / slideMs) * slideMs };
  const firstMs = Math.ceil((group.coveredFromMs - neededFromMs(0, shape)) / slideMs) * slideMs;
  if (panes.fromMs < firstMs) {
    throw new ConfigError(
      `Cannot repair from ${
        isoOf(panes.fromMs)
      }: the log may lack events of those windows; panes can be written anew ` +
        `from ${isoOf(firstMs)} to ${isoOf(limitMs)}`,
    );
  }
  if (panes.fromMs >= limitMs) {
    throw new ConfigError(
      `Cannot repair from ${isoOf(panes.fromMs)}: windows are final up to ${
        isoOf(group.frontierMs)
      } only, so panes can ` +
        `be written anew up to ${isoOf(limitMs)}`,
    );
  }
  return { fromMs: panes.fromMs, toMs: Math.min(panes.toMs, limitMs) };
}

function isoOf(ms: number): string {
  return new Date(ms).toISOString();
}
