/** The page's parts. Names of categories are data: they are only ever text. */
import { html, useEffect, useRef, useState } from "./vendor/preact.js";
import { createChart } from "./chart.js";
import { format, momentOf, zone } from "./format.js";
import { COLOURS, lineOf, MAX_LINES } from "./model.js";

const MAX_ROWS = 100;

/** Everything under `<body>`. */
export function Page({ app, connection, paused, problem, view, onPause }) {
  const [pinned, pin] = useState("");
  const [fraud, setFraud] = useState("fraud_rate");
  const chart = { view, pinned };
  return html`
    <header>
      <h1>${app.name}</h1>
      <p class="window">${view.window && `${view.window} windows`}</p>
      <${Status} connection=${connection} paused=${paused} />
      <p class="zone" title=${zone.full}>Times in ${zone.short}</p>
      <button type="button" class="pause" aria-pressed=${paused} onClick=${onPause}>${paused
        ? "Resume"
        : "Pause"}</button>
    </header>
    <main>
      ${problem && html`<p class="problem" role="status">${problem}</p>`}
      <${Headline} view=${view} />
      <${Figure} ...${chart} title="Transactions per minute" field="transactions_per_minute" value=${format
        .rate} wide />
      <${Figure} ...${chart} title="Average amount" field="avg_amount" value=${format.amount} />
      <${Figure} ...${chart} title=${fraud === "fraud_rate" ? "Fraud rate" : "Frauds in the window"} field=${fraud}
        value=${fraud === "fraud_rate" ? format.percent : format.rate}>
        <${Choice} chosen=${fraud} onChoose=${setFraud} />
      <//>
      <${Pipeline} view=${view} />
      <${Categories} view=${view} pinned=${pinned} onPin=${pin} />
    </main>
    <footer>${app.name} ${app.version}</footer>
  `;
}

function Status({ connection, paused }) {
  const words = {
    connecting: "Connecting",
    live: paused ? "Paused" : "Live",
    reconnecting: "Reconnecting",
    refused: "Logged out",
  };
  const kind = connection.phase === "live" && paused ? "paused" : connection.phase;
  return html`<p class="status" role="status" data-kind=${kind}>
    <span class="dot" aria-hidden="true"></span>${words[connection.phase]}
    ${connection.reason && html`<span class="reason">${connection.reason}</span>`}
  </p>`;
}

function Headline({ view }) {
  const { headline, trend } = view;
  const line = (field) => trend.map((total) => total[field]);
  const has = view.shownMs !== undefined;
  return html`
    <section class="headline" aria-label="Now" title=${has ? format.instant(view.shownMs) : ""}>
      <${Big} label="Transactions per minute" text=${format.rate(has ? headline.perMinute : undefined)}
        trend=${line("perMinute")} />
      <${Big} label="Average amount" text=${format.amount(headline.average)} trend=${line("average")} />
      <${Big} label="Frauds in the window" text=${format.count(has ? headline.frauds : undefined)} trend=${line(
        "frauds",
      )} />
      <${Big} label="Fraud rate" text=${format.percent(headline.fraudRate)} trend=${line("fraudRate")} />
      <p class="note">${has ? `All categories, ${stateOf(view)}` : "Waiting for the first transactions"}</p>
    </section>
  `;
}

/** Which window the numbers are from, and whether they may still change. */
function stateOf(view) {
  return `window ended ${momentOf(view.shownMs, view.nowMs)} · ${view.headline.final ? "final" : "provisional"}`;
}

function Big({ label, text, trend }) {
  return html`
    <div class="big">
      <h2>${label}</h2>
      <p class="number">${text}</p>
      <${Spark} values=${trend} />
    </div>
  `;
}

/** The last quarter of an hour at a glance; the numbers are in the charts. */
function Spark({ values }) {
  const known = values.filter((value) => value !== undefined);
  const low = Math.min(...known), high = Math.max(...known), span = high - low || 1;
  const x = (index) => (index / Math.max(1, values.length - 1) * 100).toFixed(2);
  const y = (value) => (27 - (value - low) / span * 24).toFixed(2);
  const points = values.flatMap((value, index) => value === undefined ? [] : [`${x(index)},${y(value)}`]);
  return html`<svg class="spark" viewBox="0 0 100 30" preserveAspectRatio="none" aria-hidden="true">
    ${known.length > 1 && html`<polyline points=${points.join(" ")} />`}
  </svg>`;
}

function Choice({ chosen, onChoose }) {
  const option = (value, label) =>
    html`<label><input type="radio" name="fraud" value=${value} checked=${chosen === value}
      onChange=${() => onChoose(value)} /><span>${label}</span></label>`;
  return html`<fieldset class="choice"><legend class="hidden">Show fraud as</legend>
    ${option("fraud_rate", "Rate")}${option("fraud_count", "Count")}</fieldset>`;
}

function colourOf(place) {
  return place < COLOURS ? `--c${place}` : "--grey";
}

function Figure({ title, field, value, view, pinned, wide, children }) {
  const element = useRef(null), chart = useRef(null);
  const shown = view.rows.slice(0, MAX_LINES);
  const pinnedRow = view.rows.find((row) => row.category === pinned);
  const rows = pinnedRow === undefined || shown.includes(pinnedRow) ? shown : [...shown, pinnedRow];
  useEffect(() => {
    chart.current = createChart(element.current);
    return () => chart.current.destroy();
  }, []);
  useEffect(() => {
    // Grey lines first: what has a colour lies on top.
    const lines = rows.toReversed().map(({ category, place }) => ({
      name: category,
      colour: colourOf(place),
      strong: pinnedRow === undefined ? true : category === pinned,
      ...lineOf(view, { category, field }),
    }));
    chart.current.draw({ times: view.times, finalMs: view.finalMs, lines, value });
  }, [view, pinned, field]);
  return html`
    <figure class=${wide ? "wide" : ""}>
      <figcaption><h2>${title}</h2>${children}<${Legend} /></figcaption>
      <div class="plot" ref=${element} aria-hidden="true"></div>
    ${rows.length === 0 && html`<p class="empty">No points yet</p>`}
    <${AsTable} title=${title} field=${field} value=${value} view=${view} />
    </figure>
  `;
}

function Legend() {
  return html`
    <p class="legend">
      <span><i class="solid" aria-hidden="true"></i>final</span>
      <span><i class="dashed" aria-hidden="true"></i>provisional</span>
    </p>
  `;
}

/** The chart's twin for who cannot see it: one column a minute. */
function AsTable({ title, field, value, view }) {
  const [open, setOpen] = useState(false);
  const columns = view.times.filter((timeMs) =>
    timeMs <= view.shownMs && timeMs > view.shownMs - 5 * 60_000 && (view.shownMs - timeMs) % 60_000 === 0
  );
  const rows = open ? view.rows.slice(0, MAX_ROWS) : [];
  const cell = (category, timeMs) => {
    const point = view.point(category, timeMs);
    return html`<td class=${point?.final === false ? "provisional" : ""}>${value(point?.[field])}</td>`;
  };
  return html`<details open=${open} onToggle=${(event) => setOpen(event.currentTarget.open)}>
    <summary>Show as table</summary>
    ${
    open && html`
      <div class="scroll" tabindex="0" role="region" aria-label=${`${title} as a table`}>
        <table>
          <caption class="hidden">${title} by category, one column a minute</caption>
          <thead>
            <tr><th scope="col">Category</th>
              ${columns.map((timeMs) => html`<th scope="col">${format.time(timeMs)}</th>`)}</tr>
          </thead>
          <tbody>${rows.map(({ category }) =>
            html`<tr key=${category}><th scope="row"><span class="name">${category}</span></th>
          ${columns.map((timeMs) => cell(category, timeMs))}</tr>`
          )}</tbody>
        </table>
      </div>
    `
  }
  </details>`;
}

const COLUMNS = [
  { label: "Per minute", field: "transactions_per_minute", value: format.rate },
  { label: "Average", field: "avg_amount", value: format.amount },
  { label: "Median", field: "amount_p50", value: format.amount },
  { label: "95 %", field: "amount_p95", value: format.amount },
  { label: "Sum", field: "amount_sum", value: format.amount },
  { label: "Customers", field: "unique_customers", value: format.count },
  { label: "Frauds", field: "fraud_count", value: format.count },
  { label: "Fraud rate", field: "fraud_rate", value: format.percent },
];

function Categories({ view, pinned, onPin }) {
  const [all, setAll] = useState(false);
  const rows = all ? view.rows : view.rows.slice(0, MAX_ROWS);
  const more = view.rows.length - rows.length;
  const caption = `The window that ended ${
    format.time(view.shownMs)
  }. Choose a category to bring it out in the charts.`;
  return html`<section class="categories">
    <h2>Categories <small>${format.count(view.rows.length)}${view.rows.length > 0 && ` · ${stateOf(view)}`}</small></h2>
    <div class="scroll" tabindex="0" role="region" aria-label="Categories"><table>
      <caption class="hidden">${caption}</caption>
      <thead><tr><th scope="col">Category</th>
        ${COLUMNS.map(({ label }) => html`<th scope="col">${label}</th>`)}</tr></thead>
      <tbody>${
    rows.map((row) =>
      html`<${CategoryRow} key=${row.category} row=${row} pinned=${pinned === row.category} onPin=${onPin} />`
    )
  }</tbody>
    </table></div>
    ${more > 0 && html`<button type="button" onClick=${() => setAll(true)}>Show ${format.count(more)} more</button>`}
    ${view.rows.length > MAX_LINES && html`<p class="note">The charts draw the first ${MAX_LINES} categories.</p>`}
  </section>`;
}

function CategoryRow({ row, pinned, onPin }) {
  const { category, place, point } = row;
  return html`<tr class=${pinned ? "pinned" : ""}>
    <th scope="row"><button type="button" aria-pressed=${pinned} title=${category}
      onClick=${() => onPin(pinned ? "" : category)}>
      <i class="swatch" style=${{ background: `var(${colourOf(place)})` }} aria-hidden="true"></i>
      <span class="name">${category}</span></button></th>
    ${COLUMNS.map(({ field, value }) => html`<td>${value(point[field])}</td>`)}
  </tr>`;
}

function Pipeline({ view }) {
  const total = view.ledger?.total;
  const read = total && total.position - total.first;
  const sum = total && total.counted + total.late + total.future + total.invalid + total.skipped;
  const behindMs = view.highMs === null || view.nowMs === undefined ? undefined : view.nowMs - view.highMs;
  const fact = (label, text, title) =>
    html`
      <div title=${title}>
        <dt>${label}</dt>
        <dd>${text}</dd>
      </div>
    `;
  return html`
    <section class="pipeline">
      <h2>Pipeline</h2>
      <dl>
        ${fact("Newest event", momentOf(view.highMs, view.nowMs), format.instant(view.highMs))}
        ${fact(
          "Behind the clock",
          format.duration(behindMs),
          "Server time at the last update minus the newest event time",
        )}
        ${fact("Final up to", momentOf(view.finalMs, view.nowMs), format.instant(view.finalMs))}
        ${fact(
          "Waiting",
          format.count(total && total.end - total.position),
          "Records in the topic that are not read yet",
        )}
        ${fact("Read", format.count(read), "Offsets accounted for")}
        ${fact("Counted", format.count(total?.counted), "Transactions in windows")}
        ${fact("Late", format.count(total?.late), "Their pane had already ended")}
        ${fact("Future", format.count(total?.future), "Event time too far ahead of the record's")}
        ${fact("Invalid", format.count(total?.invalid), "Not a transaction")}
        ${fact("Skipped", format.count(total?.skipped), "Control, aborted, compacted and deleted offsets")}
        ${fact("Amended", format.count(total?.amended), "Put back later; outside the sum")}
        ${fact(
          "Ledger",
          total && (read === sum ? "balances" : `off by ${format.count(read - sum)}`),
          "Read = counted + late + future + invalid + skipped",
        )}
        ${fact("Last update", format.time(view.nowMs), format.instant(view.nowMs))}
      </dl>
    </section>
  `;
}
