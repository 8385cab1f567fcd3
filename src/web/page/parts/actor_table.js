/** The tree of actors: who runs where, how often it was started anew, what waits for it. */
import { format } from "../format.js";
import { html } from "../vendor/preact.js";
import { Download } from "./sheet_table.js";

const TONE = { running: "good", waiting: "plain", starting: "plain", stopping: "warn", down: "bad", stopped: "flat" };

/** @param {any[]} nodes @param {number} depth @returns {any[]} */
function flat(nodes, depth) {
  return nodes.flatMap((node) => [{ ...node, depth }, ...flat(node.children ?? [], depth + 1)]);
}

const SHEET = ["path", "role", "phase", "worker", "restarts", "queued", "peakQueued", "handled"];

/** @param {{ actors: any[] | undefined }} props */
export function ActorTable({ actors = [] }) {
  const rows = flat(actors, 0);
  const sheet = () => ({
    name: "Actors",
    columns: SHEET.map((label) => ({ label })),
    rows: rows.map((row) => SHEET.map((name) => row[name])),
  });
  return html`<section class="card actors">
    <div class="caption"><h2>Actors</h2><p class="note">${format.count(rows.length)} in the tree</p>
      <div class="tools">${rows.length > 0 && html`<${Download} sheet=${sheet} />`}</div></div>
    ${rows.length === 0 && html`<p class="nothing">Asking for the tree</p>`}
    ${
    rows.length > 0 && html`
      <div class="scroll" tabindex="0" role="region" aria-label="Actors">
        <table>
          <caption class="hidden">The tree of actors</caption>
          <thead>
            <tr>
              <th scope="col">Actor</th>
              <th scope="col" class="state">State</th>
              <th scope="col">Restarts</th>
              <th scope="col">Queue</th>
              <th scope="col">Peak</th>
              <th scope="col">Handled</th>
            </tr>
          </thead>
          <tbody>${rows.map((row) => html`<${Row} key=${row.path} row=${row} />`)}</tbody>
        </table>
      </div>
    `
  }
  </section>`;
}

function Row({ row: { path, role, phase, depth, restarts, queued, peakQueued, handled } }) {
  return html`
    <tr>
      <th scope="row" title=${path} style=${{ paddingLeft: `${depth * 18}px` }}>${path.slice(
        path.lastIndexOf("/") + 1,
      )}${role !== "actor" && html`
        <span class="note">${role}</span>
      `}</th>
      <td class="state"><span class="badge" data-tone=${TONE[phase]}>${phase}</span></td>
      <td class=${restarts > 0 ? "some" : ""}>${format.count(restarts)}</td>
      <td>${format.count(queued)}</td>
      <td>${format.count(peakQueued)}</td>
      <td>${format.count(handled)}</td>
    </tr>
  `;
}
