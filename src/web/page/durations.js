/** Durations as tags and charts write them. Pure. */

const UNIT_MS = { ms: 1, s: 1_000, m: 60_000, h: 3_600_000 };

/**
 * The length that a window's tag names (`60s`, `10m`), ms; a minute for what is none.
 *
 * @param {string} tag
 */
export function durationOfTag(tag) {
  const [, count, unit] = /^(\d+)(ms|s|m|h)$/.exec(tag) ?? [];
  return count === undefined ? 60_000 : Number(count) * UNIT_MS[unit];
}
