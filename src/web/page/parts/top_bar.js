/** The bar on top: where one is, whether it is live, and what is filtered. */
import { momentOf, zone } from "../format.js";
import { RANGES, VIEWS } from "../route.js";
import { html } from "../vendor/preact.js";
import { Choice } from "./figure.js";
import { Link } from "./link.js";

const TITLES = { overview: "Overview", category: "Category", regions: "Regions", pipeline: "Pipeline" };
const THEMES = { auto: "Auto", light: "Light", dark: "Dark" };

/** Brand, views, connection, pause and colours. */
export function TopBar({ app, route, go, connection, paused, onPause, theme, onTheme, problems }) {
  return html`
    <header class="top">
      <h1><img src="/icon.svg" alt="" width="22" height="22" />${app.name}</h1>
      <nav aria-label="Views">${VIEWS.map((view) =>
        html`
          <${Link} key=${view} route=${route} go=${go} to=${{ view }}
            current=${route.view === view}>${TITLES[view]}${view === "pipeline" && problems.length > 0 &&
              html`<span class="count" title=${
                problems.join("\n")
              }>${problems.length}<span class="hidden"> problems</span></span>`}<//>
        `
      )}</nav>
      <${Status} connection=${connection} paused=${paused} />
      <button type="button" class="pause" aria-pressed=${paused} onClick=${onPause}>${paused
        ? "Resume"
        : "Pause"}</button>
      <button type="button" class="theme" onClick=${onTheme} title="Colours"
        aria-label=${`Colours: ${THEMES[theme]}; change`}><span aria-hidden="true">◐ </span>${THEMES[theme]}</button>
    </header>
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
    <span class="dot" aria-hidden="true"></span><span>${words[connection.phase]}</span>
    ${connection.reason && html`<span class="reason">${connection.reason}</span>`}
  </p>`;
}

/** Range, category, region, and which window the numbers are from. */
export function FilterBar({ route, go, view, regions }) {
  const names = view.categories.map(({ category }) => category);
  const isPipeline = route.view === "pipeline";
  return html`<div class="filters" role="group" aria-label="Filters">
    ${
    !isPipeline && html`
      <${Choice} label="Time range" name="range" chosen=${route.range} onChoose=${(range) => go({ range })}
        options=${Object.entries(RANGES).map(([name, { label }]) => [name, label])} />
      <${Select} label="Category" none=${route.view === "category" ? undefined : "All categories"} chosen=${route
        .category}
        names=${names} onChoose=${(category) => go({ category })} />
      <${Select} label="Region" none="All regions" chosen=${route.region} names=${regions}
        onChoose=${(region) => go({ region })} />
    `
  }
    <p class="asOf" title=${`Times in ${zone.full}`}>${asOf(view, route)}</p>
  </div>`;
}

function Select({ label, none, chosen, names, onChoose }) {
  const known = chosen === "" || names.includes(chosen) ? names : [chosen, ...names];
  return html`
    <select class="select" aria-label=${label} value=${chosen} data-chosen=${chosen !== ""}
      onChange=${(event) => onChoose(event.currentTarget.value)}>
        ${none !== undefined && html`<option value="">${none}</option>`}
        ${known.toSorted().map((name) =>
          html`<option key=${name} value=${name} selected=${name === chosen}>${name}</option>`
        )}</select>
  `;
}

/** Which window the numbers are from, and whether they may still change. */
function asOf(view, { view: name, range }) {
  const { every } = name === "pipeline" ? {} : RANGES[range], what = { hour: "Hour", day: "Day" }[every];
  if (view.shownMs === undefined) return every === undefined ? "Waiting for the first transactions" : "";
  const state = view.headline.final ? "final" : "provisional";
  return `${what ?? `${view.window} window`} ended ${momentOf(view.shownMs, view.nowMs)} ${zone.short} · ${state}`;
}
