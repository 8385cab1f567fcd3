/** What a partition task starts with, and the state that it makes of that. */
import type { Deferred, RefOf } from "../src/actor/mod.ts";
import { type DecoderOptions, TransactionDecoder } from "../src/domain/decoder.ts";
import type { FieldMap } from "../src/domain/field_map.ts";
import { NameTable } from "../src/domain/name_table.ts";
import { UNKNOWN_REGION } from "../src/domain/transaction.ts";
import type { Checkpoint } from "../src/stream/checkpoint.ts";
import type { EventNames } from "../src/stream/event_reader.ts";
import { Intake } from "../src/stream/intake.ts";
import type { FetchedBatches, IntakeLimits } from "../src/stream/intake_options.ts";
import { PartitionState } from "../src/stream/partition_state.ts";
import type { Caution } from "../src/stream/suspects.ts";
import { panesNeeded, type WindowShape } from "../src/window/shape.ts";
import type { category } from "./category.ts";

/** What a partition task starts with; plain data. */
export interface PartitionTaskArgs {
  readonly topic: string;
  readonly partition: number;
  readonly checkpoint: Checkpoint;
  readonly shape: WindowShape;
  readonly maxSkewMs: number;
  readonly fieldMap: FieldMap;
  readonly limits: IntakeLimits;
  /** Whether a batch whose checksum is wrong counts as damaged. @default {false} */
  readonly checksCrcs?: boolean;
  readonly names: EventNames;
  /** The first offset not to read. */
  readonly stopAt: number | undefined;
  /** What earlier crashes have taught. */
  readonly caution: Caution;
}

/** The answer to a batch: its buffer, and how far the partition has come. */
export interface Tallied {
  readonly buffer: ArrayBuffer;
  readonly next: number;
  readonly watermarkMs: number;
}

/** What opens a partition's decoder. */
export type OpenDecoder = (map: FieldMap, names: DecoderOptions) => TransactionDecoder;

/** The state of a partition task. */
export interface Task {
  readonly args: PartitionTaskArgs;
  readonly decoder: TransactionDecoder;
  readonly intake: Intake;
  readonly progress: PartitionState;
  readonly categoryNames: NameTable;
  readonly regionNames: NameTable;
  readonly categories: Map<number, RefOf<typeof category>>;
  readonly backlog: { readonly batches: FetchedBatches; readonly answer: Deferred<Tallied> }[];
  /** `full`: a bound was reached. */
  phase: "idle" | "working" | "full";
}

/** The state that a task starts with, reading with a decoder of its own. @throws {RangeError} with too small a bound */
export function openTask(args: PartitionTaskArgs, openDecoder: OpenDecoder = byDefault): Task {
  const { shape, maxSkewMs, names, limits } = args;
  const needed = panesNeeded(shape, maxSkewMs);
  if (!(limits.panes >= needed)) {
    throw new RangeError(`Cannot start partition task: limits.panes must be at least ${needed}, got ${limits.panes}`);
  }
  const progress = new PartitionState(args.checkpoint, { shape, maxSkewMs });
  const categoryNames = new NameTable({ capacity: names.categories, admitted: names.admittedCategories });
  const regionNames = new NameTable({
    capacity: names.regions,
    reserved: [UNKNOWN_REGION],
    admitted: names.admittedRegions,
  });
  const decoder = openDecoder(args.fieldMap, {
    categories: categoryNames,
    regions: regionNames,
    keepsCustomers: names.keepsCustomers ?? false,
  });
  const intake = new Intake({
    topic: args.topic,
    partition: args.partition,
    slideMs: shape.slideMs,
    decoder,
    state: progress,
    limits,
    stopAt: args.stopAt,
    checksCrcs: args.checksCrcs ?? false,
    poison: new Set(args.caution.poison),
  });
  const parts = { args, decoder, intake, progress, categoryNames, regionNames };
  return { ...parts, categories: new Map(), backlog: [], phase: "idle" };
}

function byDefault(map: FieldMap, names: DecoderOptions): TransactionDecoder {
  return new TransactionDecoder(map, names);
}
