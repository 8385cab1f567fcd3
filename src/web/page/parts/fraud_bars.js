/** Fraud by category: how many, and which share. */
import { format } from "../format.js";
import { html, useState } from "../vendor/preact.js";
import { widthOf } from "./bar.js";
import { CategoryName } from "./category_name.js";
import { Choice } from "./figure.js";
import { Link } from "./link.js";
import { Download } from "./sheet_table.js";

const MAX_ROWS = 14;

/** Sums over the windows of the range that do not overlap would need panes: the shown window says what is now. */
export function FraudBars({ view, route, go }) {
  const [by, setBy] = useState("fraud_rate");
  const rows = view.rows.toSorted((a, b) => (b.point[by] ?? -1) - (a.point[by] ?? -1)).slice(0, MAX_ROWS);
  const most = Math.max(0, ...rows.map(({ point }) => point[by] ?? 0)) || 1;
  const sheet = () => ({
    name: "Fraud by category",
    columns: [{ label: "Category" }, { label: "Frauds" }, { label: "Fraud rate" }],
    rows: rows.map(({ category, point }) => [category, point.fraud_count, point.fraud_rate]),
  });
  return html`<section class="card fraudBars">
    <div class="caption"><h2>Fraud by category</h2><p class="note">in the window</p><div class="tools">
      <${Choice} label="Order by" name="fraud" chosen=${by} onChoose=${setBy}
        options=${[["fraud_rate", "Rate"], ["fraud_count", "Count"]]} />
      <${Download} sheet=${sheet} />
    </div></div>
    ${rows.length === 0 && html`<p class="nothing">No points in this range yet</p>`}
    ${
    rows.length > 0 && html`
      <table class="bars">
        <caption class="hidden">Fraud by category</caption>
        <thead class="hidden">
          <tr>
            <th scope="col">Category</th>
            <th scope="col">Bar</th>
            <th scope="col">Frauds</th>
            <th scope="col">Rate</th>
          </tr>
        </thead>
        <tbody>${rows.map(({ category, colour, point }) =>
          html`
            <tr key=${category}>
              <th scope="row">
                <${Link} route=${route} go=${go} to=${{ view: "category", category }}>
                  <${CategoryName} category=${category} colour=${colour} />
                  <//>
                  </th>
                  <td class="bar"><i style=${{ width: widthOf(point[by], most) }} aria-hidden="true"></i></td>
                  <td>${format.count(point.fraud_count)}</td>
                  <td>${format.percent(point.fraud_rate)}</td>
                  </tr>
          `
        )}</tbody>
      </table>
    `
  }
  </section>`;
}
