/** The real program with an hour of transactions behind it and more coming, some of them dead letters. */
import { systemClock } from "../../src/clock.ts";
import { Installation } from "../e2e/installation.ts";
import { eventually, json, type Program } from "../e2e/program.ts";

const RATE = 60;
const SEED = "7";
/** How far the frontier is behind the clock of a processor that has caught up: lateness, and what a busy machine adds. */
const CAUGHT_UP_MS = 75_000;

/** What no window counts: no JSON, no category, no amount, an hour late, a day ahead. */
function badLines(nowMs: number): string {
  const event = (fields: Record<string, unknown>) =>
    JSON.stringify({ category: "grocery_pos", amount: 12.5, timestamp: nowMs, region: "CA", ...fields });
  return [
    '{"category":"travel","amount":12.5,"timest',
    event({ category: "" }),
    event({ category: "home", amount: "twelve" }),
    event({ category: "travel", timestamp: "yesterday" }),
    ...[1, 2, 3].map((hour) => event({ timestamp: nowMs - hour * 3_600_000, amount: hour * 10 })),
    event({ category: "food_dining", timestamp: nowMs + 86_400_000 }),
    event({ category: "food_dining", merchant: "A shop with a very long story ".repeat(12), amount: null }),
  ].join("\n");
}

/** A shop that runs: its past is in the log, its present goes on. */
export class RunningShop implements AsyncDisposable {
  readonly #tally: Installation;
  #processor: Program | undefined;
  #url = "";

  private constructor(tally: Installation) {
    this.#tally = tally;
  }

  /** Makes up a past of so long, starts the processor, and lets transactions go on at their own pace. */
  static async open(pastMs: number): Promise<RunningShop> {
    const tally = await Installation.create({ TALLY_PARTITIONS: "12" });
    const shop = new RunningShop(tally), count = RATE * pastMs / 1_000, startMs = systemClock.nowMs() - pastMs;
    const common = ["--rate", String(RATE), "--seed", SEED];
    const at = (ms: number) => new Date(ms).toISOString();
    await tally.run("produce", ...common, "--count", String(count), "--speed", "max", "--start", at(startMs));
    tally.start("produce", ...common, "--start", at(startMs + pastMs));
    await shop.start();
    await shop.caughtUp();
    return shop;
  }

  /** Where the page is. */
  get url(): string {
    return this.#url;
  }

  /** Starts the processor, on the port that it had before if it had one. */
  async start(): Promise<void> {
    const port = this.#url === "" ? "0" : new URL(this.#url).port;
    this.#processor = this.#tally.start("run", "--port", port);
    this.#url = await this.#processor.url();
  }

  /** Resolves when what is shown is of now: the past has been counted and written. */
  async caughtUp(): Promise<void> {
    await eventually(async () => {
      const { frontierMs } = await json<{ readonly frontierMs: number | null }>(`${this.#url}/api/pipeline`);
      return systemClock.nowMs() - (frontierMs ?? 0) < CAUGHT_UP_MS ? true : undefined;
    }, { what: "the frontier come near now" });
  }

  /** Ends the processor the hard way. */
  async kill(): Promise<void> {
    await this.#processor?.[Symbol.asyncDispose]();
  }

  /** Sends records that cannot be counted. */
  async sendBad(): Promise<void> {
    const file = `${this.#tally.directory}/bad.jsonl`;
    await Deno.writeTextFile(file, badLines(systemClock.nowMs()));
    await this.#tally.run("produce", "--file", file, "--format", "jsonl", "--allow-future");
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#tally[Symbol.asyncDispose]();
  }
}
