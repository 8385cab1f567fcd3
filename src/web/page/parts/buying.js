/** How often the customers of a category buy, in the newest window that is ranked. */
import { buyingOf } from "../buying.js";
import { format, momentOf } from "../format.js";
import { html } from "../vendor/preact.js";
import { widthOf } from "./bar.js";
import { Download } from "./sheet_table.js";

/** @param {{ points: any[] | undefined, category: string, nowMs: number | undefined }} props */
export function Buying({ points = [], category, nowMs }) {
  const buying = buyingOf(points);
  const sheet = () => ({
    name: `${category} purchases per customer`,
    columns: ["Purchases", "Customers", "Share"].map((label) => ({ label })),
    rows: (buying?.buckets ?? []).map(({ label, customers, share }) => [label, customers, share]),
  });
  return html`<section class="card wide4 buying">
    <div class="caption"><h2>Customers</h2>
      <p class="note">${buying && `window ended ${momentOf(buying.timeMs, nowMs)}`}</p>
      <div class="tools">${buying && html`<${Download} sheet=${sheet} />`}</div></div>
    ${buying === undefined && html`<p class="nothing">No final window with customers yet; one a minute is ranked</p>`}
    ${
    buying && html`
      <${Figures} buying=${buying} />
      <${Distribution} buckets=${buying.buckets} />
    `
  }
  </section>`;
}

function Figures({ buying: { unique, repeat, repeatShare, perCustomer, median } }) {
  return html`
    <dl>
      <div>
        <dt>Unique</dt>
        <dd>${format.count(unique)}</dd>
      </div>
      <div>
        <dt>Bought again</dt>
        <dd>${format.count(repeat)} · ${format.percent(repeatShare)}</dd>
      </div>
      <div>
        <dt>Purchases each</dt>
        <dd>${format.amount(perCustomer)}</dd>
      </div>
      <div>
        <dt>Median</dt>
        <dd>${format.count(median)}</dd>
      </div>
    </dl>
  `;
}

function Distribution({ buckets }) {
  const most = Math.max(0, ...buckets.map(({ customers }) => customers)) || 1;
  return html`
    <div class="scroll" tabindex="0" role="region" aria-label="Purchases per customer">
      <table class="bars">
        <caption class="hidden">Customers by how many purchases they made</caption>
        <thead>
          <tr>
            <th scope="col">Purchases</th>
            <th scope="col"><span class="hidden">Bar</span></th>
            <th scope="col">Customers</th>
            <th scope="col">Share</th>
          </tr>
        </thead>
        <tbody>${buckets.map(({ label, customers, share }) =>
          html`
            <tr key=${label}>
              <th scope="row">${label}</th>
              <td class="bar"><i style=${{ width: widthOf(customers, most) }} aria-hidden="true"></i></td>
              <td>${format.count(customers)}</td>
              <td>${format.percent(share)}</td>
            </tr>
          `
        )}</tbody>
      </table>
    </div>
  `;
}
