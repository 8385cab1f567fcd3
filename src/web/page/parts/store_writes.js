/** How the store has answered the last writes. */
import { format } from "../format.js";
import { html } from "../vendor/preact.js";
import { Download } from "./sheet_table.js";

const SHOWN = 60;

/** @param {{ store: any }} props */
export function StoreWrites({ store }) {
  const writes = (store?.recent ?? []).slice(-SHOWN), slowest = Math.max(1, ...writes.map(({ tookMs }) => tookMs));
  const last = writes.at(-1), sorted = writes.map(({ tookMs }) => tookMs).sort((a, b) => a - b);
  const sheet = () => ({
    name: "Store writes",
    columns: ["answered", "points", "tookMs", "failure"].map((label) => ({ label })),
    rows: writes.map(({ atMs, points, tookMs, failure }) => [new Date(atMs), points, tookMs, failure]),
  });
  return html`<section class="card writes">
    <div class="caption"><h2>Store</h2><p class="note">the last ${writes.length} writes</p>
      <div class="tools"><${Download} sheet=${sheet} /></div></div>
    <div class="strokes" aria-hidden="true">${
    writes.map(({ atMs, tookMs, failure }) =>
      html`<i key=${atMs} class=${failure === undefined ? "" : "failed"} style=${{
        height: `${Math.max(3, tookMs / slowest * 100)}%`,
      }}></i>`
    )
  }</div>
    ${last?.failure !== undefined && html`<p class="problem">${last.failure}</p>`}
    <dl>
      <div><dt>Last answer</dt><dd>${format.time(last?.atMs)}</dd></div>
      <div><dt>Median</dt><dd>${format.millis(sorted[sorted.length >> 1])}</dd></div>
      <div><dt>Slowest</dt><dd>${format.millis(sorted.at(-1))}</dd></div>
      <div><dt>Writes</dt><dd>${format.count(store?.writes)}</dd></div>
      <div><dt>Points</dt><dd>${format.count(store?.points)}</dd></div>
      <div><dt>Refused points</dt><dd>${format.count(store?.refused)}</dd></div>
      <div><dt>Failed writes</dt><dd>${format.count(store?.failures)}</dd></div>
    </dl></section>`;
}
