/**
 * The sentinel: watches the final windows of each category for what is unusual, and says so in points.
 *
 * I1. What it says is a function of the final windows in the store: it reads them in order, from where its models stand,
 *     so a process that was killed says the same as one that was not.
 * I2. It watches the categories of its own partitions only, and writes only while nobody else can own them.
 * I3. A model that could not be followed by its points is dropped, and read again from the store.
 */
import { actor } from "../src/actor/mod.ts";
import type { Point } from "../src/domain/point.ts";
import type { Log } from "../src/log.ts";
import { RetryableError } from "../src/stream/failures.ts";
import { assertLeased, type Lease } from "../src/stream/lease.ts";
import type { Store } from "../src/stream/store.ts";
import { durationTag } from "../src/stream/window_points.ts";
import type { AnomalyPoint } from "../src/window/anomaly_point.ts";
import { CategoryAnomalies, type CategoryAnomaliesData, type CategoryFacts } from "../src/window/category_anomalies.ts";
import type { Board } from "./live.ts";

/** What a sentinel works with. */
export interface SentinelArgs extends Lease {
  readonly log: Log;
  readonly store: Store;
  readonly board: Board;
  /** A step of the models: windows that follow one another without overlapping are looked at. */
  readonly windowMs: number;
}

interface State {
  readonly args: SentinelArgs;
  readonly news: Disposable;
  readonly categories: Set<string>;
  readonly models: Map<string, Watch>;
  /** The partitions that the models are of. */
  owned: string;
}

interface Watch {
  readonly model: CategoryAnomalies;
  /** Up to where the model in the store has come. */
  savedMs: number;
}

const LOOK_MS = 5_000;
/** A model is saved this often, in event time; a start reads the windows since. */
const SAVE_MS = 3_600_000;
/** How much of the past a category without a model learns from. */
const LEARN_MS = 7 * 24 * 3_600_000;
/** A departure with a smaller chance than one in a million is a point: −log10. */
const UNUSUAL = 6;
/** Of the text form of a model; another one is learnt anew. */
const MODEL_VERSION = 1;

/** The sentinel actor. */
export const sentinel = actor({
  name: "sentinel",
  init(args: SentinelArgs, cx): State {
    cx.every(LOOK_MS, "look");
    const news = args.board.subscribe(({ points }) => {
      forgetOthers(state);
      for (const { tags } of points) state.categories.add(tags["category"] ?? "");
    });
    const state: State = { args, news, categories: new Set(), models: new Map(), owned: "" };
    return state;
  },
  on: {
    /** Looks at what has become final since; put off when the store cannot answer. */
    async look(state) {
      const { board, windowMs, log } = state.args;
      forgetOthers(state);
      const toMs = Math.floor(board.progress.frontierMs / windowMs) * windowMs;
      if (!Number.isFinite(toMs)) return;
      for (const category of state.categories) {
        try {
          await watch(state, category, toMs);
        } catch (error) {
          state.models.delete(category);
          if (!(error instanceof RetryableError)) throw error;
          return log.warn("Looking for what is unusual was put off", { reason: error.message });
        }
      }
    },
  },
  stop: ({ news }) => news[Symbol.dispose](),
});

/** Other partitions, other categories: their owner goes on from what was saved. */
function forgetOthers(state: State): void {
  const owned = state.args.board.progress.partitions.map(({ partition }) => partition).join();
  if (owned === state.owned) return;
  state.owned = owned;
  state.models.clear();
  state.categories.clear();
}

async function watch(state: State, category: string, toMs: number): Promise<void> {
  const { store, windowMs } = state.args;
  const watched = state.models.get(category) ?? await load(state.args, category, toMs);
  state.models.set(category, watched);
  const { model } = watched, nextMs = model.nextMs ?? toMs - LEARN_MS;
  if (nextMs >= toMs) return;
  const tags = { category, window: durationTag(windowMs) }, found: AnomalyPoint[] = [];
  const range = { measurement: "transactions_avg", tags, fromMs: nextMs + windowMs, toMs: toMs + 1 } as const;
  for await (const point of store.read(range)) {
    const isStep = point.fields["final"] === true && point.timeMs % windowMs === 0;
    if (isStep) found.push(...model.step(factsOf(point, windowMs)).flatMap(({ points }) => points));
  }
  found.push(...model.advance(toMs).flatMap(({ points }) => points));
  const unusual = found.filter(({ surprise }) => surprise >= UNUSUAL).map((point) => pointOf(category, point));
  const isDue = toMs - watched.savedMs >= SAVE_MS;
  await write(state.args, isDue ? [...unusual, stateOf(category, model, { timeMs: toMs, windowMs })] : unusual);
  if (isDue) watched.savedMs = toMs;
}

/** The newest model that the store has of a category, or one that knows nothing. */
async function load({ store, windowMs }: SentinelArgs, category: string, toMs: number): Promise<Watch> {
  const options = { category, stepMs: windowMs };
  for await (
    const { timeMs, fields } of store.read({ measurement: "tally_model", tags: { category }, toMs: toMs + 1, limit: 1 })
  ) {
    const data = modelIn(String(fields["state"]), windowMs);
    if (data !== undefined) return { model: new CategoryAnomalies(options, data), savedMs: timeMs };
  }
  return { model: new CategoryAnomalies(options), savedMs: toMs };
}

function modelIn(text: string, windowMs: number): CategoryAnomaliesData | undefined {
  const { version, stepMs, model } = JSON.parse(text);
  return version === MODEL_VERSION && stepMs === windowMs ? model : undefined;
}

function stateOf(
  category: string,
  model: CategoryAnomalies,
  { timeMs, windowMs: stepMs }: { readonly timeMs: number; readonly windowMs: number },
): Point {
  const state = JSON.stringify({ version: MODEL_VERSION, stepMs, model: model.data() });
  return { measurement: "tally_model", tags: { category }, timeMs, fields: { state } };
}

/** What a model learns from a window; an empty one has no deviation. */
function factsOf({ timeMs, fields }: Point, windowMs: number): CategoryFacts {
  const at = (name: string): number => Number(fields[name] ?? 0);
  const count = at("transaction_count");
  const moments = {
    count,
    sum: at("amount_sum"),
    m2: at("amount_stddev") ** 2 * count,
    fraudCount: at("fraud_count"),
  };
  return { startMs: timeMs - windowMs, moments, uniqueCustomers: at("unique_customers") };
}

function pointOf(category: string, { metric, timeMs, ...told }: AnomalyPoint): Point {
  const { score, value, expected, lower, upper, message } = told;
  const fields = { score, value, expected, lower, upper, message };
  return { measurement: "transactions_anomaly", tags: { category, metric }, timeMs, fields };
}

async function write({ store, ...lease }: SentinelArgs, points: readonly Point[]): Promise<void> {
  if (points.length === 0) return;
  assertLeased(lease);
  await store.write(points);
}
