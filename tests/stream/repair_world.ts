/** A topic, a store and letters in memory, processed by the pipeline and then repaired. */
import { type FieldMap, parseFieldMap } from "../../src/domain/field_map.ts";
import { decodeCheckpoint, encodeCheckpoint } from "../../src/stream/checkpoint.ts";
import type { DeadReason } from "../../src/stream/dead_letters.ts";
import { customerPseudonyms } from "../../src/stream/customer_names.ts";
import { EventReader, type EventReaderOptions } from "../../src/stream/event_reader.ts";
import { type LiveGroup, liveGroup, type LiveGroupOptions } from "../../src/stream/live_group.ts";
import { repair, type RepairReport } from "../../src/stream/repair.ts";
import { type LetterOptions, type SortedLetters, sortLetters } from "../../src/stream/repair_letters.ts";
import { repairable } from "../../src/stream/repair_plan.ts";
import { holds, type Span } from "../../src/stream/span.ts";
import type { WindowShape } from "../../src/window/shape.ts";
import { ManualClock } from "../fakes/manual_clock.ts";
import { MemoryAmendments } from "../fakes/memory_amendments.ts";
import { MemoryLog, MemorySource } from "../fakes/memory_log.ts";
import { MemoryPipeline } from "../fakes/memory_pipeline.ts";
import { SCRIPT_SHAPE } from "../fakes/memory_script.ts";
import { MemoryLetters, MemoryStore } from "../fakes/memory_store.ts";

const MAX_SKEW_MS = 300_000;

/** What a repair did. */
export interface Repaired extends RepairReport {
  readonly letters: SortedLetters;
  readonly group: LiveGroup;
}

/** Everything that outlives a process. */
export class RepairWorld {
  readonly log: MemoryLog;
  readonly store = new MemoryStore();
  readonly deadLetters = new MemoryLetters();
  readonly amendments = new MemoryAmendments();
  /** What each repair may hold. */
  maxPanes = 1_000;
  /** What the store keeps. */
  retentionMs = Infinity;
  shape: WindowShape = SCRIPT_SHAPE;
  fieldMap = parseFieldMap(undefined);

  constructor(partitions: number) {
    this.log = new MemoryLog(partitions);
  }

  /** Processes all there is and makes it final. */
  async process(latenessMs: number = this.shape.latenessMs): Promise<void> {
    await using pipeline = await MemoryPipeline.start({
      log: this.log,
      store: this.store,
      letters: this.deadLetters,
      shape: { latenessMs },
      untilCaughtUp: true,
    });
    await pipeline.finish();
  }

  /** As a processor that was started with `--accept-mapping` would commit. */
  continueWith(map: FieldMap): void {
    for (const [partition, commit] of this.log.commits) {
      const checkpoint = decodeCheckpoint(commit.metadata);
      if (checkpoint === undefined) continue;
      const config = { ...checkpoint.config, fieldMap: map.hash };
      this.log.commits.set(partition, { ...commit, metadata: encodeCheckpoint({ ...checkpoint, config }) });
    }
  }

  /** The letters that nobody has put back. */
  get standing(): MemoryLetters {
    const left = new MemoryLetters();
    for (const [name, letter] of this.deadLetters.letters) {
      if (!this.amendments.records.has(`${letter.partition} ${letter.offset}`)) left.letters.set(name, letter);
    }
    return left;
  }

  /** As `tally backfill`. */
  async backfill(asked: Span): Promise<Repaired> {
    const group = await this.group();
    const span = repairable(asked, this.shape, group);
    const isWanted = (_: unknown, occurredAtMs: number | undefined) =>
      occurredAtMs !== undefined && holds([span], occurredAtMs);
    return await this.#repair(group, { isWanted, panes: [span] });
  }

  /** As `tally replay-dead`. */
  async replay(reason: DeadReason): Promise<Repaired> {
    return await this.#repair(await this.group(), { isWanted: (letter) => letter.reason === reason });
  }

  /** What the group has committed. */
  group(): Promise<LiveGroup> {
    return liveGroup(this.source(), this.#live);
  }

  get #live(): LiveGroupOptions {
    const config = { ...this.shape, fieldMap: this.fieldMap.hash };
    return { config, maxSkewMs: MAX_SKEW_MS, retentionMs: this.retentionMs };
  }

  /** A reader of the log of its own. */
  source(): MemorySource {
    return new MemorySource(this.log, new ManualClock());
  }

  async #repair(
    group: LiveGroup,
    { isWanted, panes }: Pick<LetterOptions, "isWanted"> & { readonly panes?: readonly Span[] },
  ): Promise<Repaired> {
    const { shape, store, deadLetters, amendments, maxPanes } = this;
    const events: EventReaderOptions = {
      fieldMap: this.fieldMap,
      maxSkewMs: MAX_SKEW_MS,
      valueBytes: 1 << 20,
      names: { categories: 1_000, regions: 500, admittedCategories: [], admittedRegions: [] },
    };
    const ports = { source: this.source(), store, deadLetters, amendments };
    const reader = new EventReader(events);
    const letters = await sortLetters(ports, { topic: "transactions", shape, group, reader, isWanted });
    const report = await repair({ group, ...letters, panes: panes ?? letters.panes }, {
      ...ports,
      shape,
      live: this.#live,
      events,
      maxPanes,
      customerOf: customerPseudonyms("key"),
      clock: new ManualClock(),
      signal: new AbortController().signal,
      recordsPerSecond: Infinity,
    });
    return { ...report, letters, group };
  }
}
