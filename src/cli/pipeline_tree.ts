/** What a configuration makes of the pipeline's tree. */
import type { Board } from "../../actors/live.ts";
import type { EventNames } from "../stream/event_reader.ts";
import { pipelineTree, type TreeOptions } from "../../actors/supervisor.ts";
import type { Witness } from "../../actors/witness.ts";
import type { SupervisorSpec } from "../actor/mod.ts";
import type { Clock } from "../clock.ts";
import type { Config } from "../config.ts";
import { TimeZone } from "../domain/time_zone.ts";
import type { Log } from "../log.ts";
import { customerIds, customerPseudonyms } from "../stream/customer_names.ts";
import type { CustomerNaming } from "../stream/rankings.ts";
import type { Source } from "../stream/source.ts";
import type { StartFrom } from "../stream/start.ts";
import type { Store } from "../stream/store.ts";
import { panesNeeded } from "../window/shape.ts";
import { Webhook } from "../webhook/webhook.ts";
import type { Backends } from "./backends.ts";

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

/** What the tree shares with the page. */
export interface TreeParts {
  readonly board: Board;
  readonly store: Store;
  readonly witness: Witness;
  /** The consumer, which belongs to whoever opened it. */
  readonly source: Source;
}

/** The pipeline's tree. @throws {ConfigError | RetryableError} when a backend cannot be had */
export async function pipelineTreeOf(options: PipelineOptions, parts: TreeParts): Promise<SupervisorSpec> {
  const source = parts.witness.source(parts.source);
  return pipelineTree({
    board: parts.board,
    workers: options.config.workers,
    flusher: await flusherOf(options, parts, source),
    source: sourceOf(options, parts, source),
    archivist: archivistOf(options, parts, source),
    sentinel: sentinelOf(options, parts, source),
    herald: heraldOf(options, parts, source),
  });
}

async function flusherOf(
  { config, backends, clock, log }: PipelineOptions,
  { witness, store }: TreeParts,
  source: Source,
): Promise<TreeOptions["flusher"]> {
  const { shape, storeTimeoutMs, kafka } = config;
  return {
    clock,
    log,
    source,
    store: witness.store(store),
    deadLetters: witness.deadLetters(await backends.deadLetters()),
    amendments: await backends.amendments(),
    storeTimeoutMs,
    // The embedded log has one owner at a time: nobody else's write can arrive.
    zombieMs: kafka === undefined ? 0 : kafka.sessionTimeoutMs + storeTimeoutMs,
    shape,
    customerOf: customerNaming(config),
  };
}

function sourceOf(
  { config, acceptMapping = false, from = "earliest", untilCaughtUp = false }: PipelineOptions,
  { store }: TreeParts,
  source: Source,
): TreeOptions["source"] {
  const { topic, shape, maxSkewMs, fieldMap, flushMs, idleMs } = config;
  const { panesAhead, letterBytes, valueBytes, creditBytes, fetchBytes, fetchWaitMs, drainMs } = PIPELINE_LIMITS;
  return {
    ...{ source, topic, shape, maxSkewMs, fieldMap, acceptMapping, from, untilCaughtUp, flushMs, idleMs, drainMs },
    limits: { panes: panesNeeded(shape, maxSkewMs) + panesAhead, letterBytes, valueBytes },
    checksCrcs: config.kafka?.checksCrcs ?? false,
    names: async () => ({ ...await admittedNames(store), keepsCustomers: config.showsCustomers }),
    lane: { creditBytes, fetchBytes, maxWaitMs: fetchWaitMs },
  };
}

function archivistOf(
  { config: { shape, storeTimeoutMs, retentionMs }, clock, log }: PipelineOptions,
  { store }: TreeParts,
  source: Source,
): NonNullable<TreeOptions["archivist"]> {
  const leaseRemainingMs = () => source.leaseRemainingMs();
  return { clock, log, store, slideMs: shape.slideMs, storeTimeoutMs, leaseRemainingMs, retentionMs };
}

function sentinelOf(
  { config: { shape: { windowMs, latenessMs }, storeTimeoutMs, timezone }, log }: PipelineOptions,
  { store }: TreeParts,
  source: Source,
): NonNullable<TreeOptions["sentinel"]> {
  const leaseRemainingMs = () => source.leaseRemainingMs(), zone = new TimeZone(timezone);
  return { log, store, windowMs, latenessMs, zone, storeTimeoutMs, leaseRemainingMs };
}

function heraldOf(
  { config: { webhook, storeTimeoutMs }, clock, log }: PipelineOptions,
  { store }: TreeParts,
  source: Source,
): TreeOptions["herald"] {
  if (webhook === undefined) return undefined;
  const bell = new Webhook({ ...webhook, clock }), leaseRemainingMs = () => source.leaseRemainingMs();
  return { log, store, bell, storeTimeoutMs, leaseRemainingMs };
}

/** How customers are shown: without a key of its own a process makes one up, so that nobody can know it. */
export function customerNaming({ customerKey, showsCustomers }: Config): CustomerNaming {
  const key = customerKey ?? crypto.getRandomValues(new Uint8Array(32));
  return showsCustomers ? customerIds(key) : customerPseudonyms(key);
}

/** The names that have their own series already, and how many more there may be. */
export async function admittedNames(store: Store): Promise<EventNames> {
  const { categories, regions } = PIPELINE_LIMITS;
  const measurement = "transactions_total";
  const [admittedCategories, admittedRegions] = await Promise.all([
    store.tagValues({ measurement, tag: "category", limit: categories }),
    store.tagValues({ measurement, tag: "region", limit: regions }),
  ]);
  return { categories, regions, admittedCategories, admittedRegions };
}
