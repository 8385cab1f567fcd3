/** A card with a chart, its table and its CSV. */
import { createChart } from "../chart.js";
import { never, soon } from "../frames.js";
import { html, useEffect, useRef } from "../vendor/preact.js";
import { SheetTable } from "./sheet_table.js";

/**
 * @param {{ title: string, note?: any, drawing: import("../chart.js").Drawing, sheet: () => any, class?: string,
 *   legend?: any, children?: any }} props
 */
export function Figure({ title, note, drawing, sheet, legend, children, ...rest }) {
  const element = useRef(null), chart = useRef(null);
  useEffect(() => {
    const made = chart.current = createChart(element.current);
    return () => {
      never(made);
      made.destroy();
    };
  }, []);
  useEffect(() => {
    const made = chart.current;
    soon(made, () => made.draw(drawing));
  });
  const isEmpty = drawing.times.length === 0 || drawing.lines.length === 0;
  return html`<figure class=${`card ${rest.class ?? ""}`}>
    <figcaption><h2>${title}</h2>${
    note && html`<p class="note">${note}</p>`
  }<div class="tools">${children}</div></figcaption>
    ${legend}
    <div class="plot" ref=${element} aria-hidden="true"></div>
    ${isEmpty && html`<p class="empty">No points in this range yet</p>`}
    <${SheetTable} sheet=${sheet} />
  </figure>`;
}

/** A choice of one, as a row of buttons. */
export function Choice({ label, name, options, chosen, onChoose }) {
  return html`<fieldset class="choice"><legend class="hidden">${label}</legend>${
    options.map(([value, text]) =>
      html`<label><input type="radio" name=${name} value=${value} checked=${chosen === value}
      onChange=${() => onChoose(value)} /><span>${text}</span></label>`
    )
  }</fieldset>`;
}
