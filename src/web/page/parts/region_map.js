/** The US states, coloured by a metric; the list beside it is its twin for keyboards and screen readers. */
import { REGION_METRICS, regionFigures, SHADES } from "../region_figures.js";
import { html, useState } from "../vendor/preact.js";

/**
 * @param {{ atlas: { id: string, code: string, name: string, path: string }[] | undefined, answer: any, route: any,
 *   go: any, highMs: any }} props
 */
export function RegionMap({ atlas, answer, route, go, highMs }) {
  const [pointed, point] = useState("");
  const metric = REGION_METRICS[route.metric];
  const { figures, limits } = regionFigures(answer, { metric: route.metric, highMs });
  const byRegion = new Map(figures.map((figure) => [figure.region, figure]));
  const state = atlas?.find(({ code }) => code === pointed), figure = byRegion.get(pointed);
  const onMap = new Set(atlas?.map(({ code }) => code));
  const elsewhere = figures.filter(({ region }) => !onMap.has(region)).length;
  return html`<section class="card map" data-tone=${metric.tone}>
    <div class="caption"><h2>Map</h2>
      <p class="note">${
    state === undefined ? "choose a state to filter by it" : html`<b>${state.name}</b> · ${metric.print(figure?.value)}`
  }</p>
      <${Legend} limits=${limits} metric=${metric} /></div>
    ${atlas === undefined && html`<p class="nothing">Drawing the map</p>`}
    ${
    atlas !== undefined && html`<svg viewBox="0 0 975 610" aria-hidden="true" onMouseLeave=${() => point("")}>
      ${
      atlas.map(({ id, code, path }) =>
        html`
          <path key=${id} d=${path} class=${code === route.region ? "chosen" : ""}
            data-shade=${byRegion.get(code)?.shade ?? "none"} onMouseEnter=${() => point(code)}
            onClick=${() => go({ region: code === route.region ? "" : code })} />
        `
      )
    }
      ${atlas.filter(({ code }) => code === route.region).map(({ path }) => html`<path class="ring" d=${path} />`)}
    </svg>`
  }
    ${
    atlas !== undefined && elsewhere > 0 &&
    html`<p class="note">${elsewhere} more ${
      elsewhere === 1 ? "region is" : "regions are"
    } not on this map; the list has every region.</p>`
  }
  </section>`;
}

function Legend({ limits, metric: { print } }) {
  if (limits.length === 0) return undefined;
  const shades = Array.from({ length: Math.min(SHADES, limits.length + 1) }, (_, shade) => shade);
  return html`<p class="shades"><span>under ${print(limits[0])}</span>${
    shades.map((shade) => html`<i data-shade=${shade} aria-hidden="true"></i>`)
  }<span>${print(limits.at(-1))} and more</span></p>`;
}
