/** Every partition: how far it is, how old its watermark, what became of its records. */
import { format } from "../format.js";
import { html } from "../vendor/preact.js";
import { widthOf } from "./bar.js";
import { Download } from "./sheet_table.js";

const OUTCOMES = ["counted", "late", "future", "invalid", "skipped", "amended"];
const MEANS = {
  counted: "Transactions in windows",
  late: "Their pane had already ended",
  future: "Event time too far ahead of the record's",
  invalid: "Not a transaction",
  skipped: "Control, aborted, compacted and deleted offsets",
  amended: "Put back later; outside the sum",
};

export function PartitionTable({ pipeline, ledger, nowMs }) {
  const standings = pipeline?.partitions ?? [], held = new Set(pipeline?.heldBy);
  const lines = new Map((ledger?.partitions ?? []).map((line) => [line.partition, line]));
  const rows = standings.map((standing) => ({
    ...lines.get(standing.partition),
    ...standing,
    lag: standing.end - standing.next,
  }));
  const most = Math.max(1, ...rows.map(({ lag }) => lag));
  const sheet = () => ({
    name: "Partitions",
    columns: ["partition", "next", "end", "lag", "watermark", ...OUTCOMES].map((label) => ({ label })),
    rows: rows.map((row) => [
      ...[row.partition, row.next, row.end, row.lag],
      row.watermarkMs === null ? undefined : new Date(row.watermarkMs),
      ...OUTCOMES.map((name) => row[name]),
    ]),
  });
  return html`<section class="card partitions">
    <div class="caption"><h2>Partitions</h2><p class="note">${format.count(rows.length)} of this process</p>
      <div class="tools"><${Download} sheet=${sheet} /></div></div>
    ${rows.length === 0 && html`<p class="nothing">No partition is assigned yet</p>`}
    <div class="scroll" tabindex="0" role="region" aria-label="Partitions"><table>
      <caption class="hidden">Partitions with lag, watermark and ledger</caption>
      <thead><tr><th scope="col">Partition</th><th scope="col" class="state">State</th><th scope="col" class="bar">Lag</th>
        <th scope="col">Next offset</th><th scope="col">Watermark age</th>
        ${OUTCOMES.map((name) => html`<th scope="col" class="word" title=${MEANS[name]}>${name}</th>`)}</tr></thead>
      <tbody>${
    rows.map((row) =>
      html`<${Row} key=${row.partition} row=${row} most=${most} nowMs=${nowMs} isHolding=${held.has(row.partition)} />`
    )
  }</tbody></table></div></section>`;
}

function Row({ row, most, nowMs, isHolding }) {
  const { partition, lag, next, watermarkMs, isPaused } = row;
  const state = isPaused ? "paused" : lag > 0 ? "reading" : "at its end";
  const ageMs = watermarkMs === null || nowMs === undefined ? undefined : nowMs - watermarkMs;
  return html`<tr>
    <th scope="row">${partition}</th>
    <td class="state"><span class="badge" data-tone=${isPaused ? "warn" : lag > 0 ? "plain" : "flat"}>${state}</span>
      ${
    isHolding && html`
      <span class="badge" data-tone="warn" title="The lowest watermark">holds the frontier</span>
    `
  }</td>
    <td class="bar lag"><i style=${{ width: widthOf(lag, most) }} aria-hidden="true"></i><span>${
    format.count(lag)
  }</span></td>
    <td>${format.count(next)}</td>
    <td title=${format.instant(watermarkMs)}>${format.duration(ageMs)}</td>
    ${
    OUTCOMES.map((name) =>
      html`<td class=${name !== "counted" && row[name] > 0 ? "some" : ""}>${format.count(row[name])}</td>`
    )
  }
  </tr>`;
}
