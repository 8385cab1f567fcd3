/** All categories at a glance: how much, how big, how much fraud, what moves. */
import { categoryLines, categoryStack } from "../drawings.js";
import { format, momentOf } from "../format.js";
import { moversOf, shareOf } from "../movers.js";
import { Change } from "../parts/change.js";
import { Anomalies } from "../parts/anomalies.js";
import { CategoryName, colourOf } from "../parts/category_name.js";
import { CategoryTable } from "../parts/category_table.js";
import { Choice, Figure } from "../parts/figure.js";
import { FraudBars } from "../parts/fraud_bars.js";
import { Headline } from "../parts/headline.js";
import { Later } from "../parts/later.js";
import { Link } from "../parts/link.js";
import { Ticker } from "../parts/ticker.js";
import { timeSheet } from "../sheet.js";
import { openOf, unusualOf } from "../unusual.js";
import { html, useState } from "../vendor/preact.js";

const MOVERS = 8;

export function Overview({ view, route, go, samples, colours, answers }) {
  const anomalies = unusualOf(answers.anomalies ?? []), open = openOf(answers.incidents ?? []);
  const [isStacked, setStacked] = useState("stack");
  const perMinute = { field: "transactions_per_minute", value: format.rate, axis: format.compact };
  const time = (date) => momentOf(date.getTime(), view.nowMs);
  const sheet = (name, field, value) => () => timeSheet(view, { name, field, value, time });
  return html`
    <${Headline} label="Now" figures=${headlineOf(view)} />
    <${Figure} title="Transactions per minute" note="by category" class="tall wide8"
      legend=${html`<${Legend} view=${view} route=${route} go=${go} />`}
      drawing=${isStacked === "stack" ? categoryStack(view, perMinute) : categoryLines(view, perMinute)}
      sheet=${sheet("Transactions per minute", "transactions_per_minute", format.rate)}>
      <${Choice} label="Draw as" name="stack" chosen=${isStacked} onChoose=${setStacked}
        options=${[["stack", "Stacked"], ["lines", "Lines"]]} />
      <//>
      <${Later} of=${Ticker} samples=${samples} colours=${colours} route=${route} />
      <${Figure} title="Average amount" note="by category" class="wide5"
        drawing=${categoryLines(view, { field: "avg_amount", value: format.amount, axis: format.compact })}
        sheet=${sheet("Average amount", "avg_amount", format.amount)} />
      <${Later} of=${FraudBars} view=${view} route=${route} go=${go} />
      <${Later} of=${Movers} view=${view} route=${route} go=${go} />
      ${anomalies.length + open.length > 0 &&
        html`<${Anomalies} anomalies=${anomalies} open=${open} nowMs=${view.nowMs} colours=${colours} />`}
    <${Later} of=${CategoryTable} view=${view} route=${route} go=${go} />
  `;
}

/** The big numbers; each against the window before. */
function headlineOf({ headline, before, trend, shownMs }) {
  const has = shownMs !== undefined, line = (field) => trend.map((total) => total[field]);
  const figure = (label, field, print) => ({
    label,
    text: print(has ? headline[field] : undefined),
    share: shareOf(before?.[field], headline[field]),
    compares: true,
    trend: line(field),
  });
  return [
    figure("Transactions per minute", "perMinute", format.rate),
    figure("Average amount", "average", format.amount),
    figure("Amount in the window", "amount", format.count),
    { ...figure("Frauds in the window", "frauds", format.count), alarm: true, colour: "--bad" },
    { ...figure("Fraud rate", "fraudRate", format.percent), alarm: true, colour: "--bad" },
  ];
}

/** The colours' names; each leads to its category. */
function Legend({ view, route, go }) {
  return html`<p class="legend">${
    view.rows.slice(0, 14).map(({ category, colour }) =>
      html`<${Link} key=${category} route=${route} go=${go} to=${{ view: "category", category }}>
        <i class="swatch" style=${{ background: `var(${colourOf(colour)})` }} aria-hidden="true"></i>
        <span class="name">${category}</span><//>`
    )
  }</p>`;
}

function Movers({ view, route, go }) {
  const movers = moversOf(view.rows, MOVERS);
  return html`<section class="card movers">
    <h2>Top movers</h2><p class="note">per minute, against the window before</p>
    ${movers.length === 0 && html`<p class="nothing">Two windows are needed to compare</p>`}
    <ol>${
    movers.map(({ category, colour, before, after, share }) =>
      html`
        <li key=${category}>
          <${Link} route=${route} go=${go} to=${{ view: "category", category }}>
            <${CategoryName} category=${category} colour=${colour} />
            <//>
            <span class="from">${format.rate(before)} → <b>${format.rate(after)}</b></span>
            <${Change} share=${share} />
            </li>
      `
    )
  }</ol></section>`;
}
