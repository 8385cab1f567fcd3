/** What a chaos scenario is, and the two sizes that all come in. */
import type { Play } from "./stage.ts";
import type { Theatre } from "./theatre.ts";

/** How much of it. */
export interface Dose {
  readonly seed: number;
  /** The short one is for every change, the long one for the figures. */
  readonly isShort: boolean;
}

/** A fault, done to a running group again and again. */
export interface Scenario {
  /** For `--only`. */
  readonly name: string;
  /** For the table. */
  readonly fault: string;
  play(theatre: Theatre, dose: Dose): Promise<Play>;
}

/** A scenario that was played. */
export interface Outcome extends Play {
  readonly fault: string;
}

/** Settings of the processors: in the long version the defaults but for the lateness, so that much becomes final. */
export function settingsFor({ isShort }: Dose): Readonly<Record<string, string>> {
  return isShort
    ? { TALLY_LATENESS: "2s", TALLY_SLIDE: "1s", TALLY_WINDOW: "10s", TALLY_FLUSH: "200ms", TALLY_IDLE: "2s" }
    : { TALLY_LATENESS: "5s", KAFKA_SESSION_TIMEOUT: "10s" };
}

/** Records a second. */
export const RATE = 1_000;

/** The Markdown table of outcomes. */
export function tableOf(outcomes: readonly Outcome[]): string {
  const head = [
    "fault",
    "times",
    "records",
    "dead letters",
    "lost",
    "double-counted",
    "recovery in s: min, median, max",
    "longest without progress, s",
    "largest lag",
  ];
  const rows = outcomes.map(({ fault, verdict, harms, largestLag }) => [
    fault,
    `${harms.length}`,
    verdict.records.toLocaleString("en"),
    verdict.letters.toLocaleString("en"),
    `${verdict.lost}`,
    `${verdict.doubled}`,
    spread(harms.map(({ allMs }) => allMs)),
    seconds(Math.max(0, ...harms.map(({ stallMs }) => stallMs))),
    largestLag === 0 ? "–" : largestLag.toLocaleString("en"),
  ]);
  return markdown([head, ...rows]);
}

/** The Markdown table of what each kind of change costs the group, in seconds and records. */
export function costsOf(outcomes: readonly Outcome[]): string {
  const harms = Map.groupBy(outcomes.flatMap((outcome) => outcome.harms), ({ kind }) => kind);
  const head = [
    "change",
    "times",
    "until all acknowledge again, s: min, median, max",
    "a partition without progress, s: min, median, max",
    "largest lag, records",
  ];
  const rows = [...harms].map(([kind, alike]) => [
    kind,
    `${alike.length}`,
    spread(alike.map(({ allMs }) => allMs)),
    spread(alike.map(({ stallMs }) => stallMs)),
    Math.max(...alike.map(({ lag }) => lag)).toLocaleString("en"),
  ]);
  return markdown([head, ...rows]);
}

function markdown([head = [], ...rows]: readonly (readonly string[])[]): string {
  return [head, head.map(() => "---"), ...rows].map((row) => `| ${row.join(" | ")} |`).join("\n");
}

function spread(times: readonly number[]): string {
  const sorted = times.toSorted((a, b) => a - b);
  const middle = sorted[Math.floor(sorted.length / 2)] ?? 0;
  return [sorted[0] ?? 0, middle, sorted.at(-1) ?? 0].map(seconds).join(", ");
}

function seconds(ms: number): string {
  return (ms / 1_000).toFixed(1);
}
