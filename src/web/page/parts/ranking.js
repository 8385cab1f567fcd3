/** Who sold or bought most often in the newest window that is ranked, and how sure that is. */
import { rankedOf } from "../buying.js";
import { format, momentOf } from "../format.js";
import { html } from "../vendor/preact.js";
import { widthOf } from "./bar.js";
import { Download } from "./sheet_table.js";

const COLUMNS = ["Rank", "Name", "Purchases", "At most", "Share"];

/**
 * @param {{ points: any[] | undefined, kind: "merchant" | "customer", title: string, category: string,
 *   nowMs: number | undefined }} props
 */
export function Ranking({ points = [], kind, title, category, nowMs }) {
  const ranking = rankedOf(points, kind), { timeMs, ranks, left } = ranking;
  const sheet = () => ({
    name: `${category} ${title}`,
    columns: COLUMNS.map((label) => ({ label })),
    rows: ranks.map(({ rank, name, count, error, share }) => [rank, name, count, count + error, share]),
  });
  return html`<section class="card wide4 ranking">
    <div class="caption"><h2>${title}</h2>
      <p class="note">${timeMs !== undefined && `window ended ${momentOf(timeMs, nowMs)}`}</p>
      <div class="tools">${ranks.length > 0 && html`<${Download} sheet=${sheet} />`}</div></div>
    ${timeMs === undefined && html`<p class="nothing">No final window names any yet; one a minute is ranked</p>`}
    ${ranks.length > 0 && html`<${Ranks} ranks=${ranks} title=${title} />`}
    ${timeMs !== undefined && html`<p class="note">${surenessOf(ranking)}</p>`}
    ${left > 0 && html`<p class="note">${left} left out: their counts may be wrong by as much as they are.</p>`}
  </section>`;
}

function Ranks({ ranks, title }) {
  const most = ranks[0].count;
  return html`
    <div class="scroll" tabindex="0" role="region" aria-label=${title}>
      <table class="bars">
        <caption class="hidden">${title} by purchases</caption>
        <thead>
          <tr>
            <th scope="col">Name</th>
            <th scope="col"><span class="hidden">Bar</span></th>
            <th scope="col">Purchases</th>
            <th scope="col">Share</th>
          </tr>
        </thead>
        <tbody>${ranks.map(({ rank, name, count, error, share }) =>
          html`
            <tr key=${rank}>
              <th scope="row"><span class="name" title=${name}>${name}</span></th>
              <td class="bar"><i style=${{ width: widthOf(count, most) }} aria-hidden="true"></i></td>
              <td>${format.count(count)}${error > 0 && `–${format.count(count + error)}`}</td>
              <td>${format.percent(share)}</td>
            </tr>
          `
        )}</tbody>
      </table>
    </div>
  `;
}

/** @param {{ error: number }} ranking */
function surenessOf({ error }) {
  if (error === 0) return "Counted one by one.";
  return `Too many to count each: a count is at least the first number and at most ${format.count(error)} more.`;
}
