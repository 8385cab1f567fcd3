/**
 * One partition inside a worker: decodes batches into columns, hands them to category actors, answers flushes.
 *
 * I1. Batches are worked off in the order they came, in chunks between which flushes are answered; a chunk is over only
 *     when every category it touched has counted its rows.
 * I2. At a bound the rest of a batch waits; it goes on when a flush is committed.
 * I3. A category is never started anew by itself: whatever it is asked next crashes the task, so that the partition goes
 *     back to its checkpoint as a whole.
 */
import { actor, type Context, type Deferred, type RefOf, transfer } from "../src/actor/mod.ts";
import type { Checkpoint } from "../src/stream/checkpoint.ts";
import type { DeadLetter } from "../src/stream/dead_letters.ts";
import { FLUSH_PANES } from "../src/stream/frontier.ts";
import type { IntakeProgress } from "../src/stream/intake.ts";
import type { FetchedBatches } from "../src/stream/intake_options.ts";
import type { RaiseOptions } from "../src/stream/partition_state.ts";
import { type KeyNames, namesOf } from "../src/stream/rankings.ts";
import { RecordCrash } from "../src/stream/suspects.ts";
import type { CategoryParts, EndRange } from "../src/window/category_window.ts";
import { horizonMs } from "../src/window/shape.ts";
import { category } from "./category.ts";
import { openTask, type PartitionTaskArgs, type Tallied, type Task } from "./task_state.ts";

/** Where a partition stands. */
export interface Mark {
  readonly partition: number;
  readonly next: number;
  readonly watermarkMs: number;
  readonly highMs: number;
  /** Start of the newest pane with a counted event; −Infinity before the first. */
  readonly newestPaneMs: number;
  /** Up to where one flush may make its panes final. */
  readonly stepMs: number;
  readonly isReplaying: boolean;
  /** Not read on before the frontier has moved: the partition holds as many raises as it may. */
  readonly isRaiseBound: boolean;
  /** Categories of the panes kept; none unless asked for. */
  readonly categories: readonly string[];
}

/** Asks where a partition stands. */
export interface MarkRequest {
  readonly closedMs: number;
  readonly asksNames: boolean;
}

/** What a flush asks a partition for. */
export interface SummaryRequest {
  /** Windows and panes wanted. */
  readonly range: EndRange;
  /** The frontier that the checkpoint will be committed with. */
  readonly frontierMs: number;
}

/** Asks for a raise of the watermark. */
export interface RaiseRequest extends RaiseOptions {
  /** Where the partition stood when the raise was decided; it is refused when it stands elsewhere by now. */
  readonly next: number;
  readonly watermarkMs: number;
}

/** What a partition adds to a flush. */
export interface PartitionSummary {
  readonly partition: number;
  readonly checkpoint: Checkpoint;
  readonly letters: readonly DeadLetter[];
  readonly categories: readonly (CategoryParts & { readonly category: string })[];
  /** Region names by the ids in the panes' totals. */
  readonly regions: readonly string[];
  /** Names of those who may be ranked in windows that become final. */
  readonly names: KeyNames;
  /** How many events since the task started went to `__other__`, or had another currency than their category's first. */
  readonly overflowed: { readonly categories: number; readonly regions: number; readonly currencies: number };
}

/** That a flush is durable. */
export interface Committed {
  readonly frontierMs: number;
  /** Letters of records before it are durable. */
  readonly position: number;
}

/** Records between two looks at other messages. */
const CHUNK_RECORDS = 4_096;
/** Categories answer within a turn; only a broken worker takes this long. */
const CATEGORY_MS = 60_000;

/** Actor of one partition; temporary: who routed the partition to it decides what follows its end. */
export const partitionTask = actor({
  name: "partitionTask",
  init: (args: PartitionTaskArgs): Task => openTask(args),
  on: {
    /** Takes the batches of a fetch; answered when the last of their records is decided. */
    tally(task, batches: FetchedBatches, cx) {
      const answer = cx.defer<Tallied>();
      task.backlog.push({ batches, answer });
      resume(task, cx);
      return answer;
    },
    /** Works off one chunk. */
    async work(task, _: void, cx) {
      const [first] = task.backlog;
      if (first === undefined) return void (task.phase = "idle");
      if (!task.intake.isOpen) task.intake.open(first.batches);
      const ran = await count(task, cx);
      if (task.backlog[0] !== first) return; // Halted meanwhile.
      if (ran === "full") return void (task.phase = "full");
      if (ran === "done") finish(task, first.batches, first.answer);
      cx.self.tell("work");
    },
    /** Passes over offsets that the log no longer has. */
    gap(task, offset: number) {
      task.progress.gapTo(offset);
    },
    /** Gives back what waits, undecided: this is the end of reading. */
    halt(task) {
      const { next, watermarkMs } = task.progress;
      for (const { batches: { buffer }, answer } of task.backlog.splice(0)) {
        answer.resolve(transfer({ buffer, next, watermarkMs }, [buffer]));
      }
      task.intake.close();
      task.phase = "idle";
    },
    /** Where the partition stands now. */
    mark: async (task, { closedMs, asksNames }: MarkRequest): Promise<Mark> => ({
      ...markOf(task, closedMs),
      categories: asksNames ? await keptCategories(task) : [],
    }),
    /** Raises the watermark where the partition stands; answered with the raise to commit. */
    raise: ({ progress }, { next, watermarkMs, coversGap }: RaiseRequest) =>
      progress.next === next ? progress.raise(watermarkMs, { coversGap }) : undefined,
    /** What changed, and the checkpoint that covers it. */
    summary: (task, request: SummaryRequest) => summarize(task, request),
    /** Frees what is closed and goes on. */
    committed(task, { frontierMs, position }: Committed, cx) {
      task.intake.dropLetters(position);
      task.progress.prune(frontierMs);
      const oldest = horizonMs(frontierMs, task.args.shape);
      for (const ref of task.categories.values()) ref.tell("prune", oldest);
      if (task.phase === "full") task.phase = "idle";
      resume(task, cx);
    },
  },
});

function resume(task: Task, cx: Context): void {
  if (task.phase !== "idle" || task.backlog.length === 0) return;
  task.phase = "working";
  cx.self.tell("work");
}

/** Decides about one chunk of records and has them counted. */
async function count(task: Task, cx: Context): Promise<IntakeProgress> {
  const { progress, intake, args: { caution: { careful } } } = task, from = progress.next;
  const isSuspect = careful !== undefined && from >= careful.from && from <= careful.to;
  let decided = 0;
  try {
    const ran = intake.run(isSuspect ? 1 : CHUNK_RECORDS);
    decided = 1;
    await deal(task, cx);
    return ran;
  } catch (error) {
    // What stood before a record read alone, a marker perhaps, has been passed over by now.
    const alone = progress.next - decided;
    throw new RecordCrash(isSuspect ? { from: alone, to: alone } : { from, to: from + CHUNK_RECORDS - 1 }, error);
  }
}

/** Hands each category its rows and waits until all are counted. */
async function deal(task: Task, cx: Context): Promise<void> {
  const { intake } = task;
  const counted: Promise<unknown>[] = [];
  for (const id of intake.touched) {
    const ref = task.categories.get(id) ?? await admit(task, id, cx);
    counted.push(ref.ask("tally", intake.columnsOf(id), { withinMs: CATEGORY_MS }));
  }
  await Promise.all(counted);
  intake.clear();
}

async function admit(task: Task, id: number, cx: Context): Promise<RefOf<typeof category>> {
  const ref = await cx.spawn(category, {
    id: `category-${id}`,
    args: { shape: task.args.shape },
    restart: "temporary",
  });
  task.categories.set(id, ref);
  return ref;
}

function finish(task: Task, { buffer }: FetchedBatches, answer: Deferred<Tallied>): void {
  const { next, watermarkMs } = task.progress;
  task.backlog.shift();
  task.intake.close();
  answer.resolve(transfer({ buffer, next, watermarkMs }, [buffer]));
}

function markOf({ args, progress }: Task, closedMs: number): Omit<Mark, "categories"> {
  const { next, watermarkMs, highMs, newestPaneMs, isReplaying, isRaiseBound } = progress;
  return {
    stepMs: progress.paneEndMs(FLUSH_PANES, closedMs),
    partition: args.partition,
    next,
    watermarkMs,
    highMs,
    newestPaneMs,
    isReplaying,
    isRaiseBound,
  };
}

async function keptCategories({ categories, categoryNames }: Task): Promise<readonly string[]> {
  const all = [...categories];
  const kept = await Promise.all(all.map(([, ref]) => ref.ask("isKept", { withinMs: CATEGORY_MS })));
  return all.flatMap(([id], index) => kept[index] ? [categoryNames.nameOf(id)] : []);
}

async function summarize(task: Task, { range, frontierMs }: SummaryRequest): Promise<PartitionSummary> {
  const { args, intake, progress, categoryNames, regionNames } = task, { mixed: currencies } = intake.currencies;
  const categories = await Promise.all([...task.categories].map(async ([id, ref]) => {
    const parts = await ref.ask("take", range, { withinMs: CATEGORY_MS });
    return { category: categoryNames.nameOf(id), ...parts };
  }));
  const ranked = categories.flatMap(({ windows }) => windows.filter(({ endMs }) => endMs <= frontierMs));
  return {
    partition: args.partition,
    checkpoint: progress.checkpoint(frontierMs),
    letters: intake.letters,
    categories: categories.filter(({ windows, panes }) => windows.length + panes.length > 0),
    regions: Array.from({ length: regionNames.size }, (_, id) => regionNames.nameOf(id)),
    names: namesOf(ranked, task.decoder),
    overflowed: { categories: categoryNames.overflowed, regions: regionNames.overflowed, currencies },
  };
}
