/** A sheet as a table, and as a file to take along. */
import { csvOf } from "../sheet.js";
import { html, useState } from "../vendor/preact.js";

const MAX_ROWS = 60;

/** @param {any} column @param {any} value */
function textOf({ format }, value) {
  if (value === undefined || value === null) return "–";
  return format === undefined ? String(value) : format(value);
}

/** What a chart shows, for who cannot see it. @param {{ sheet: () => import("../sheet.js").Sheet }} props */
export function SheetTable({ sheet }) {
  const [open, setOpen] = useState(false);
  return html`
    <div class="sheet">
      <details open=${open} onToggle=${(event) => setOpen(event.currentTarget.open)}>
          <summary>Table</summary>
          ${open && html`<${Rows} sheet=${sheet()} />`}
        </details>
      <${Download} sheet=${sheet} />
    </div>
  `;
}

function Rows({ sheet: { name, columns, rows } }) {
  const [head, ...rest] = columns;
  return html`<div class="scroll" tabindex="0" role="region" aria-label=${`${name}, as a table`}>
    <table>
      <caption class="hidden">${name}</caption>
      <thead><tr>${
    columns.map(({ label }) => html`<th scope="col"><span class="name">${label}</span></th>`)
  }</tr></thead>
      <tbody>${
    rows.slice(0, MAX_ROWS).map((cells) =>
      html`<tr><th scope="row"><span class="name">${textOf(head, cells[0])}</span></th>
        ${rest.map((column, index) => html`<td>${textOf(column, cells[index + 1])}</td>`)}</tr>`
    )
  }</tbody>
    </table>
    ${
    rows.length > MAX_ROWS &&
    html`<p class="note">The first ${MAX_ROWS} of ${rows.length} rows; all are in the CSV.</p>`
  }
  </div>`;
}

/** A button that saves a sheet. @param {{ sheet: () => import("../sheet.js").Sheet }} props */
export function Download({ sheet }) {
  const save = () => {
    const made = sheet(), link = document.createElement("a");
    link.href = URL.createObjectURL(new Blob([csvOf(made)], { type: "text/csv" }));
    link.download = `${made.name.toLowerCase().replaceAll(/[^a-z0-9]+/g, "-")}.csv`;
    link.click();
    URL.revokeObjectURL(link.href);
  };
  return html`<button type="button" class="quiet" onClick=${save}>CSV</button>`;
}
