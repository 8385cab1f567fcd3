/** The last windows of a category, with what is final and what may still change. */
import { format, momentOf } from "../format.js";
import { keptOf } from "../kept.js";
import { html } from "../vendor/preact.js";
import { Download } from "./sheet_table.js";

const SHOWN = 24;
const ALL = [
  { label: "Transactions", field: "transaction_count", value: format.count },
  { label: "Average", field: "avg_amount", value: format.amount },
  { label: "Median", field: "amount_p50", value: format.amount },
  { label: "95 %", field: "amount_p95", value: format.amount },
  { label: "99 %", field: "amount_p99", value: format.amount },
  { label: "Smallest", field: "amount_min", value: format.amount },
  { label: "Largest", field: "amount_max", value: format.amount },
  { label: "Deviation", field: "amount_stddev", value: format.amount },
  { label: "Customers", field: "unique_customers", value: format.count },
  { label: "Frauds", field: "fraud_count", value: format.count },
];

export function WindowTable({ view, category, route }) {
  const columns = keptOf(ALL, route);
  const points = view.times.flatMap((timeMs) => view.point(category, timeMs) ?? []).toReversed();
  const sheet = () => ({
    name: `${category} windows`,
    columns: [{ label: "Window ended" }, { label: "Final" }, ...columns],
    rows: points.map((point) => [new Date(point.timeMs), point.final, ...columns.map(({ field }) => point[field])]),
  });
  return html`
    <section class="card windows">
      <div class="caption">
        <h2>Last windows</h2>
        <p class="note">a provisional one may still change</p>
        <div class="tools">
          <${Download} sheet=${sheet} />
        </div>
      </div>
      <div class="scroll" tabindex="0" role="region" aria-label="Last windows">
        <table>
          <caption class="hidden">The last windows of ${category}</caption>
          <thead>
            <tr><th scope="col">Window ended</th><th scope="col" class="state">State</th>
            ${columns.map(({ label }) => html`<th scope="col">${label}</th>`)}</tr>
          </thead>
          <tbody>${points.slice(0, SHOWN).map((point) =>
            html`<tr key=${point.timeMs} class=${point.final ? "" : "provisional"}>
        <th scope="row">${momentOf(point.timeMs, view.nowMs)}</th>
        <td class="state"><span class="badge" data-tone=${point.final ? "good" : "flat"}>${
              point.final ? "final" : "provisional"
            }</span></td>
        ${columns.map(({ field, value }) => html`<td>${value(point[field])}</td>`)}</tr>`
          )}</tbody>
        </table>
      </div>
    </section>
  `;
}
