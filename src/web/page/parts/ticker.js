/** Transactions as they go by: a few of them, newest on top. */
import { format } from "../format.js";
import { html } from "../vendor/preact.js";
import { CategoryName } from "./category_name.js";

/** @param {{ samples: any[], colours: Map<string, number>, route: any }} props */
export function Ticker({ samples, colours, route }) {
  const shown = samples.filter(({ category, region }) =>
    (route.category === "" || category === route.category) && (route.region === "" || region === route.region)
  );
  return html`<section class="card ticker">
    <h2>Going by</h2><p class="note">at most 5 a second are sampled</p>
    ${shown.length === 0 && html`<p class="nothing">Waiting for transactions</p>`}
    <ol>${
    shown.map(({ partition, offset, occurredAtMs, category, region, amount, isFraud }) =>
      html`<li key=${`${partition} ${offset}`} class=${isFraud ? "fraud" : ""}>
        <time>${format.time(occurredAtMs)}</time>
        <${CategoryName} category=${category} colour=${colours.get(category)} />
        <span class="region" title=${region}>${region}</span>
        <span class="amount">${format.amount(amount)}</span>
        ${isFraud && html`<span class="badge" data-tone="bad">fraud</span>`}
      </li>`
    )
  }</ol>
  </section>`;
}
