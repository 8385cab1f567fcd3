/**
 * The shape of time: slides, panes and windows.
 *
 * I1. A pane is one slide of event time, half-open `[startMs, endMs)`, aligned to 1970-01-01Z; pane `i` starts at
 *     `i × slideMs`.
 * I2. A window is the run of `windowMs / slideMs` panes that ends where a pane ends.
 */

/** The four durations that decide what is computed; all in milliseconds. */
export interface WindowShape {
  readonly slideMs: number;
  readonly windowMs: number;
  /** How far the watermark stays behind the highest time seen. */
  readonly latenessMs: number;
  /** How long after its last event a category's empty windows are still written as zeros. */
  readonly zeroFillMs: number;
}

/** The largest number of panes in a window. */
export const MAX_PANES_PER_WINDOW = 1_440;

/**
 * Checks a shape.
 *
 * @throws {RangeError} when the window is not 1 to 1,440 whole slides, the zero fill not whole slides, or a duration is
 * negative or not whole milliseconds.
 */
export function windowShape(shape: WindowShape): WindowShape {
  const { slideMs, windowMs, latenessMs, zeroFillMs } = shape;
  for (const [name, value] of Object.entries({ slideMs, windowMs, latenessMs, zeroFillMs })) {
    if (!Number.isSafeInteger(value) || value < 0) {
      throw new RangeError(`Cannot use ${name} ${value}: must be whole milliseconds, 0 or more`);
    }
  }
  if (slideMs === 0) throw new RangeError("Cannot use slideMs 0: must be at least 1");
  const panes = windowMs / slideMs;
  if (!(Number.isInteger(panes) && panes >= 1 && panes <= MAX_PANES_PER_WINDOW)) {
    throw new RangeError(
      `Cannot use windowMs ${windowMs} with slideMs ${slideMs}: a window is 1 to ${MAX_PANES_PER_WINDOW} whole slides, got ${panes}`,
    );
  }
  if (zeroFillMs % slideMs !== 0) {
    throw new RangeError(`Cannot use zeroFillMs ${zeroFillMs} with slideMs ${slideMs}: must be whole slides`);
  }
  return Object.freeze({ slideMs, windowMs, latenessMs, zeroFillMs });
}

/** The index of the pane that holds `timeMs`. */
export function paneIndexOf(timeMs: number, slideMs: number): number {
  return Math.floor(timeMs / slideMs);
}

/** The end of the newest window that is final at `frontierMs`: the highest multiple of the slide at or before it. */
export function lastFinalEndMs(frontierMs: number, slideMs: number): number {
  return Math.floor(frontierMs / slideMs) * slideMs;
}

const RANKING_MS = 60_000;

/** Whether rankings are written of a window that ends there: of one a minute, or of all when a slide is longer. */
export function isRanked(endMs: number, { slideMs }: Pick<WindowShape, "slideMs">): boolean {
  return endMs % (Math.ceil(RANKING_MS / slideMs) * slideMs) === 0;
}

/**
 * The start of the oldest pane that a window or a zero point after `frontierMs` can still need; −Infinity when nothing
 * is final yet.
 */
export function horizonMs(frontierMs: number, shape: WindowShape): number {
  return lastFinalEndMs(frontierMs, shape.slideMs) + shape.slideMs - shape.windowMs - shape.zeroFillMs;
}

/**
 * The most panes that a partition needs while it alone holds the frontier: from the horizon up to the highest time, and
 * events one skew ahead of their Kafka timestamp. With fewer it would wait for itself.
 */
export function panesNeeded({ slideMs, windowMs, zeroFillMs, latenessMs }: WindowShape, maxSkewMs: number): number {
  return Math.ceil((windowMs + zeroFillMs + latenessMs + maxSkewMs) / slideMs) + 2;
}
