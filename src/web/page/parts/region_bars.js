/** Regions ranked by a metric; choosing one filters by it. */
import { REGION_METRICS, regionFigures } from "../region_figures.js";
import { html } from "../vendor/preact.js";
import { widthOf } from "./bar.js";
import { Link } from "./link.js";
import { Download } from "./sheet_table.js";

/** @param {{ answer: any, route: any, go: any, highMs: any, limit?: number, title?: string }} props */
export function RegionBars({ answer, route, go, highMs, limit = 12, title = "By region" }) {
  const { label, print, tone } = REGION_METRICS[route.metric];
  const { figures } = regionFigures(answer, { metric: route.metric, highMs });
  const most = Math.max(0, ...figures.map(({ value }) => value ?? 0)) || 1;
  const sheet = () => ({
    name: `Regions ${label}`,
    columns: ["Region", label, "Transactions", "Amount", "Frauds"].map((name) => ({ label: name })),
    rows: figures.map(({ region, value, total }) => [
      region,
      value,
      total.transaction_count,
      total.amount_sum,
      total.fraud_count,
    ]),
  });
  return html`<section class="card regionBars">
    <div class="caption"><h2>${title}</h2><p class="note">${label}, in this range</p>
      <div class="tools"><${Download} sheet=${sheet} /></div></div>
    ${figures.length === 0 && html`<p class="nothing">Nothing is known by region yet</p>`}
    <div class="scroll" tabindex="0" role="region" aria-label=${`Regions by ${label}`}>
    <table class="bars"><caption class="hidden">Regions by ${label}</caption>
      <thead class="hidden"><tr><th scope="col">Region</th><th scope="col">Bar</th><th scope="col">${label}</th></tr></thead>
      <tbody>${
    figures.slice(0, limit).map(({ region, value }) =>
      html`
        <tr key=${region} class=${region === route.region ? "chosen" : ""}>
          <th scope="row">
            <${Link} route=${route} go=${go} to=${{ region: region === route.region ? "" : region }}>
                  <span class="name" title=${region}>${region}</span><//></th>
                <td class="bar" data-tone=${tone}><i style=${{
                  width: widthOf(value, most),
                }} aria-hidden="true"></i></td>
                <td>${print(value)}</td></tr>
      `
    )
  }</tbody></table></div></section>`;
}
