/** What was unusual, with its reason. */
import { format, momentOf } from "../format.js";
import { html } from "../vendor/preact.js";
import { CategoryName } from "./category_name.js";
import { Download } from "./sheet_table.js";

const MAX_ROWS = 30;
const COLUMNS = ["time", "category", "metric", "score", "value", "expected", "lower", "upper", "message"];

/**
 * Points of `transactions_anomaly`, given oldest first; with colours, each says its category.
 *
 * @param {{ anomalies: any[], nowMs: number | undefined, colours?: Map<string, number> }} props
 */
export function Anomalies({ anomalies, nowMs, colours }) {
  const rows = anomalies.toReversed();
  const sheet = () => ({
    name: "Anomalies",
    columns: COLUMNS.map((label) => ({ label })),
    rows: rows.map((point) => COLUMNS.map((name) => point[name])),
  });
  return html`<section class="card anomalies">
    <div class="caption"><h2>Anomalies</h2><p class="note">in this range</p>
      <div class="tools">${rows.length > 0 && html`<${Download} sheet=${sheet} />`}</div></div>
    ${rows.length === 0 && html`<p class="nothing">None in this range</p>`}
    <ol>${
    rows.slice(0, MAX_ROWS).map((point) =>
      html`
        <li key=${`${point.time} ${point.category} ${point.metric}`}>
          <span class="diamond" aria-hidden="true"></span>
          <div>${colours !== undefined &&
            html`
              <${CategoryName} category=${point.category} colour=${colours.get(point.category)} />
            `}<b>${point.metric}</b> <span class="note">${momentOf(Date.parse(point.time), nowMs)} · score ${format
            .rate(point.score)}</span>
                  <p>${point.message}</p></div>
          <span class="value">${format.rate(point.value)}<span class="note">expected ${format.rate(
            point.expected,
          )}</span></span>
        </li>
      `
    )
  }</ol></section>`;
}
