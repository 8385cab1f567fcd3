/** The box at the pointer that says what a chart shows at that moment. */
import { momentOf } from "./format.js";

const MAX_ROWS = 14;

/** Follows the pointer over one chart. */
export class Tip {
  #element;
  #box = document.createElement("div");

  /** @param {HTMLElement} element */
  constructor(element) {
    this.#element = element;
    this.#box.className = "tip";
    this.#box.hidden = true;
    element.append(this.#box);
  }

  /** @param {any} plot @param {import("./chart.js").Drawing} drawing */
  follow(plot, drawing) {
    const { idx, left, top } = plot.cursor;
    // Charts move their cursors together; only the one under the pointer speaks.
    this.#box.hidden = idx === null || idx === undefined || left < 0 || !this.#element.matches(":hover");
    if (this.#box.hidden) return;
    const { title, rows } = textsOf(drawing, idx);
    rows.sort((a, b) => b.number - a.number);
    const marks = (drawing.marks ?? []).filter(({ timeMs }) =>
      Math.abs(timeMs - drawing.times[idx]) < reachOf(drawing)
    );
    this.#box.replaceChildren(
      textOf("strong", title),
      ...rows.slice(0, MAX_ROWS).map(rowOf),
      ...(rows.length > MAX_ROWS ? [textOf("em", `and ${rows.length - MAX_ROWS} more`)] : []),
      ...marks.map(({ text }) => textOf("em", text)),
    );
    this.#place(plot, { left, top });
  }

  destroy() {
    this.#box.remove();
  }

  #place(plot, { left, top }) {
    const x = plot.over.offsetLeft + left, flips = left > plot.over.clientWidth / 2;
    this.#box.style.left = `${flips ? x - this.#box.offsetWidth - 14 : x + 14}px`;
    this.#box.style.top = `${Math.max(0, Math.min(top, this.#element.clientHeight - this.#box.offsetHeight))}px`;
  }
}

/** What the tip says about a moment. */
function textsOf(drawing, index) {
  const { times, finalMs, lines, value } = drawing, timeMs = times[index];
  const rows = lines.flatMap(({ name, colour, values }) => {
    const found = values[index];
    return found === null || found === undefined ? [] : [{ name, colour, number: found, text: value(found) }];
  });
  const isFinal = finalMs !== undefined && timeMs <= finalMs;
  return { title: `${momentOf(timeMs, times[0])} · ${isFinal ? "final" : "provisional"}`, rows };
}

/** How far from a moment what is marked still belongs to it, ms: half a step, and never less than half a minute. */
function reachOf({ times }) {
  return Math.max(30_000, (times[1] - times[0]) / 2 || 0);
}

function rowOf({ name, colour, text }) {
  const row = document.createElement("div"), swatch = document.createElement("i");
  swatch.style.background = `var(${colour})`;
  row.append(swatch, textOf("span", name), textOf("b", text));
  return row;
}

function textOf(tag, text) {
  const element = document.createElement(tag);
  element.textContent = text;
  return element;
}
