/** The same figures by place: a map of the states, a ranked list of every region. */
import { categoryLines, categoryStack } from "../drawings.js";
import { format, momentOf } from "../format.js";
import { REGION_METRICS } from "../region_figures.js";
import { Choice, Figure } from "../parts/figure.js";
import { RegionBars } from "../parts/region_bars.js";
import { RegionMap } from "../parts/region_map.js";
import { timeSheet } from "../sheet.js";
import { html } from "../vendor/preact.js";

const EVERY = 1_000;

export function Regions({ view, route, go, answers, atlas }) {
  const props = { answer: answers.regions, route, go, highMs: view.highMs };
  const metrics = Object.entries(REGION_METRICS).map(([name, { label }]) => [name, label]);
  const of = route.region === "" ? "all regions" : route.region;
  const time = (date) => momentOf(date.getTime(), view.nowMs);
  const sheet = (name, field, value) => () => timeSheet(view, { name: `${name} ${of}`, field, value, time });
  return html`
    <div class="title metrics">
      <${Choice} label="Colour by" name="metric" chosen=${route.metric} options=${metrics}
        onChoose=${(metric) => go({ metric })} />
      <p class="note">${sinceOf(answers.regions, view)}</p>
    </div>
    <${RegionMap} ...${props} atlas=${atlas} />
    <${RegionBars} ...${props} limit=${EVERY} title="Every region" />
    <${Figure} title="Transactions per minute" note=${of} class="wide6"
      drawing=${categoryStack(view, { field: "transactions_per_minute", value: format.rate, axis: format.compact })}
      sheet=${sheet("Transactions per minute", "transactions_per_minute", format.rate)} />
    <${Figure} title="Average amount" note=${of} class="wide6"
      drawing=${categoryLines(view, { field: "avg_amount", value: format.amount, axis: format.compact })}
      sheet=${sheet("Average amount", "avg_amount", format.amount)} />
  `;
}

function sinceOf(answer, { nowMs }) {
  if (answer?.sinceMs === undefined) return "Nothing is known by region yet";
  return `Totals since ${momentOf(answer.sinceMs, nowMs)}`;
}
