/** Charts by uPlot, which `index.html` loads as the global `uPlot`. Text goes in as text, never as markup. */
import { axisTime } from "./format.js";
import { Tip } from "./tip.js";

const GUTTER = 58;
/** uPlot's number for a logarithmic scale. */
const LOGARITHMIC = 3;

/**
 * @typedef {{ name: string, colour: string, values: (number | null)[], dash?: boolean, width?: number }} Line
 *   `colour` is the name of a custom property
 * @typedef {{ timeMs: number, value: number, text: string }} Mark
 * @typedef {{ times: number[], finalMs: number | undefined, lines: Line[], value: (value: number) => string,
 *   axis?: (value: number) => string, stack?: number[][], log?: boolean, marks?: Mark[] }} Drawing
 *   `stack` holds the upper edge of each line's band where lines lie upon one another; `log` asks for a logarithmic axis,
 *   which is taken while every value is above zero
 */

/**
 * A chart inside `element`; it follows the element's size and the colour scheme.
 *
 * @param {HTMLElement} element
 */
export function createChart(element) {
  let plot, shape = "";
  /** @type {Drawing | undefined} */
  let drawn;
  const tip = new Tip(element), current = () => drawn;
  const size = () => ({ width: element.clientWidth, height: element.clientHeight });

  function draw(/** @type {Drawing} */ drawing) {
    drawn = drawing;
    const data = [drawing.times.map((ms) => ms / 1_000), ...drawing.stack ?? drawing.lines.map(({ values }) => values)];
    const wanted = JSON.stringify([
      drawing.stack === undefined,
      isLog(drawing),
      ...drawing.lines.map(({ name, colour }) => [name, colour]),
    ]);
    if (plot !== undefined && wanted === shape) return plot.setData(data);
    plot?.destroy();
    plot = undefined;
    shape = wanted;
    if (drawing.lines.length === 0 || drawing.times.length === 0) return;
    plot = new globalThis.uPlot({ ...size(), ...optionsOf(element, { current, tip }) }, data, element);
  }

  const sizes = new ResizeObserver(() => plot?.setSize(size()));
  sizes.observe(element);
  const recolour = () => (shape = "", drawn && draw(drawn));
  const scheme = matchMedia("(prefers-color-scheme: dark)");
  scheme.addEventListener("change", recolour);
  document.addEventListener("themechange", recolour);
  return {
    draw,
    destroy() {
      sizes.disconnect();
      scheme.removeEventListener("change", recolour);
      document.removeEventListener("themechange", recolour);
      plot?.destroy();
      tip.destroy();
    },
  };
}

/** Custom properties as colours that a canvas takes. @param {HTMLElement} element */
function colours(element) {
  const probe = element.appendChild(document.createElement("i"));
  const found = new Map();
  const css = (/** @type {string} */ name, alpha = 1) => {
    probe.style.color = `color-mix(in srgb, var(${name}) ${alpha * 100}%, transparent)`;
    const key = `${name} ${alpha}`, colour = found.get(key) ?? getComputedStyle(probe).color;
    found.set(key, colour);
    return colour;
  };
  return { css, done: () => probe.remove() };
}

function optionsOf(element, { current, tip }) {
  const { css, done } = colours(element);
  const { lines, stack } = current();
  const font = `11px ${getComputedStyle(element).fontFamily}`;
  const axis = { stroke: css("--muted"), font, ticks: { show: false }, gap: 6 };
  const grid = { stroke: css("--grid"), width: 1 };
  const paint = {
    veil: css("--panel", 0.5),
    edge: css("--muted"),
    mark: css("--bad"),
    panel: css("--panel"),
    font: getComputedStyle(element).fontFamily,
  };
  const clock = (_plot, splits) => splits.map((s) => axisTime((splits[1] - splits[0]) * 1_000)(s * 1_000));
  const powers = (_plot, splits) => isLog(current()) ? splits.map((v) => isPowerOfTen(v) ? v : null) : splits;
  // A logarithmic axis leaves the labels between its powers out as null.
  const amounts = (_plot, splits) => splits.map((v) => v === null ? "" : (current().axis ?? current().value)(v));
  const options = {
    padding: [16, 26, 0, 0],
    legend: { show: false },
    cursor: {
      y: false,
      drag: { x: false, y: false },
      sync: { key: "time" },
      points: { show: stack === undefined, size: 6 },
    },
    scales: { y: isLog(current()) ? { distr: LOGARITHMIC } : { range: (_plot, min, max) => rangeOf(min, max) } },
    axes: [
      { ...axis, grid: { show: false }, size: 28, space: 74, values: clock },
      { ...axis, grid: { ...grid, filter: powers }, size: GUTTER, space: 38, values: amounts },
    ],
    series: [{}, ...lines.map((line) => seriesOf(line, css, stack !== undefined))],
    ...(stack === undefined
      ? {}
      : { bands: lines.slice(1).map((_line, index) => ({ series: [index + 2, index + 1] })) }),
    hooks: {
      draw: [(plot) => veil(plot, current().finalMs, paint), (plot) => mark(plot, current().marks ?? [], paint)],
      setCursor: [(plot) => tip.follow(plot, current())],
    },
  };
  done();
  return options;
}

/** @param {number} value */
function isPowerOfTen(value) {
  const power = Math.log10(value);
  return Math.abs(power - Math.round(power)) < 1e-9;
}

/** @param {Line} line @param {(name: string, alpha?: number) => string} css @param {boolean} isStacked */
function seriesOf({ colour, dash, width = 1.6 }, css, isStacked) {
  const common = { stroke: css(colour), points: { show: false }, spanGaps: false };
  if (isStacked) return { ...common, width: 1, fill: css(colour, 0.72) };
  return { ...common, width, ...(dash ? { dash: [5, 4] } : {}) };
}

/** Pales everything that may still change, right of a dashed line. */
function veil(plot, finalMs, paint) {
  const { left, top, width, height } = plot.bbox, right = left + width, { ctx } = plot;
  const from = finalMs === undefined ? left : Math.max(left, plot.valToPos(finalMs / 1_000, "x", true));
  if (from >= right) return;
  ctx.save();
  ctx.fillStyle = paint.veil;
  ctx.fillRect(from, top, right - from, height);
  ctx.strokeStyle = paint.edge;
  ctx.lineWidth = devicePixelRatio;
  ctx.setLineDash([3 * devicePixelRatio, 3 * devicePixelRatio]);
  ctx.beginPath();
  ctx.moveTo(from, top);
  ctx.lineTo(from, top + height);
  ctx.stroke();
  label(plot, from, paint);
  ctx.restore();
}

/** Says what the pale part is, where there is room. */
function label({ ctx, bbox: { left, top, width } }, from, paint) {
  ctx.font = `${10 * devicePixelRatio}px ${paint.font}`;
  ctx.fillStyle = paint.edge;
  ctx.textAlign = "left";
  ctx.textBaseline = "top";
  const text = "provisional", room = left + width - from - 6 * devicePixelRatio;
  const size = ctx.measureText(text).width,
    at = room > size ? from + 5 * devicePixelRatio : from - size - 5 * devicePixelRatio;
  ctx.fillText(text, at, top - 11 * devicePixelRatio);
}

/** Diamonds where something was unusual. */
function mark(plot, marks, paint) {
  const { ctx } = plot, size = 5 * devicePixelRatio;
  ctx.save();
  ctx.fillStyle = paint.mark;
  ctx.strokeStyle = paint.panel;
  ctx.lineWidth = 1.5 * devicePixelRatio;
  for (const { timeMs, value } of marks) {
    const x = plot.valToPos(timeMs / 1_000, "x", true);
    if (x < plot.bbox.left || x > plot.bbox.left + plot.bbox.width) continue;
    // A window's value may lie beyond those of hours: its mark then sits on the edge.
    const y = Math.min(Math.max(plot.valToPos(value, "y", true), plot.bbox.top), plot.bbox.top + plot.bbox.height);
    ctx.beginPath();
    for (const [dx, dy] of [[0, -size], [size, 0], [0, size], [-size, 0]]) ctx.lineTo(x + dx, y + dy);
    ctx.closePath();
    ctx.fill();
    ctx.stroke();
  }
  ctx.restore();
}

/** From zero, with some air above; a flat line keeps a scale. */
function rangeOf(min, max) {
  if (min === null || max === null) return [0, 1];
  const low = Math.min(0, min), high = Math.max(max, low), air = (high - low) * 0.08;
  return [low < 0 ? low - air : low, high === low ? low + 1 : high + air];
}

/** @param {Drawing} drawing */
function isLog({ log = false, lines }) {
  return log && lines.every(({ values }) => values.every((value) => value === null || value > 0));
}
