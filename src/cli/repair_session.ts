/** What `backfill` and `replay-dead` share: the ports they work on, and how they tell how far they are. */
import { SingleBar } from "cli-progress";
import type { Command } from "commander";
import type { Clock } from "../clock.ts";
import type { Config } from "../config.ts";
import { EventReader } from "../stream/event_reader.ts";
import { type LiveGroup, liveGroup } from "../stream/live_group.ts";
import { repair, type RepairOptions, type RepairProgress, type RepairReport } from "../stream/repair.ts";
import { type LetterOptions, type SortedLetters, sortLetters } from "../stream/repair_letters.ts";
import type { Span } from "../stream/span.ts";
import { Backends } from "./backends.ts";
import { admittedNames, customerNaming, PIPELINE_LIMITS } from "./pipeline_tree.ts";
import { positiveNumber } from "./time_option.ts";

/** Flags of every repair. */
export interface RepairFlags {
  readonly rate: number;
  readonly maxPanes: number;
}

const DEFAULT_RATE = 100_000;
/** Some 400 MB: a pane of 350 events in 50 regions takes about 21 kB. */
const DEFAULT_MAX_PANES = 20_000;

/** Adds the flags to a command. */
export function withRepairFlags(command: Command): Command {
  return command
    .option("--rate <n>", "records read per second at most", positiveNumber, DEFAULT_RATE)
    .option("--max-panes <n>", "panes of a category and partition held in memory", positiveNumber, DEFAULT_MAX_PANES);
}

interface SessionParts {
  readonly group: LiveGroup;
  readonly config: Config;
  readonly options: RepairOptions;
  readonly opened: AsyncDisposableStack;
}

/** A repair in the making: the group has been looked at, and no other repair is at work. */
export class RepairSession implements AsyncDisposable {
  readonly group: LiveGroup;
  readonly #config: Config;
  readonly #options: RepairOptions;
  readonly #opened: AsyncDisposableStack;

  private constructor({ group, config, options, opened }: SessionParts) {
    this.group = group;
    this.#config = config;
    this.#options = options;
    this.#opened = opened;
  }

  /** Opens the ports and reads the group's commits. @throws {ConfigError | RetryableError} */
  static async open(config: Config, flags: RepairFlags, { clock, signal }: { clock: Clock; signal: AbortSignal }) {
    const { shape, maxSkewMs, fieldMap, retentionMs } = config;
    await using opened = new AsyncDisposableStack();
    const backends = opened.use(new Backends(config, clock));
    const source = await backends.source(), store = backends.store();
    const live = { config: { ...shape, fieldMap: fieldMap.hash }, maxSkewMs, retentionMs };
    const group = await liveGroup(source, live);
    const amendments = await backends.amendments();
    const turn = opened.use(await amendments.takeTurn());
    const names = { ...await admittedNames(store), keepsCustomers: config.showsCustomers };
    const options: RepairOptions = {
      source,
      store,
      deadLetters: await backends.deadLetters(),
      amendments,
      clock,
      signal: AbortSignal.any([signal, turn.over]),
      shape,
      live,
      customerOf: customerNaming(config),
      events: { fieldMap, maxSkewMs, valueBytes: PIPELINE_LIMITS.valueBytes, names },
      recordsPerSecond: flags.rate,
      maxPanes: flags.maxPanes,
    };
    return new RepairSession({ group, config, options, opened: opened.move() });
  }

  /** Sorts the dead letters. */
  async letters(isWanted: LetterOptions["isWanted"]): Promise<SortedLetters> {
    const { topic, shape } = this.#config, { events } = this.#options;
    return await sortLetters(this.#options, {
      topic,
      shape,
      group: this.group,
      reader: new EventReader(events),
      isWanted,
    });
  }

  /** Repairs panes. */
  async repair(panes: readonly Span[], { chosen, excluded }: SortedLetters): Promise<RepairReport> {
    using bar = new RepairBar();
    const onProgress = (progress: RepairProgress) => bar.show(progress);
    return await repair({ group: this.group, panes, excluded, chosen }, { ...this.#options, onProgress });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#opened.disposeAsync();
  }
}

/** A bar on a terminal; nothing elsewhere. */
class RepairBar implements Disposable {
  readonly #bar: SingleBar | undefined;

  constructor() {
    if (!Deno.stderr.isTerminal()) return;
    this.#bar = new SingleBar({
      format: "{bar} {percentage}% | {value}/{total} records | {eta_formatted} left",
      hideCursor: true,
    });
    this.#bar.start(0, 0);
  }

  show({ read, total }: RepairProgress): void {
    this.#bar?.setTotal(total);
    this.#bar?.update(read);
  }

  [Symbol.dispose](): void {
    this.#bar?.stop();
  }
}
