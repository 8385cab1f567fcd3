/** A line at a glance; the numbers are in the charts and tables. */
import { html } from "../vendor/preact.js";

const MAX_POINTS = 120;
/** A line that hardly moves is drawn as one that hardly moves: the least share of its height that fills the box. */
const LEAST_SPAN = 0.2;

/**
 * As many of them as a spark shows, the last among them.
 *
 * @template T
 * @param {T[]} values
 * @returns {T[]}
 */
export function thinned(values) {
  const every = Math.ceil(values.length / MAX_POINTS) || 1;
  return every === 1 ? values : values.filter((_value, index) => (values.length - 1 - index) % every === 0);
}

/** @param {{ values: (number | null | undefined)[], colour?: string, area?: boolean }} props */
export function Spark({ values, colour = "--accent", area = false }) {
  const thin = thinned(values);
  const known = thin.filter((value) => value !== undefined && value !== null);
  const low = Math.min(...known), high = Math.max(...known), middle = (low + high) / 2;
  const span = Math.max(high - low, Math.abs(high) * LEAST_SPAN) || 1;
  const x = (index) => (index / Math.max(1, thin.length - 1) * 100).toFixed(2);
  const y = (value) => (15.5 - (value - middle) / span * 23).toFixed(2);
  const points = thin.flatMap((value, index) =>
    value === undefined || value === null ? [] : [`${x(index)},${y(value)}`]
  );
  const first = points[0]?.split(",")[0], last = points.at(-1)?.split(",")[0];
  return html`
    <svg class="spark" viewBox="0 0 100 30" preserveAspectRatio="none" aria-hidden="true"
      style=${{ color: `var(${colour})` }}>
        ${area && points.length > 1 && html`<polygon points=${`${first},30 ${points.join(" ")} ${last},30`} />`}
        ${points.length > 1 && html`<polyline points=${points.join(" ")} />`}
      </svg>
  `;
}
