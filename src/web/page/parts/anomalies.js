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
const COLUMNS = ["time", "category", "region", "metric", "score", "value", "expected", "lower", "upper", "message"];

/**
 * Points of `transactions_anomaly`, given oldest first, and the incidents that last; with colours, each says its category.
 *
 * @param {{ anomalies: any[], open: any[], nowMs: number | undefined, colours?: Map<string, number> }} props
 */
export function Anomalies({ anomalies, open, nowMs, colours }) {
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
    ${
    open.length > 0 &&
    html`<ol class="incidents" aria-label="Open incidents">${
      open.slice(0, MAX_ROWS).map((incident) => (
        html`<${Incident} key=${nameOf(incident)} incident=${incident} nowMs=${nowMs} colours=${colours} />`
      ))
    }</ol>`
  }
    <ol>${
    rows.slice(0, MAX_ROWS).map((point) => (
      html`<${Anomaly} key=${nameOf(point)} point=${point} nowMs=${nowMs} colours=${colours} />`
    ))
  }</ol></section>`;
}

const nameOf = ({ time, category, metric, region }) => JSON.stringify([time, category, metric, region]);

/** An incident that lasts, with its start and its peak. */
function Incident({ incident, nowMs, colours }) {
  const { category, region, time, peak, metric, value, expected, message } = incident;
  const { label, print } = METRICS[metric] ?? { label: metric, print: format.rate };
  return html`
    <li>
      <span class="diamond" aria-hidden="true"></span>
      <div><${Place} category=${category} region=${region} colours=${colours} /><b>Open incident: ${label}</b>${" "}
        <span class="note">since ${momentOf(Date.parse(time), nowMs)}, peak ${momentOf(
          peak,
          nowMs,
        )}</span><p>${message}</p></div>
      <span class="value">${print(value)}<span class="note">expected ${print(expected)}</span></span>
    </li>
  `;
}

/** Where it is, unless the page is about that anyway. */
function Place({ category, region, colours }) {
  return html`${
    colours !== undefined && html`<${CategoryName} category=${category} colour=${colours.get(category)} />${" "}`
  }${region && html`<span class="note">${region}</span>${" "}`}`;
}

function Anomaly({ point, nowMs, colours }) {
  const { category, region, metric, time, score, value, expected, message, final } = point;
  const { label, print } = METRICS[metric] ?? { label: metric, print: format.rate };
  const isFinal = final !== false, may = isFinal ? "" : " · may still change";
  const when = `${momentOf(Date.parse(time), nowMs)} · score ${format.score(score)}${may}`;
  return html`
    <li class=${isFinal ? "" : "provisional"}>
      <span class="diamond" aria-hidden="true"></span>
      <div><${Place} category=${category} region=${region} colours=${colours} />
          <b>${label}</b>${" "}<span class="note">${when}</span><p>${message}</p></div>
      <span class="value">${print(value)}<span class="note">expected ${print(expected)}</span></span>
    </li>
  `;
}
