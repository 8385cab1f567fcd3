/** The last records that were not counted, and why. */
import { format, momentOf } from "../format.js";
import { html } from "../vendor/preact.js";
import { Download } from "./sheet_table.js";

const TONE = { late: "warn", future: "warn", invalid: "bad" };

/** @param {{ letters: any[] | undefined, total: any }} props */
export function DeadLetters({ letters = [], total }) {
  const count = total && total.late + total.future + total.invalid;
  const sheet = () => ({
    name: "Dead letters",
    columns: ["reason", "detail", "partition", "offset", "time", "value"].map((label) => ({ label })),
    rows: letters.map((letter) => [
      ...[letter.reason, letter.detail, letter.partition, letter.offset],
      letter.timeMs === null ? undefined : new Date(letter.timeMs),
      letter.text,
    ]),
  });
  return html`<section class="card letters">
    <div class="caption"><h2>Dead letters</h2>
      <p class="note">${format.count(count)} in the ledger; here the last ${letters.length} since the start</p>
      <div class="tools">${letters.length > 0 && html`<${Download} sheet=${sheet} />`}</div></div>
    ${letters.length === 0 && html`<p class="nothing">None since the start: every record was counted</p>`}
    ${
    letters.length > 0 && html`
      <div class="scroll" tabindex="0" role="region" aria-label="Dead letters">
        <table>
          <caption class="hidden">The last dead letters</caption>
          <thead>
            <tr>
              <th scope="col" class="state">Reason</th>
              <th scope="col">Partition</th>
              <th scope="col">Offset</th>
              <th scope="col">Record's time</th>
              <th scope="col" class="text">Value</th>
            </tr>
          </thead>
          <tbody>${letters.map(({ reason, detail, partition, offset, timeMs, text, isCut }) =>
            html`
              <tr key=${`${partition} ${offset}`}>
                <th scope="row" class="state"><span class="badge" data-tone=${TONE[
                  reason
                ]}>${reason}</span> ${detail}</th>
                <td>${partition}</td>
                <td>${format.count(offset)}</td>
                <td>${momentOf(timeMs, undefined)}</td>
                <td class="text"><code>${text ?? "null"}${isCut && "…"}</code></td>
              </tr>
            `
          )}</tbody>
        </table>
      </div>
    `
  }
  </section>`;
}
