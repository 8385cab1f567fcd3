/**
 * Copies the browser's libraries out of their npm packages into `page/vendor` (`deno task vendor`).
 *
 * The copies are committed: the page then needs no registry, no build step and no CDN, and a compiled binary embeds
 * them like any other file. A test holds them equal to the packages that deno.json pins.
 */

/** A copied file: the package's file, `from` relative to a module that the package exports, and its copy. */
export interface VendoredFile {
  readonly module: string;
  readonly from: string;
  readonly to: string;
}

/** Every file under `page/vendor` that comes from a package. */
export const VENDORED: readonly VendoredFile[] = [
  { module: "uplot/dist/uPlot.iife.min.js", from: "uPlot.iife.min.js", to: "uplot.js" },
  { module: "uplot/dist/uPlot.iife.min.js", from: "uPlot.min.css", to: "uplot.css" },
  { module: "uplot/dist/uPlot.iife.min.js", from: "../LICENSE", to: "uplot.LICENSE" },
  { module: "topojson-client/dist/topojson-client.min.js", from: "topojson-client.min.js", to: "topojson.js" },
  { module: "topojson-client/dist/topojson-client.min.js", from: "../LICENSE", to: "topojson.LICENSE" },
  { module: "us-atlas/states-albers-10m.json", from: "states-albers-10m.json", to: "us-states.json" },
  { module: "us-atlas/states-albers-10m.json", from: "LICENSE", to: "us-states.LICENSE" },
  { module: "htm/preact/standalone", from: "standalone.module.js", to: "preact.js" },
  { module: "htm/preact/standalone", from: "../LICENSE", to: "htm.LICENSE" },
];

/** Where a file's original lies in the package cache; `deno install` puts it there. */
export function originalOf(file: VendoredFile): URL {
  return new URL(file.from, import.meta.resolve(file.module));
}

/** Where its copy lies. */
export function copyOf(file: VendoredFile): URL {
  return new URL(`page/vendor/${file.to}`, import.meta.url);
}

if (import.meta.main) {
  for (const file of VENDORED) await Deno.copyFile(originalOf(file), copyOf(file));
}
