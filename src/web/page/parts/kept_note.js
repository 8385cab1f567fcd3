/** What is missing from what is shown, and why: a region is chosen, or there are hours and days in place of windows. */
import { RANGES } from "../route.js";
import { html } from "../vendor/preact.js";

/** @param {{ route: any, go: any, view: any, isRead: boolean }} props */
export function KeptNote({ route, go, view, isRead }) {
  const { every } = RANGES[route.range], isRegional = route.region !== "";
  if (route.view === "pipeline" || (every === undefined && !isRegional)) return undefined;
  return html`<p class="card kept" role="note"><span>
    ${isRegional && html`<b>${route.region} only.</b>${" "}`}
    ${every === undefined ? BY_REGION : html`<b>${NAMES[every]}.</b>${" "}${rolledUp(view, isRead)}`}</span>
    ${isRegional && html`<button type="button" onClick=${() => go({ region: "" })}>Show all regions</button>`}</p>`;
}

const NAMES = { hour: "By the hour", day: "By the day (UTC)" };
const BY_REGION = "Kept by region: transactions, amounts, averages, frauds. " +
  "Not kept by region, so not shown: quantiles, extremes, deviation, unique customers. " +
  "Anomalies are of all regions together.";
const ROLLED_UP = "Kept: transactions, amounts, averages, extremes, frauds. " +
  "Not kept, so not shown: quantiles, deviation, unique customers. ";
const COMING = "comes about a minute after its end is final.";

function rolledUp(view, isRead) {
  if (!isRead) return "Reading";
  return view.times.length === 0 ? `None in this range yet: the first ${COMING}` : `${ROLLED_UP}The next ${COMING}`;
}
