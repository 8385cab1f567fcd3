/** Line charts by uPlot, which `index.html` loads as the global `uPlot`. Text goes in as text, never as markup. */
import { format } from "./format.js";

const HEIGHT = 210;
const GUTTER = 58;

/**
 * @typedef {{ name: string, colour: string, strong: boolean, final: (number | null)[],
 *   provisional: (number | null)[] }} Line
 * @typedef {{ times: number[], finalMs: number | undefined, lines: Line[], value: (value: number) => string }} Drawing
 */

/**
 * A chart inside `element`; it follows the element's width and the colour scheme.
 *
 * @param {HTMLElement} element
 */
export function createChart(element) {
  let plot, shape = "";
  /** @type {Drawing | undefined} */
  let drawn;
  const tip = element.appendChild(document.createElement("div"));
  tip.className = "tip";
  tip.hidden = true;

  function draw(/** @type {Drawing} */ drawing) {
    drawn = drawing;
    const data = dataOf(drawing);
    const wanted = JSON.stringify(drawing.lines.map(({ name, colour, strong }) => [name, colour, strong]));
    if (plot !== undefined && wanted === shape) return plot.setData(data);
    plot?.destroy();
    plot = undefined;
    shape = wanted;
    if (drawing.lines.length > 0) {
      plot = new globalThis.uPlot(optionsOf(element, { current: () => drawn, tip }), data, element);
    }
  }

  const sizes = new ResizeObserver(() => plot?.setSize({ width: element.clientWidth, height: HEIGHT }));
  sizes.observe(element);
  const scheme = matchMedia("(prefers-color-scheme: dark)");
  const recolour = () => (shape = "", drawn && draw(drawn));
  scheme.addEventListener("change", recolour);
  return {
    draw,
    destroy() {
      sizes.disconnect();
      scheme.removeEventListener("change", recolour);
      plot?.destroy();
      tip.remove();
    },
  };
}

/** @param {Drawing} drawing */
function dataOf({ times, lines }) {
  return [times.map((ms) => ms / 1_000), ...lines.flatMap((line) => [line.final, line.provisional])];
}

function optionsOf(element, { current, tip }) {
  const style = getComputedStyle(element), css = (name) => style.getPropertyValue(name).trim();
  const { lines } = current();
  const axis = { stroke: css("--muted"), font: `11px ${css("--font")}`, ticks: { show: false }, gap: 6 };
  const grid = { stroke: css("--line"), width: 1 };
  return {
    width: element.clientWidth,
    height: HEIGHT,
    padding: [10, 20, 0, 0],
    legend: { show: false },
    focus: { alpha: 0.2 },
    cursor: { y: false, drag: { x: false, y: false }, focus: { prox: 18 }, points: { size: 7 } },
    scales: { y: { range: (_plot, min, max) => rangeOf(min, max) } },
    axes: [
      { ...axis, grid, size: 26, space: 70, values: (_plot, splits) => splits.map((s) => format.minute(s * 1_000)) },
      { ...axis, grid, size: GUTTER, space: 36, values: (_plot, splits) => splits.map((v) => current().value(v)) },
    ],
    series: [{}, ...lines.flatMap((line) => seriesOf(line, css))],
    hooks: {
      drawClear: [(plot) => shade(plot, { fromMs: current().finalMs, fill: css("--band") })],
      setCursor: [(plot) => point(plot, { current, tip })],
      setSeries: [(plot) => point(plot, { current, tip })],
    },
  };
}

/** @param {Line} line @param {(name: string) => string} css */
function seriesOf(line, css) {
  const stroke = css(line.colour), alpha = line.strong ? 1 : 0.18;
  const common = { stroke, points: { show: false }, spanGaps: false };
  return [
    { ...common, width: line.strong ? 1.6 : 1, alpha },
    { ...common, width: 1.5, alpha: alpha * 0.75, dash: [4, 3] },
  ];
}

/** Lays a band under everything that may still change. */
function shade(plot, { fromMs, fill }) {
  const { left, top, width, height } = plot.bbox;
  const from = fromMs === undefined ? left : Math.max(left, plot.valToPos(fromMs / 1_000, "x", true));
  plot.ctx.fillStyle = fill;
  if (from < left + width) plot.ctx.fillRect(from, top, left + width - from, height);
}

/** From zero up with some air; a flat line of zeros keeps a scale. */
function rangeOf(min, max) {
  if (min === null || max === null) return [0, 1];
  const low = Math.min(0, min), high = Math.max(max, low);
  return [low, high === low ? low + 1 : high + (high - low) * 0.06];
}

/** Names the line nearest to the pointer. */
function point(plot, { current, tip }) {
  const index = plot.cursor.idx, series = plot.series.findIndex((one, at) => at > 0 && one._focus === true);
  const line = current().lines[Math.floor((series - 1) / 2)];
  const value = index === null || index === undefined ? null : plot.data[series]?.[index] ?? null;
  tip.hidden = line === undefined || value === null;
  if (tip.hidden) return;
  const mark = series % 2 === 0 ? " · provisional" : "";
  tip.textContent = `${line.name}\n${current().value(value)} · ${format.time(current().times[index])}${mark}`;
  const left = plot.over.offsetLeft + plot.valToPos(plot.data[0][index], "x");
  const top = plot.over.offsetTop + plot.valToPos(value, "y");
  const flips = left > plot.width / 2;
  tip.style.left = `${flips ? left - tip.offsetWidth - 10 : left + 10}px`;
  tip.style.top = `${Math.max(0, top - tip.offsetHeight - 8)}px`;
}
