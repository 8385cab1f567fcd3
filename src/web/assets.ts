/**
 * The page's files, read once at start and served from memory.
 *
 * I1. Only the files of `ASSETS` are ever served: no path of a request reaches the file system.
 */

/** The scripts of the page, under the paths that they have. */
const SCRIPTS = [
  "app.js",
  "atlas.js",
  "buying.js",
  "chart.js",
  "drawings.js",
  "durations.js",
  "format.js",
  "frames.js",
  "history.js",
  "kept.js",
  "model.js",
  "movers.js",
  "page.js",
  "poll.js",
  "region_figures.js",
  "route.js",
  "series.js",
  "sheet.js",
  "stream.js",
  "theme.js",
  "timer.js",
  "tip.js",
  "unusual.js",
  "us_states.js",
  "parts/actor_table.js",
  "parts/anomalies.js",
  "parts/bar.js",
  "parts/buying.js",
  "parts/category_name.js",
  "parts/category_table.js",
  "parts/change.js",
  "parts/dead_letters.js",
  "parts/figure.js",
  "parts/fraud_bars.js",
  "parts/headline.js",
  "parts/kept_note.js",
  "parts/later.js",
  "parts/link.js",
  "parts/partition_table.js",
  "parts/ranking.js",
  "parts/region_bars.js",
  "parts/region_map.js",
  "parts/sheet_table.js",
  "parts/spark.js",
  "parts/store_writes.js",
  "parts/ticker.js",
  "parts/top_bar.js",
  "parts/window_table.js",
  "views/category.js",
  "views/overview.js",
  "views/pipeline.js",
  "views/regions.js",
];
const FILES = [
  ...SCRIPTS,
  "app.css",
  "views.css",
  "icon.svg",
  "vendor/preact.js",
  "vendor/topojson.js",
  "vendor/uplot.js",
  "vendor/uplot.css",
  "vendor/us-states.json",
];

/** Path on the server → file under `page/`. Everything the browser loads is here; nothing comes from elsewhere. */
export const ASSETS: Readonly<Record<string, string>> = {
  "/": "index.html",
  "/login": "login.html",
  ...Object.fromEntries(FILES.map((file) => [`/${file}`, file])),
};

const TYPES: Readonly<Record<string, string>> = {
  html: "text/html; charset=utf-8",
  css: "text/css; charset=utf-8",
  js: "text/javascript; charset=utf-8",
  json: "application/json; charset=utf-8",
  svg: "image/svg+xml",
};

/** One file, ready to be sent. */
interface Asset {
  readonly plain: Uint8Array<ArrayBuffer>;
  readonly gzip: Uint8Array<ArrayBuffer>;
  readonly type: string;
  readonly etag: string;
}

/** Serves the page's files. */
export class Assets {
  readonly #assets: ReadonlyMap<string, Asset>;

  private constructor(assets: ReadonlyMap<string, Asset>) {
    this.#assets = assets;
  }

  /** Reads every file. Cost: about 300 kB of memory. */
  static async load(): Promise<Assets> {
    const entries = Object.entries(ASSETS).map(async ([path, file]) => [path, await load(file)] as const);
    return new Assets(new Map(await Promise.all(entries)));
  }

  /** Answers a path, or undefined when no file has it. */
  answer(path: string, request: Request): Response | undefined {
    const asset = this.#assets.get(path);
    if (asset === undefined) return undefined;
    const headers = new Headers({ "content-type": asset.type, "cache-control": "no-cache", "etag": asset.etag });
    headers.set("vary", "accept-encoding");
    if (request.headers.get("if-none-match") === asset.etag) return new Response(null, { status: 304, headers });
    const body = takesGzip(request) ? asset.gzip : asset.plain;
    if (body === asset.gzip) headers.set("content-encoding", "gzip");
    headers.set("content-length", String(body.byteLength));
    return new Response(body, { headers });
  }
}

/** Whether the client says that it reads gzip. */
export function takesGzip(request: Request): boolean {
  return /\bgzip\b(?!\s*;\s*q=0(?:\.0+)?\s*(?:,|$))/i.test(request.headers.get("accept-encoding") ?? "");
}

async function load(file: string): Promise<Asset> {
  const plain = await Deno.readFile(new URL(`page/${file}`, import.meta.url));
  const zipped = new Blob([plain]).stream().pipeThrough(new CompressionStream("gzip"));
  const gzip = new Uint8Array(await new Response(zipped).arrayBuffer());
  const digest = new Uint8Array(await crypto.subtle.digest("SHA-256", plain));
  const type = TYPES[file.slice(file.lastIndexOf(".") + 1)] ?? "application/octet-stream";
  return { plain, gzip, type, etag: `W/"${digest.toHex().slice(0, 16)}"` };
}
