/**
 * The sentinel: watches the windows of each category for what is unusual, and says so in points.
 *
 * I1. What it says for good is a function of the final windows in the store: it reads them in order, from where its models
 *     stand, so a process that was killed says the same as one that was not.
 * I2. What it says of windows that may still change is marked `final=false`, and replaced once they are final.
 * I3. It watches the categories of its own partitions only, and writes only while nobody else can own them.
 * I4. A model that could not be followed by its points is dropped, and read again from the store.
 */
import { actor, type Context } from "../src/actor/mod.ts";
import type { Point } from "../src/domain/point.ts";
import type { TimeZone } from "../src/domain/time_zone.ts";
import type { Log } from "../src/log.ts";
import { modelIn, modelPoint, type Subject, tagsOf } from "../src/stream/anomaly_points.ts";
import { RetryableError } from "../src/stream/failures.ts";
import { assertLeased, type Lease } from "../src/stream/lease.ts";
import type { PointQuery, Store } from "../src/stream/store.ts";
import { Watch } from "../src/stream/watch.ts";
import { durationTag } from "../src/stream/window_points.ts";
import type { Board } from "./live.ts";

/** What a sentinel works with. */
export interface SentinelArgs extends Lease {
  readonly log: Log;
  readonly store: Store;
  readonly board: Board;
  /** A step of the models: windows that follow one another without overlapping are learnt. */
  readonly windowMs: number;
  readonly latenessMs: number;
  /** Whose days and weeks the models follow. */
  readonly zone: TimeZone;
}

interface State {
  readonly args: SentinelArgs;
  readonly news: Disposable;
  readonly categories: Set<string>;
  readonly watches: Map<string, Watched>;
  /** The newest window of each category that may still change and was not looked at. */
  readonly fresh: Map<string, Point>;
  /** The partitions that the models are of. */
  owned: string;
  /** Whether the categories that the store knows are among ours. */
  isSeeded: boolean;
}

interface Watched {
  readonly watch: Watch;
  readonly subject: Subject;
  /** Up to where the model in the store has come; undefined before the first. */
  savedMs: number | undefined;
}

const LOOK_MS = 5_000;
/** A model is saved this often, in event time; a start reads the windows since. */
const SAVE_MS = 3_600_000;
/** How much of the past a category without a model learns from. */
const LEARN_MS = 7 * 24 * 3_600_000;
/** How long a window that should be final is waited for, in event time: another process may have a say in it. */
const WAIT_MS = 600_000;
/** Windows after which what was found is written. */
const CHUNK = 10_000;
/** How much further behind a model may be than windows explain, for its newest window to be looked at. */
const SLACK_MS = 60_000;
const MAX_CATEGORIES = 1_000;

/** The sentinel actor. */
export const sentinel = actor({
  name: "sentinel",
  init(args: SentinelArgs, cx: Context): State {
    cx.every(LOOK_MS, "look");
    const news = args.board.subscribe(({ points }) => {
      forgetOthers(state);
      for (const point of points) hear(state, point);
      if (state.fresh.size > 0) cx.after(0, "glance");
    });
    const state: State = {
      args,
      news,
      categories: new Set(),
      watches: new Map(),
      fresh: new Map(),
      owned: "",
      isSeeded: false,
    };
    return state;
  },
  on: {
    /** Looks at what has become final since; put off when the store cannot answer. */
    async look(state) {
      const { board, log } = state.args, toMs = board.progress.frontierMs;
      forgetOthers(state);
      if (!Number.isFinite(toMs)) return;
      await attempt(log, async () => {
        await seed(state);
        for (const category of state.categories) await follow(state, { category, region: "" }, toMs);
      });
    },
    /** Looks at the newest windows, which may still change. */
    async glance(state) {
      const fresh = [...state.fresh];
      state.fresh.clear();
      await attempt(state.args.log, async () => {
        for (const [category, window] of fresh) await glance(state, category, window);
      });
    },
  },
  stop: ({ news }) => news[Symbol.dispose](),
});

/** Other partitions, other categories: their owner goes on from what was saved. */
function forgetOthers(state: State): void {
  const owned = state.args.board.progress.partitions.map(({ partition }) => partition).join();
  if (owned === state.owned) return;
  state.owned = owned;
  state.watches.clear();
  state.categories.clear();
  state.fresh.clear();
  state.isSeeded = false;
}

function hear({ categories, fresh }: State, point: Point): void {
  const category = point.tags["category"] ?? "";
  categories.add(category);
  const isNewer = point.timeMs >= (fresh.get(category)?.timeMs ?? -Infinity);
  if (point.fields["final"] === false && isNewer) fresh.set(category, point);
}

/** Does what is put off when the store cannot answer. */
async function attempt(log: Log, work: () => Promise<void>): Promise<void> {
  try {
    await work();
  } catch (error) {
    if (!(error instanceof RetryableError)) throw error;
    log.warn("Looking for what is unusual was put off", { reason: error.message });
  }
}

/** Categories that fell silent before this process began are watched too. */
async function seed(state: State): Promise<void> {
  const { store, board } = state.args;
  if (state.isSeeded) return;
  const known = await store.tagValues({ measurement: "tally_model", tag: "category", limit: MAX_CATEGORIES });
  for (const category of known) if (board.owns(category)) state.categories.add(category);
  state.isSeeded = true;
}

async function follow(state: State, subject: Subject, toMs: number): Promise<void> {
  const { args, watches } = state, { windowMs, store } = args;
  const watched = watches.get(subject.category) ?? await load(args, subject, toMs);
  // Not there while it works: what fails is read again from the store.
  watches.delete(subject.category);
  const { watch } = watched, fromMs = (watch.takenMs ?? toMs - LEARN_MS) + 1;
  if (fromMs > toMs) return void watches.set(subject.category, watched);
  const tags = { category: subject.category, window: durationTag(windowMs) };
  let upToMs = toMs, count = 0;
  for await (const window of store.read({ measurement: "transactions_avg", tags, fromMs, toMs: toMs + 1 })) {
    if (window.fields["final"] !== true && window.timeMs > toMs - WAIT_MS) {
      upToMs = window.timeMs - 1;
      break;
    }
    watch.take(window);
    watched.savedMs ??= window.timeMs;
    if (++count % CHUNK === 0) await keep(args, watched);
  }
  watch.advance(upToMs);
  await keep(args, watched);
  watches.set(subject.category, watched);
}

/** Makes durable what was found: scores first, the model last, so that a model never knows more than was said. */
async function keep(args: SentinelArgs, watched: Watched): Promise<void> {
  const { windowMs, zone, store, board } = args, { watch, subject, savedMs = Infinity } = watched;
  const { points, scores } = watch.found(), nextMs = watch.nextMs ?? -Infinity, isDue = nextMs - savedMs >= SAVE_MS;
  if (scores.length > 0) {
    assertLeased(args);
    await store.amend(scores);
  }
  const model = isDue ? [modelPoint(subject, watch.data, { stepMs: windowMs, zone: zone.name })] : [];
  await write(args, [...points, ...model]);
  if (isDue) watched.savedMs = nextMs;
  board.mark(points);
}

/** The newest model that the store has, or one that knows nothing, and what was said and is not decided yet. */
async function load({ store, windowMs: stepMs, zone }: SentinelArgs, subject: Subject, toMs: number): Promise<Watched> {
  const tags = tagsOf(subject), kind = { stepMs, zone: zone.name };
  const [stored] = await all(store, { measurement: "tally_model", tags, toMs: toMs + 1, limit: 1 });
  const model = stored === undefined ? undefined : modelIn(stored, kind), fromMs = model?.nextMs ?? toMs - LEARN_MS;
  const anomalies = await all(store, { measurement: "transactions_anomaly", tags, fromMs });
  const [incident] = await all(store, { measurement: "transactions_incident", tags, toMs: toMs + 1, limit: 1 });
  const localMs = (timeMs: number) => timeMs + zone.offsetMs(timeMs);
  const watch = new Watch({ subject, stepMs, localMs }, { model, anomalies, incident });
  return { watch, subject, savedMs: model?.nextMs ?? undefined };
}

async function all(store: Store, query: PointQuery): Promise<readonly Point[]> {
  const points: Point[] = [];
  for await (const point of store.read(query)) points.push(point);
  return points;
}

/** Looks at the newest window, unless the model is far behind it. */
async function glance({ args, watches }: State, category: string, window: Point): Promise<void> {
  const watch = watches.get(category)?.watch, { windowMs, latenessMs, board } = args;
  const behindMs = window.timeMs - (watch?.takenMs ?? -Infinity);
  if (watch === undefined || behindMs > latenessMs + 2 * windowMs + SLACK_MS) return;
  const claims = watch.glance(window);
  await write(args, claims);
  board.mark(claims);
}

async function write({ store, ...lease }: SentinelArgs, points: readonly Point[]): Promise<void> {
  if (points.length === 0) return;
  assertLeased(lease);
  await store.write(points);
}
