/** The line at the foot of the terminal that says how the pipeline is doing. */
import type { Board } from "../../actors/live.ts";
import type { Clock, Timer } from "../clock.ts";
import type { Point } from "../domain/point.ts";

/** What the line says. */
export interface Status {
  /** Records decided per second, over the last seconds. */
  readonly perSecond: number;
  /** Records not yet read. */
  readonly lag: number;
  /** Event time up to which windows are final; −Infinity before the first. */
  readonly frontierMs: number;
  readonly window: WindowTotal | undefined;
  /** What does not advance, in sentences. */
  readonly problems: readonly string[];
  readonly url: string;
}

/** All categories of one window. */
export interface WindowTotal {
  readonly endMs: number;
  readonly transactionCount: number;
  readonly fraudCount: number;
}

/** The status in at most `columns` characters. */
export function statusText(status: Status, columns: number): string {
  const { perSecond, lag, frontierMs, window, problems, url } = status;
  const parts = [`${counted(perSecond)}/s`, `lag ${counted(lag)}`];
  if (window !== undefined) {
    const share = window.transactionCount === 0 ? 0 : 100 * window.fraudCount / window.transactionCount;
    parts.push(`window ${clockTime(window.endMs)}: ${counted(window.transactionCount)}, fraud ${share.toFixed(1)} %`);
  }
  if (Number.isFinite(frontierMs)) parts.push(`final to ${clockTime(frontierMs)}`);
  parts.push(problems[0] ?? "all acknowledged", url);
  const text = parts.join(" · ");
  return text.length <= columns ? text : `${text.slice(0, Math.max(0, columns - 1))}…`;
}

/** Windows remembered; provisional ones arrive in any order within a few slides. */
const WINDOWS_KEPT = 64;

/** Sums windows over categories from the points that are told. */
export class WindowTotals {
  readonly #windows = new Map<number, Map<string, Point["fields"]>>();

  /** Takes points of `transactions_avg`. */
  take(points: readonly Point[]): void {
    for (const { timeMs, tags, fields } of points) {
      const categories = this.#windows.get(timeMs) ?? new Map<string, Point["fields"]>();
      this.#windows.set(timeMs, categories.set(tags["category"] ?? "", fields));
    }
    const surplus = [...this.#windows.keys()].sort((a, b) => a - b).slice(0, -WINDOWS_KEPT);
    for (const endMs of surplus) this.#windows.delete(endMs);
  }

  /** The newest window that ends by `highMs`: later ones are still filling. */
  newest(highMs: number): WindowTotal | undefined {
    const endMs = Math.max(-Infinity, ...[...this.#windows.keys()].filter((key) => key <= highMs));
    const categories = this.#windows.get(endMs);
    if (categories === undefined) return undefined;
    const sum = (name: string) =>
      [...categories.values()].reduce((total, fields) => total + Number(fields[name] ?? 0), 0);
    return { endMs, transactionCount: sum("transaction_count"), fraudCount: sum("fraud_count") };
  }
}

/** What a status line needs. */
export interface StatusLineOptions {
  readonly board: Board;
  readonly url: string;
  readonly clock: Clock;
}

const PERIOD_MS = 1_000;
/** The ledger moves with each flush; over a few of them the rate stands still. */
const RATE_PERIODS = 5;
const CLEAR = "\r\x1b[2K";

/** Rewrites the line every second, on a terminal; does nothing elsewhere. Disposing of it clears the line. */
export class StatusLine implements Disposable {
  readonly #options: StatusLineOptions;
  readonly #totals = new WindowTotals();
  readonly #stack = new DisposableStack();
  #decided: readonly number[] = [];
  #timer: Timer | undefined;

  constructor(options: StatusLineOptions) {
    this.#options = options;
    if (!Deno.stdout.isTerminal()) return;
    this.#stack.use(options.board.subscribe(({ points }) => this.#totals.take(points)));
    this.#stack.defer(() => {
      this.#timer?.[Symbol.dispose]();
      write(CLEAR);
    });
    this.#arm();
  }

  [Symbol.dispose](): void {
    this.#stack.dispose();
  }

  #arm(): void {
    this.#timer = this.#options.clock.after(PERIOD_MS, () => {
      write(CLEAR + statusText(this.#status(), Deno.consoleSize().columns - 1));
      this.#arm();
    });
  }

  #status(): Status {
    const { board, url } = this.#options, { total: { first, position } } = board.ledger;
    this.#decided = [...this.#decided, position - first].slice(-RATE_PERIODS - 1);
    const [before = 0] = this.#decided, now = this.#decided.at(-1) ?? 0;
    return {
      perSecond: Math.max(0, now - before) * 1_000 / PERIOD_MS / Math.max(1, this.#decided.length - 1),
      lag: board.progress.partitions.reduce((sum, { next, end }) => sum + Math.max(0, end - next), 0),
      frontierMs: board.progress.frontierMs,
      window: this.#totals.newest(board.highMs ?? -Infinity),
      problems: board.problems(),
      url,
    };
  }
}

function write(text: string): void {
  Deno.stdout.writeSync(new TextEncoder().encode(text));
}

function counted(value: number): string {
  return Math.round(value).toLocaleString("en-US");
}

function clockTime(ms: number): string {
  return new Date(ms).toISOString().slice(11, 19);
}
