/** What was unusual, with its reason. */
import { format, momentOf } from "../format.js";
import { html } from "../vendor/preact.js";
import { CategoryName } from "./category_name.js";
import { Download } from "./sheet_table.js";

const MAX_ROWS = 30;
/** What metrics are called, and how their values are written; others go by their names, as plain numbers. */
const METRICS = {
  transaction_rate: { label: "Transactions per minute", print: format.rate },
  average_amount: { label: "Average amount", print: format.amount },
  fraud_rate: { label: "Fraud rate", print: format.percent },
  unique_customers: { label: "Unique customers", print: format.rate },
};
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
    rows.slice(0, MAX_ROWS).map((point) => (
      html`<${Anomaly} key=${nameOf(point)} point=${point} nowMs=${nowMs} colours=${colours} />`
    ))
  }</ol></section>`;
}

const nameOf = ({ time, category, metric }) => JSON.stringify([time, category, metric]);

function Anomaly({ point, nowMs, colours }) {
  const { category, metric, time, score, value, expected, message } = point;
  const { label, print } = METRICS[metric] ?? { label: metric, print: format.rate };
  const when = `${momentOf(Date.parse(time), nowMs)} · score ${format.score(score)}`;
  return html`
    <li>
      <span class="diamond" aria-hidden="true"></span>
      <div>${colours !== undefined &&
        html`<${CategoryName} category=${category} colour=${colours.get(category)} />${" "}`}
          <b>${label}</b>${" "}<span class="note">${when}</span><p>${message}</p></div>
      <span class="value">${print(value)}<span class="note">expected ${print(expected)}</span></span>
    </li>
  `;
}
