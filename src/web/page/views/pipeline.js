/** How the pipeline does: partitions, actors, store, what was not counted. */
import { format } from "../format.js";
import { ActorTable } from "../parts/actor_table.js";
import { DeadLetters } from "../parts/dead_letters.js";
import { Headline } from "../parts/headline.js";
import { PartitionTable } from "../parts/partition_table.js";
import { StoreWrites } from "../parts/store_writes.js";
import { html } from "../vendor/preact.js";

export function Pipeline({ view, answers }) {
  const { pipeline, actors, letters } = answers;
  return html`
    <${Headline} label="Pipeline" figures=${figuresOf(view, pipeline)} />
    ${pipeline?.problems.map((problem) => html`<p class="card problem" role="alert" key=${problem}>${problem}</p>`)}
    <${PartitionTable} pipeline=${pipeline} ledger=${view.ledger} nowMs=${view.nowMs} />
    <${ActorTable} actors=${actors} />
    <${StoreWrites} store=${pipeline?.store} />
    <${DeadLetters} letters=${letters} total=${view.ledger?.total} />
  `;
}

/** The four things that must not stand still. */
function figuresOf({ nowMs, highMs, ledger }, pipeline) {
  const lag = pipeline?.partitions.reduce((sum, { next, end }) => sum + Math.max(0, end - next), 0);
  const ageMs = nowMs === undefined || !pipeline?.frontierMs ? undefined : nowMs - pipeline.frontierMs;
  const writes = pipeline?.store.recent ?? [], total = ledger?.total;
  const off = total &&
    total.position - total.first - total.counted - total.late - total.future - total.invalid - total.skipped;
  const held = pipeline?.heldBy ?? [], behindMs = highMs === null || nowMs === undefined ? undefined : nowMs - highMs;
  return [
    { label: "Records waiting", text: format.count(lag), note: "in the topic, not read yet" },
    { label: "Newest event", text: format.duration(behindMs), note: "behind the clock" },
    { label: "Frontier", text: format.duration(ageMs), note: heldText(held) },
    {
      label: "Store",
      text: format.millis(writes.at(-1)?.tookMs),
      note: `${format.count(pipeline?.store.points)} points acknowledged`,
      trend: writes.map(({ tookMs }) => tookMs),
    },
    {
      label: "Ledger",
      text: off === undefined ? "–" : off === 0 ? "balances" : `off by ${format.count(off)}`,
      note: `${format.count(total && total.position - total.first)} read, ${format.count(total?.counted)} counted`,
    },
  ];
}

function heldText(held) {
  if (held.length === 0) return "behind the clock";
  const names = held.slice(0, 3).join(", ");
  return `held by partition ${names}${held.length > 3 ? ` and ${held.length - 3} more` : ""}`;
}
