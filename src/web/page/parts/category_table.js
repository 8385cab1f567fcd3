/** Every category's numbers in the shown window, with what led there. */
import { format } from "../format.js";
import { keptOf } from "../kept.js";
import { shareOf } from "../movers.js";
import { html, useState } from "../vendor/preact.js";
import { CategoryName, colourOf } from "./category_name.js";
import { Change } from "./change.js";
import { Link } from "./link.js";
import { Download } from "./sheet_table.js";
import { Spark, thinned } from "./spark.js";

const MAX_ROWS = 100;

const COLUMNS = [
  { label: "Per minute", field: "transactions_per_minute", value: format.rate },
  { label: "Average", field: "avg_amount", value: format.amount },
  { label: "Median", field: "amount_p50", value: format.amount },
  { label: "95 %", field: "amount_p95", value: format.amount },
  { label: "Sum", field: "amount_sum", value: format.count },
  { label: "Customers", field: "unique_customers", value: format.count },
  { label: "Frauds", field: "fraud_count", value: format.count },
  { label: "Fraud rate", field: "fraud_rate", value: format.percent },
];

export function CategoryTable({ view, route, go }) {
  const [all, setAll] = useState(false);
  const rows = all ? view.rows : view.rows.slice(0, MAX_ROWS), more = view.rows.length - rows.length;
  const columns = keptOf(COLUMNS, route), times = thinned(view.times.filter((timeMs) => timeMs <= view.shownMs));
  const sheet = () => ({
    name: "Categories",
    columns: [{ label: "Category" }, ...columns],
    rows: view.rows.map(({ category, point }) => [category, ...columns.map(({ field }) => point[field])]),
  });
  return html`<section class="card categories">
    <div class="caption"><h2>Categories</h2><p class="note">${format.count(view.rows.length)} in the window</p>
      <div class="tools"><${Download} sheet=${sheet} /></div></div>
    <div class="scroll" tabindex="0" role="region" aria-label="Categories"><table>
      <caption class="hidden">Every category in the window shown; choose one to see more of it</caption>
      <thead><tr><th scope="col">Category</th><th scope="col" class="trend">Trend</th><th scope="col">Change</th>
        ${columns.map(({ label }) => html`<th scope="col">${label}</th>`)}</tr></thead>
      <tbody>${
    rows.map((row) =>
      html`<${Row} key=${row.category} row=${row} view=${view} times=${times} route=${route} go=${go} />`
    )
  }</tbody>
    </table></div>
    ${rows.length === 0 && html`<p class="nothing">No points in this range yet</p>`}
    ${more > 0 && html`<button type="button" onClick=${() => setAll(true)}>Show ${format.count(more)} more</button>`}
  </section>`;
}

function Row({ row, view, times, route, go }) {
  const { category, colour, point, before } = row;
  return html`
    <tr>
      <th scope="row">
        <${Link} route=${route} go=${go} to=${{ view: "category", category }}>
          <${CategoryName} category=${category} colour=${colour} /><//></th>
        <td class="trend"><${Spark} values=${times.map((timeMs) =>
          view.point(category, timeMs)?.transactions_per_minute
        )}
          colour=${colourOf(colour)} /></td>
        <td><${Change} share=${shareOf(before?.transactions_per_minute, point.transactions_per_minute)} /></td>
        ${keptOf(COLUMNS, route).map(({ field, value }) => html`<td>${value(point[field])}</td>`)}
      </tr>
  `;
}
