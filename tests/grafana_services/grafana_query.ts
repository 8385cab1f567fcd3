/** Queries as Grafana sends them: variables filled in, InfluxQL over HTTP as the provisioned user. */
import type { DashboardFile } from "../grafana/dashboard_schema.ts";
import { dataSourceFile } from "../grafana/grafana_files.ts";

/** A panel's interval when it names none: that of the data source. */
const SHORTEST_INTERVAL = "5s";
const UNIT_SECONDS: Readonly<Record<string, number>> = { s: 1, m: 60, h: 3_600, d: 86_400 };

/** What a person has chosen: the values of each variable; All is `[".*"]`. */
export type Choice = Readonly<Record<string, readonly string[]>>;

/** A range of time; ms, both ends included. */
export interface TimeRange {
  readonly fromMs: number;
  readonly toMs: number;
}

/** A query of a dashboard and where it is from. */
export interface NamedQuery {
  readonly name: string;
  readonly query: string;
  readonly interval?: string | undefined;
}

/** One series of an answer. */
export interface Series {
  readonly name: string;
  readonly tags?: Readonly<Record<string, string>>;
  readonly columns: readonly string[];
  readonly values: readonly (readonly (string | number | boolean | null)[])[];
}

/** InfluxDB refused a query, or had an error in answering. */
export class QueryError extends Error {
  override readonly name = "QueryError";
}

/** The range that a dashboard shows at first. */
export function firstRange({ time }: DashboardFile, nowMs: number): TimeRange {
  const [, amount, unit = ""] = /^now-(\d+)([smhd])$/.exec(time.from) ?? [];
  return { fromMs: nowMs - Number(amount) * (UNIT_SECONDS[unit] ?? NaN) * 1_000, toMs: nowMs };
}

/** The query's text with everything filled in. */
export function filledIn(
  { query, interval = SHORTEST_INTERVAL }: NamedQuery,
  range: TimeRange,
  choice: Choice,
): string {
  return Object.entries(choice)
    .reduce((text, [name, values]) => text.replaceAll(`$${name}`, regexOf(values)), query)
    .replaceAll("$timeFilter", `time >= ${range.fromMs}ms and time <= ${range.toMs}ms`)
    .replaceAll("$__interval", interval);
}

/** Asks the InfluxDB of the provisioned data source. */
export class GrafanaSource {
  readonly #env: Readonly<Record<string, string>>;

  /** @param env what the provisioning file's variables stand for */
  constructor(env: Readonly<Record<string, string>>) {
    this.#env = env;
  }

  /** The series of an answer. @throws {QueryError} (rejects) */
  async ask(influxql: string): Promise<readonly Series[]> {
    const { url, user, database, secureJsonData: { password } } = await dataSourceFile(this.#env);
    const response = await fetch(`${url}/query`, {
      method: "POST",
      headers: { authorization: `Basic ${btoa(`${user}:${password}`)}` },
      body: new URLSearchParams({ db: database, epoch: "ms", q: influxql }),
    });
    const text = await response.text();
    if (!response.ok) throw new QueryError(`Cannot ask ${influxql}: ${response.status} ${text}`);
    const { results: [result] }: Answer = JSON.parse(text);
    if (result?.error !== undefined) throw new QueryError(`Cannot ask ${influxql}: ${result.error}`);
    return result?.series ?? [];
  }
}

interface Answer {
  readonly results: readonly { readonly series?: readonly Series[]; readonly error?: string }[];
}

/** Whether an answer has a value that can be shown; a row of nulls is none. */
export function hasValues(series: readonly Series[]): boolean {
  return series.some(({ values }) => values.some((row) => row.slice(1).some((value) => value !== null)));
}

/** As Grafana does in a regular expression: several values are alternatives, what has a meaning there is escaped. */
function regexOf(values: readonly string[]): string {
  const escaped = values.map((value) => value === ".*" ? value : value.replaceAll(/[.*+?^${}()|[\]\\/]/g, "\\$&"));
  return escaped.length === 1 ? escaped[0] ?? "" : `(${escaped.join("|")})`;
}
