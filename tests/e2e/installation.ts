/** One installation of the program: a data directory and an environment of its own. */
import assert from "node:assert/strict";
import { type Config, readConfig } from "../../src/config.ts";
import type { FieldValue, Measurement } from "../../src/domain/point.ts";
import type { Ledger } from "../../src/stream/ledger.ts";
import { eventually, json, Program } from "./program.ts";

/** A point as `tally export` prints it. */
export type FlatPoint = Readonly<Record<string, FieldValue>>;

/** What a dead letter looks like on the command line. */
export interface PrintedLetter {
  readonly reason: string;
  readonly detail?: string;
  readonly topic: string;
  readonly partition: number;
  readonly offset: number;
  readonly time: string | null;
  /** Base64. */
  readonly value: string | null;
}

/** Settings of this process that must not reach the program under test. */
const OWN_SETTINGS = /^(TALLY_|KAFKA_|INFLUX_|FIELD_MAP$)/;

/** Runs commands that share a data directory; what still runs is killed, and the directory goes, at the end. */
export class Installation implements AsyncDisposable {
  /** A folder that exists; the data directory, `data` in it, does not until the program makes it. */
  readonly directory: string;
  readonly #env: Readonly<Record<string, string>>;
  readonly #programs = new AsyncDisposableStack();

  private constructor(directory: string, settings: Readonly<Record<string, string>>) {
    this.directory = directory;
    const inherited = Object.entries(Deno.env.toObject()).filter(([name]) => !OWN_SETTINGS.test(name));
    this.#env = {
      ...Object.fromEntries(inherited),
      TALLY_DATA_DIR: `${directory}/data`,
      TALLY_PORT: "0",
      ...settings,
    };
  }

  /** An installation with these settings in its environment. */
  static async create(settings: Readonly<Record<string, string>> = {}): Promise<Installation> {
    return new Installation(await Deno.makeTempDir({ prefix: "tally-e2e-" }), settings);
  }

  /** The same data directory with other settings on top; belongs to this one. */
  with(settings: Readonly<Record<string, string>>): Installation {
    return this.#programs.use(new Installation(this.directory, { ...this.#env, ...settings }));
  }

  /** The configuration that the program reads from this environment. */
  get config(): Config {
    return readConfig({ env: (name) => this.#env[name] });
  }

  /** Starts a command. */
  start(...args: readonly string[]): Program {
    return this.#programs.use(new Program(args, this.#env));
  }

  /** Runs a command that must succeed and resolves to its stdout. */
  async run(...args: readonly string[]): Promise<string> {
    const { code, stdout, stderr } = await this.start(...args).finished();
    assert.equal(code, 0, `tally ${args.join(" ")}\n${stdout.slice(-1_000)}\n${stderr.slice(-3_000)}`);
    return stdout;
  }

  /** Processes all there is and resolves to the ledger. */
  async catchUp(...args: readonly string[]): Promise<Ledger> {
    return lastLedger(await this.run("run", "--until-caught-up", ...args));
  }

  /** The points of a measurement, as `tally export` prints them. */
  async points(measurement: Measurement): Promise<readonly FlatPoint[]> {
    return linesOf<FlatPoint>(await this.run("export", "--measurement", measurement));
  }

  /** The dead letters, as `tally topic tail --dead` prints them, by partition and offset. */
  async letters(): Promise<readonly PrintedLetter[]> {
    const letters = linesOf<PrintedLetter>(await this.run("topic", "tail", "--dead", "--format", "jsonl"));
    return letters.toSorted((a, b) => a.partition - b.partition || a.offset - b.offset);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#programs.disposeAsync();
    await Deno.remove(this.directory, { recursive: true }).catch((error) => {
      if (!(error instanceof Deno.errors.NotFound)) throw error; // One that `with` made shares its directory.
    });
  }
}

/** The ledger that a command printed as its last line. */
export function lastLedger(stdout: string): Ledger {
  return JSON.parse(stdout.trimEnd().split("\n").at(-1) ?? "");
}

/** Objects printed one a line. */
export function linesOf<T>(stdout: string): readonly T[] {
  return stdout.split("\n").filter((line) => line !== "").map((line) => JSON.parse(line));
}

/** Resolves once the processor whose page is at `url` has read `position` records in all. */
export async function reachedPosition(url: string, position: number): Promise<Ledger> {
  return await eventually(async () => {
    const ledger = await json<Ledger>(`${url}/api/ledger`);
    return ledger.total.position >= position ? ledger : undefined;
  }, { what: `position ${position} at ${url}` });
}

/** The same once something is final too, so that what follows happens in the middle of the work. */
export async function reachedMiddle(url: string, position: number): Promise<void> {
  await reachedPosition(url, position);
  await finalPoints(url, "transactions_total");
}

/** The final points of a measurement that the page at `url` answers, once there are some. */
export async function finalPoints(url: string, measurement: Measurement): Promise<readonly FlatPoint[]> {
  return await eventually(async () => {
    const points = await json<readonly FlatPoint[]>(`${url}/api/points?measurement=${measurement}`);
    const finals = points.filter((point) => point["final"] === true);
    return finals.length > 0 ? finals : undefined;
  }, { what: `final points at ${url}` });
}
