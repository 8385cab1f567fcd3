/** Everything under `<body>`: the bars, and the view that the address names. */
import { KeptNote } from "./parts/kept_note.js";
import { FilterBar, TopBar } from "./parts/top_bar.js";
import { html } from "./vendor/preact.js";
import { Category } from "./views/category.js";
import { Overview } from "./views/overview.js";
import { Pipeline } from "./views/pipeline.js";
import { Regions } from "./views/regions.js";

const SHOWN = { overview: Overview, category: Category, regions: Regions, pipeline: Pipeline };

export function Page(state) {
  const { route, go, view, answers, app, problem } = state;
  const regions = (answers.everyRegion ?? answers.regions)?.regions.map(({ region }) => region) ?? [];
  const colours = new Map(view.categories.map(({ category, colour }) => [category, colour]));
  return html`
    <a class="skip" href="#main">Skip to the content</a>
    <${TopBar} ...${state} problems=${answers.pipeline?.problems ?? []} />
    <${FilterBar} route=${route} go=${go} view=${view} regions=${regions} />
    <main id="main" class=${`view-${route.view}`} tabindex="-1">
      ${problem && html`<p class="card problem" role="status">${problem}</p>`}
      <${KeptNote} ...${state} />
      <${SHOWN[route.view]} ...${state} colours=${colours} />
    </main>
    <footer><span>${app.name} ${app.version}</span> <a href="/metrics">metrics</a> <a href="/healthz">health</a>
      <a href="/api/ledger">ledger</a></footer>
  `;
}
