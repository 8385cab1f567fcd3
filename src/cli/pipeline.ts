/**
 * The running pipeline: backends, tree and page put together, and how they end.
 *
 * I1. It ends for one of four reasons: it was told to, its time is over, it has caught up, or it failed for good.
 * I2. Whatever the reason but the last, it drains before it ends: flush, commit, leave the group.
 */
import { Board, live } from "../../actors/live.ts";
import { archivist } from "../../actors/archivist.ts";
import { sentinel } from "../../actors/sentinel.ts";
import { source } from "../../actors/source.ts";
import { PATHS } from "../../actors/supervisor.ts";
import { Witness } from "../../actors/witness.ts";
import { type Failure, StartError, type System, system } from "../actor/mod.ts";
import { type Clock, systemRandom } from "../clock.ts";
import type { Config } from "../config.ts";
import type { Log } from "../log.ts";
import { Metrics } from "../metrics.ts";
import { ConfigError } from "../stream/failures.ts";
import { GroupLedger } from "../stream/group_ledger.ts";
import type { Store } from "../stream/store.ts";
import { serveWeb, type WebServer } from "../web/server.ts";
import { observeMetrics } from "../telemetry.ts";
import type { Views } from "../web/views.ts";
import { healthReport } from "./health_report.ts";
import { pipelineMetrics } from "./pipeline_metrics.ts";
import { pipelineStatus } from "./pipeline_status.ts";
import { admittedNames, PIPELINE_LIMITS, type PipelineOptions, pipelineTreeOf } from "./pipeline_tree.ts";
import { memoryProblem, replayMemory } from "./replay_memory.ts";
import { version } from "./version.ts";

const ASK_MS = 86_400_000;
/** Within what an actor must have its turn; less than the patience of who asks `/livez`, ms. */
const PULSE_MS = 2_000;

/** A pipeline that has started. */
export class Pipeline implements AsyncDisposable {
  readonly #system: System;
  readonly #board: Board;
  readonly #web: WebServer;
  readonly #failed: Promise<never>;

  private constructor(parts: { system: System; board: Board; web: WebServer; failed: Promise<never> }) {
    this.#system = parts.system;
    this.#board = parts.board;
    this.#web = parts.web;
    this.#failed = parts.failed;
  }

  /** Starts everything. @throws {ConfigError} when a backend or the page's address cannot be had */
  static async start(options: PipelineOptions): Promise<Pipeline> {
    const { config, backends, clock, log } = options;
    await backends.ensureTopic();
    const board = new Board(clock), store = backends.store();
    const witness = new Witness({ clock, fieldMap: config.fieldMap, latenessMs: config.shape.latenessMs });
    await store.ping();
    const tight = memoryProblem(replayMemory(config, await admittedNames(store)));
    if (tight !== undefined) log.warn("Memory may not do", { reason: tight });
    const port = await backends.source();
    const tree = await pipelineTreeOf(options, { board, store, witness, source: port });
    const running = system({ clock, random: systemRandom });
    const failed = watch(running, log);
    const group = new GroupLedger(port, clock);
    const web = await openPage(config, viewsOf({ board, store, witness, system: running, group, clock }), clock);
    witness.remember(store).catch((error: unknown) => {
      log.warn("Regions before the start are not shown", {
        reason: error instanceof Error ? error.message : `${error}`,
      });
    });
    try {
      await Promise.race([running.start(tree), failed]);
    } catch (error) {
      await web[Symbol.asyncDispose]();
      await running.stop();
      throw startFailure(error);
    }
    return new Pipeline({ system: running, board, web, failed });
  }

  /** Where the page is. */
  get url(): string {
    return this.#web.url;
  }

  /** What is known now. */
  get board(): Board {
    return this.#board;
  }

  /** Never resolves. @throws {ConfigError | FatalError} (rejects) when the pipeline cannot go on. */
  get failed(): Promise<never> {
    return this.#failed;
  }

  /** Resolves when everything up to the ends found at start is counted and final. */
  async caughtUp(): Promise<void> {
    const ref = this.#system.ref(source, PATHS.source);
    await ref.ask("caughtUp", { withinMs: ASK_MS });
    await ref.ask("close", { withinMs: ASK_MS });
    this.#board.publish();
    await this.#system.ref(archivist, PATHS.archivist).ask("look", { withinMs: ASK_MS });
    await this.#system.ref(sentinel, PATHS.sentinel).ask("look", { withinMs: ASK_MS });
  }

  /** Flushes, commits and lets the partitions go. */
  async drain(): Promise<void> {
    await this.#system.ref(source, PATHS.source).ask("drain", { withinMs: PIPELINE_LIMITS.drainMs });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#web[Symbol.asyncDispose]();
    await this.#system.stop();
  }
}

/** The pipeline gave up; the message says why. */
export class FatalError extends Error {
  override readonly name = "FatalError";
}

/** Logs what happens in the tree; rejects when it cannot go on. */
function watch(running: System, log: Log): Promise<never> {
  const { promise, reject } = Promise.withResolvers<never>();
  promise.catch(() => {}); // Whoever awaits it hears of it; nobody need.
  let last: Failure | undefined;
  running.observe((fact) => {
    if (fact.type === "failed" && "failure" in fact.exit) {
      last = fact.exit.failure;
      log.error("An actor failed", { path: fact.path, why: fact.exit.why, failure: last });
      const wrong = configFailure(last);
      if (wrong !== undefined) reject(new ConfigError(wrong.message));
    } else if (fact.type === "gaveUp") {
      log.error("A supervisor gave up", { path: fact.path });
    } else if (fact.type === "deadLetter") {
      log.debug("A message was not delivered", { to: fact.to, kind: fact.kind, reason: fact.reason });
    } else {
      log.debug("An actor changed", fact);
    }
  });
  running.done.then((exit) => {
    if (exit.why !== "shutdown") reject(new FatalError(last?.message ?? `Cannot go on: the tree ended, ${exit.why}`));
  });
  return promise;
}

/** The failure in the chain of causes that only the user can mend. */
function configFailure(failure: Failure | undefined): Failure | undefined {
  if (failure === undefined || failure.name === "ConfigError") return failure;
  return configFailure(failure.cause);
}

/** What a start that failed means for the user. */
function startFailure(error: unknown): unknown {
  if (!(error instanceof StartError)) return error;
  const wrong = "failure" in error.exit ? configFailure(error.exit.failure) : undefined;
  return wrong === undefined ? error : new ConfigError(wrong.message);
}

interface ViewParts {
  readonly board: Board;
  readonly store: Store;
  readonly witness: Witness;
  readonly system: System;
  readonly group: GroupLedger;
  readonly clock: Clock;
}

function viewsOf({ board, store, witness, system, group, clock }: ViewParts): Views {
  const families = pipelineMetrics(board, system), metrics = new Metrics(families);
  observeMetrics(families);
  return {
    points: (query) => store.read(query),
    ledger: () => group.around(board.ledger, board.progress.partitions.map(({ partition }) => partition)),
    actors: () => system.tree(),
    health: () => {
      const { acknowledgements } = witness;
      return healthReport({ board, acknowledgements, stats: system.stats(), nowMs: clock.nowMs() });
    },
    isAlive: async () => {
      try {
        return await system.ref(live, PATHS.live).ask("pulse", { withinMs: PULSE_MS });
      } catch {
        return false; // No answer is the answer.
      }
    },
    metrics: () => metrics.text(),
    regions: (query) => witness.regions(query),
    pipeline: () => pipelineStatus(board, witness),
    deadLetters: () => witness.letters,
    subscribe: (listener) => board.subscribe((news) => listener({ ...news, samples: witness.samples() })),
  };
}

async function openPage({ host, port, token }: Config, views: Views, clock: Clock): Promise<WebServer> {
  try {
    const access = token === undefined ? {} : { token };
    return await serveWeb({ host, port, ...access, views, clock, appName: "Tally", version });
  } catch (error) {
    if (!(error instanceof Deno.errors.AddrInUse)) throw error;
    throw new ConfigError(
      `TALLY_PORT: ${port} on ${host} is taken by another program; choose another, or 0 for a free one`,
    );
  }
}
