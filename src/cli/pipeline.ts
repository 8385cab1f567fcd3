/**
 * The running pipeline: backends, tree and page put together, and how they end.
 *
 * I1. It ends for one of four reasons: it was told to, its time is over, it has caught up, or it failed for good.
 * I2. Whatever the reason but the last, it drains before it ends: flush, commit, leave the group.
 */
import { Board } from "../../actors/live.ts";
import type { NameLimits } from "../../actors/partition_task.ts";
import { archivist } from "../../actors/archivist.ts";
import { source } from "../../actors/source.ts";
import { PATHS, pipelineTree } from "../../actors/supervisor.ts";
import { Witness } from "../../actors/witness.ts";
import { type Failure, StartError, type System, system } from "../actor/mod.ts";
import { type Clock, systemRandom } from "../clock.ts";
import type { Config } from "../config.ts";
import type { Log } from "../log.ts";
import { Metrics } from "../metrics.ts";
import { ConfigError } from "../stream/failures.ts";
import type { StartFrom } from "../stream/start.ts";
import type { Store } from "../stream/store.ts";
import { panesNeeded } from "../window/shape.ts";
import { serveWeb, type WebServer } from "../web/server.ts";
import { observeMetrics } from "../telemetry.ts";
import type { Views } from "../web/views.ts";
import type { Backends } from "./backends.ts";
import { pipelineMetrics } from "./pipeline_metrics.ts";
import { pipelineStatus } from "./pipeline_status.ts";
import { version } from "./version.ts";

/** How a pipeline runs. */
export interface PipelineOptions {
  readonly config: Config;
  readonly backends: Backends;
  readonly clock: Clock;
  readonly log: Log;
  /** Where a partition without a checkpoint begins. @default {"earliest"} */
  readonly from?: StartFrom | undefined;
  /** Whether to end at the ends found at start. @default {false} */
  readonly untilCaughtUp?: boolean | undefined;
  /** Whether to go on at the position although FIELD_MAP has changed. @default {false} */
  readonly acceptMapping?: boolean | undefined;
}

/** Bounds of the pipeline; the README's table of limits quotes them. */
export const PIPELINE_LIMITS = {
  categories: 1_000,
  regions: 500,
  /** Pane starts remembered by a partition beyond what windows, lateness and skew need. */
  panesAhead: 2_048,
  letterBytes: 16 * 1_024 * 1_024,
  valueBytes: 1_000_000,
  /** Bytes of one partition on their way to or in its worker. */
  creditBytes: 2 * 1_024 * 1_024,
  fetchBytes: 1_024 * 1_024,
  fetchWaitMs: 250,
  drainMs: 10_000,
} as const;

const ASK_MS = 86_400_000;

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
    const tree = await treeOf(options, { board, store, witness });
    const running = system({ clock, random: systemRandom });
    const failed = watch(running, log);
    const web = await openPage(config, viewsOf({ board, store, witness, system: running }), clock);
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
    await this.#system.ref(archivist, PATHS.archivist).ask("look", { withinMs: ASK_MS });
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

type TreeParts = Pick<ViewParts, "board" | "store" | "witness">;

async function treeOf(options: PipelineOptions, { board, store, witness }: TreeParts) {
  const { config, backends, clock, log } = options;
  const { shape, maxSkewMs, storeTimeoutMs } = config;
  const port = witness.source(await backends.source());
  const deadLetters = witness.deadLetters(await backends.deadLetters());
  return pipelineTree({
    board,
    workers: config.workers,
    flusher: {
      clock,
      log,
      source: port,
      store: witness.store(store),
      deadLetters,
      storeTimeoutMs,
      // The embedded log has one owner at a time: nobody else's write can arrive.
      zombieMs: config.kafka === undefined ? 0 : config.kafka.sessionTimeoutMs + storeTimeoutMs,
      shape,
    },
    source: {
      source: port,
      topic: config.topic,
      shape,
      maxSkewMs,
      fieldMap: config.fieldMap,
      acceptMapping: options.acceptMapping ?? false,
      from: options.from ?? "earliest",
      untilCaughtUp: options.untilCaughtUp ?? false,
      limits: {
        panes: panesNeeded(shape, maxSkewMs) + PIPELINE_LIMITS.panesAhead,
        letterBytes: PIPELINE_LIMITS.letterBytes,
        valueBytes: PIPELINE_LIMITS.valueBytes,
      },
      names: () => admittedNames(store),
      flushMs: config.flushMs,
      idleMs: config.idleMs,
      lane: {
        creditBytes: PIPELINE_LIMITS.creditBytes,
        fetchBytes: PIPELINE_LIMITS.fetchBytes,
        maxWaitMs: PIPELINE_LIMITS.fetchWaitMs,
      },
      drainMs: PIPELINE_LIMITS.drainMs,
    },
    archivist: {
      clock,
      log,
      store,
      slideMs: shape.slideMs,
      storeTimeoutMs,
      leaseRemainingMs: () => port.leaseRemainingMs(),
      retentionMs: config.retentionMs,
    },
  });
}

/** The names that have their own series already, and how many more there may be. */
export async function admittedNames(store: Store): Promise<NameLimits> {
  const { categories, regions } = PIPELINE_LIMITS;
  const measurement = "transactions_total";
  const [admittedCategories, admittedRegions] = await Promise.all([
    store.tagValues({ measurement, tag: "category", limit: categories }),
    store.tagValues({ measurement, tag: "region", limit: regions }),
  ]);
  return { categories, regions, admittedCategories, admittedRegions };
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
}

function viewsOf({ board, store, witness, system }: ViewParts): Views {
  const families = pipelineMetrics(board, system), metrics = new Metrics(families);
  observeMetrics(families);
  return {
    points: (query) => store.read(query),
    ledger: () => Promise.resolve(board.ledger),
    actors: () => system.tree(),
    health: () => {
      const problems = board.problems(), { frontierMs, partitions } = board.progress;
      return {
        ok: problems.length === 0,
        problems,
        ...(Number.isFinite(frontierMs) ? { frontier: { timeMs: frontierMs, heldBy: board.progress.holders() } } : {}),
        partitions: partitions.length,
      };
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
