/**
 * What the page shows, as its address says it. Pure.
 *
 * I1. An address that makes no sense shows the default in place of the part that does not; nothing of it is markup.
 */

const DAY_MS = 86_400_000;
/** Hours and days come seldom: how often is asked for new ones, and for what regions brought in all of them, ms. */
const SELDOM_MS = 60_000, HARDLY_MS = 300_000;

/** The views, in the order of the tabs. */
export const VIEWS = ["overview", "category", "regions", "pipeline"];

/**
 * Time ranges by name: how much event time is shown, and how far apart windows are drawn, ms. A step of 0 draws each.
 * Those with `every` show hours or days, rolled up and read from the store, in place of windows.
 *
 * @type {Record<string, { label: string, rangeMs: number, stepMs: number, every?: "hour" | "day" }>}
 */
export const RANGES = {
  live: { label: "Live", rangeMs: 5 * 60_000, stepMs: 0 },
  "15m": { label: "15 m", rangeMs: 15 * 60_000, stepMs: 0 },
  "1h": { label: "1 h", rangeMs: 60 * 60_000, stepMs: 0 },
  "6h": { label: "6 h", rangeMs: 360 * 60_000, stepMs: 30_000 },
  "24h": { label: "24 h", rangeMs: DAY_MS, stepMs: 0, every: "hour" },
  "7d": { label: "7 d", rangeMs: 7 * DAY_MS, stepMs: 0, every: "hour" },
  "90d": { label: "90 d", rangeMs: 90 * DAY_MS, stepMs: 0, every: "day" },
};

/** What regions are coloured by. */
export const METRICS = ["transactions", "average", "amount", "frauds", "fraudRate"];

/** How far back an incident that lasts may have begun, ms. */
const INCIDENTS_MS = 24 * 3_600_000;
/** How far back the newest window that is ranked may have ended: they are final, so they come after the newest. */
const RANKED_MS = 15 * 60_000;
/** How often is asked for the next one, which comes once a minute. */
const RANKED_EVERY_MS = 10_000;

/** @typedef {{ view: string, category: string, region: string, range: string, metric: string }} Route */

/** @type {Route} */
const DEFAULT = { view: "overview", category: "", region: "", range: "live", metric: "transactions" };

/**
 * @param {string} search the query of an address
 * @returns {Route}
 */
export function parseRoute(search) {
  const params = new URLSearchParams(search);
  const oneOf = (name, allowed) => allowed.includes(params.get(name)) ? params.get(name) : DEFAULT[name];
  return {
    view: oneOf("view", VIEWS),
    category: params.get("category") ?? "",
    region: params.get("region") ?? "",
    range: oneOf("range", Object.keys(RANGES)),
    metric: oneOf("metric", METRICS),
  };
}

/**
 * @param {Route} route
 * @returns {string} the address; what is as by default is left out
 */
export function formatRoute(route) {
  const params = new URLSearchParams();
  for (const [name, value] of Object.entries(route)) if (value !== DEFAULT[name]) params.set(name, value);
  const query = params.toString();
  return query === "" ? "/" : `/?${query}`;
}

/**
 * What the page asks for again and again beside the stream.
 *
 * @param {Route} route
 * @param {{ newestMs: number | undefined, rolledUpMs?: number | undefined }} known the newest window's end, and that of
 *   the newest hour or day where they are shown
 * @returns {{ name: string, url: string, everyMs: number }[]}
 */
export function questionsOf({ view, category, region, range }, { newestMs, rolledUpMs = 0 }) {
  const isPipeline = view === "pipeline";
  const questions = [{ name: "pipeline", url: "/api/pipeline", everyMs: isPipeline ? 1_000 : 5_000 }];
  if (isPipeline) {
    questions.push({ name: "actors", url: "/api/actors", everyMs: 2_000 });
    questions.push({ name: "letters", url: "/api/dead-letters", everyMs: 2_000 });
  }
  if (isPipeline || newestMs === undefined) return questions;
  const { rangeMs, every } = RANGES[range], fromMs = newestMs - rangeMs;
  const only = named("category", category), anomalies = `/api/points?measurement=transactions_anomaly&from=${fromMs}`;
  const incidents = `/api/points?measurement=transactions_incident&from=${newestMs - INCIDENTS_MS}${only}`;
  if (view === "category" && category !== "" && region === "") {
    const ranked = (measurement) => `/api/points?measurement=${measurement}&from=${newestMs - RANKED_MS}${only}`;
    questions.push({ name: "customers", url: ranked("transactions_customers"), everyMs: RANKED_EVERY_MS });
    questions.push({ name: "top", url: ranked("transactions_top"), everyMs: RANKED_EVERY_MS });
  }
  if (every !== undefined) {
    // What has been read is not read again but for the newest, which a repair may have written anew meanwhile.
    const sinceMs = Math.max(fromMs, rolledUpMs), by = `&every=${every}`;
    return [
      ...questions,
      { name: "rolledUp", url: `/api/series?from=${sinceMs}${by}${named("region", region)}`, everyMs: SELDOM_MS },
      { name: "regions", url: `/api/regions?from=${fromMs}${by}${only}`, everyMs: HARDLY_MS },
      { name: "anomalies", url: `${anomalies}${only}`, everyMs: SELDOM_MS },
      { name: "incidents", url: incidents, everyMs: SELDOM_MS },
    ];
  }
  return [
    ...questions,
    { name: "regions", url: `/api/regions?from=${fromMs}${only}`, everyMs: view === "overview" ? 15_000 : 2_000 },
    { name: "anomalies", url: `${anomalies}${only}`, everyMs: 5_000 },
    { name: "incidents", url: incidents, everyMs: 5_000 },
  ];
}

/** A parameter of an address; nothing when it is empty. */
function named(/** @type {string} */ name, /** @type {string} */ value) {
  return value === "" ? "" : `&${name}=${encodeURIComponent(value)}`;
}
