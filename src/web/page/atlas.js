/** The states' outlines, unpacked by topojson-client, which `index.html` loads as the global `topojson`. */
import { CODE_OF_FIPS } from "./us_states.js";

/**
 * The atlas as paths of SVG, in its own 975 by 610 units.
 *
 * @param {any} topology `us-states.json`, already projected
 * @returns {{ id: string, code: string, name: string, path: string }[]}
 */
export function statesOf(topology) {
  const { features } = globalThis.topojson.feature(topology, topology.objects.states);
  return features.flatMap(({ id, properties, geometry }) => {
    const code = CODE_OF_FIPS[id];
    return code === undefined ? [] : [{ id, code, name: properties.name, path: pathOf(geometry) }];
  });
}

/** @param {{ type: string, coordinates: any[] }} geometry */
function pathOf({ type, coordinates }) {
  const rings = type === "Polygon" ? coordinates : coordinates.flat();
  return rings.map((ring) => `M${ring.map(([x, y]) => `${x.toFixed(1)},${y.toFixed(1)}`).join("L")}Z`).join("");
}
