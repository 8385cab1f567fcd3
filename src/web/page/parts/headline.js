/** The big numbers on top of a view. */
import { html } from "../vendor/preact.js";
import { Change } from "./change.js";
import { Spark } from "./spark.js";

/**
 * @param {{ figures: { label: string, text: string, share?: number, compares?: boolean, alarm?: boolean,
 *   trend?: any[], colour?: string, note?: string }[], label: string }} props
 */
export function Headline({ figures, label }) {
  return html`<section class="headline" aria-label=${label}>${
    figures.map(({ label, text, share, compares = false, alarm, trend, colour, note }) =>
      html`<div class="card big" key=${label}>
      <h2>${label}</h2>
      <p class="number">${text}</p>
      <p class="under">${compares && html`<${Change} share=${share} alarm=${alarm} />`}
        <span class="note">${note ?? (compares ? "vs window before" : "")}</span></p>
      ${trend && html`<${Spark} values=${trend} colour=${colour} area />`}
    </div>`
    )
  }</section>`;
}
