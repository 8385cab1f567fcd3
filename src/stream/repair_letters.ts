/**
 * The dead letters as a repair sees them: which it puts back, and which stay uncounted.
 *
 * I1. A letter is put back only if every window that holds its event is final and the log still holds what those windows
 *     need: it counts everywhere or nowhere.
 * I2. Only letters of records that the group has decided are looked at; others may not be durable yet.
 */
import { paneIndexOf, type WindowShape } from "../window/shape.ts";
import { type Amendments, type RecordName, RecordSet } from "./amendments.ts";
import type { DeadLetter, DeadLetters } from "./dead_letters.ts";
import type { EventReader } from "./event_reader.ts";
import { ConfigError } from "./failures.ts";
import type { LiveGroup } from "./live_group.ts";
import { firstRepairableMs, repairableToMs } from "./repair_plan.ts";
import { joined, type Span } from "./span.ts";

/** Where letters and amendments are kept. */
export interface LetterPorts {
  readonly deadLetters: DeadLetters;
  readonly amendments: Amendments;
}

/** How letters are sorted. */
export interface LetterOptions {
  readonly topic: string;
  readonly shape: WindowShape;
  readonly group: LiveGroup;
  readonly reader: EventReader;
  /** Whether a letter is wanted back; `occurredAtMs` is undefined when its record is still no event. */
  readonly isWanted: (letter: DeadLetter, occurredAtMs: number | undefined) => boolean;
}

/** Letters, sorted. */
export interface SortedLetters {
  /** To be put back. */
  readonly chosen: readonly RecordName[];
  /** The panes that those name. */
  readonly panes: readonly Span[];
  /** Records that stay uncounted. */
  readonly excluded: RecordSet;
  /** Wanted, but still no event. */
  readonly unreadable: number;
  /** Wanted, but a window that holds them is not final yet. */
  readonly waiting: number;
  /** Wanted, but the log or the store no longer holds what their windows need. */
  readonly uncovered: number;
}

/** The most letters of readable events that are kept in mind: about 100 bytes each. */
const MAX_LETTERS = 2_000_000;

type Standing = "chosen" | "unwanted" | "unreadable" | "waiting" | "uncovered";

/** Sorts all letters that were not put back before. @throws {ConfigError} when there are too many; {RetryableError} */
export async function sortLetters(ports: LetterPorts, options: LetterOptions): Promise<SortedLetters> {
  const { topic, group, shape: { slideMs } } = options;
  const amended = await RecordSet.of(ports.amendments.read());
  const positions = new Map(group.partitions.map(({ partition, position }) => [partition, position]));
  const excluded = new RecordSet(), chosen: RecordName[] = [], panes = new Set<number>();
  const counts = { chosen: 0, unwanted: 0, unreadable: 0, waiting: 0, uncovered: 0 };
  for await (const letter of ports.deadLetters.read()) {
    const { partition, offset } = letter;
    if (letter.topic !== topic || offset >= (positions.get(partition) ?? 0) || amended.has(letter)) continue;
    const occurredAtMs = timeOf(letter, options.reader);
    const standing = standingOf(letter, occurredAtMs, options);
    counts[standing]++;
    if (standing === "chosen" && occurredAtMs !== undefined) {
      chosen.push({ partition, offset });
      panes.add(paneIndexOf(occurredAtMs, slideMs));
    } else if (occurredAtMs !== undefined || isPoison(letter)) excluded.add({ partition, offset });
    if (chosen.length + excluded.size > MAX_LETTERS) {
      throw new ConfigError(
        `Cannot repair: there are more than ${MAX_LETTERS} dead letters; let retention remove some`,
      );
    }
  }
  const spans = [...panes].map((index) => ({ fromMs: index * slideMs, toMs: (index + 1) * slideMs }));
  const { unreadable, waiting, uncovered } = counts;
  return { chosen, panes: joined(spans), excluded, unreadable, waiting, uncovered };
}

function standingOf(letter: DeadLetter, occurredAtMs: number | undefined, options: LetterOptions): Standing {
  const { isWanted, shape, group } = options;
  if (!isWanted(letter, occurredAtMs)) return "unwanted";
  if (occurredAtMs === undefined) return "unreadable";
  const startMs = paneIndexOf(occurredAtMs, shape.slideMs) * shape.slideMs;
  if (startMs >= repairableToMs(group.frontierMs, shape)) return "waiting";
  return startMs < firstRepairableMs(shape, group) ? "uncovered" : "chosen";
}

/** When the event of a letter happened; undefined when its record is no event. */
function timeOf(letter: DeadLetter, reader: EventReader): number | undefined {
  const { value, timeMs: timestampMs = -1 } = letter;
  if (value === null || isPoison(letter)) return undefined;
  const view = new DataView(value.buffer, value.byteOffset, value.byteLength);
  return reader.read({ view, valueStart: 0, valueEnd: value.byteLength, timestampMs })?.occurredAtMs;
}

/** Its record has crashed its task, and would crash the repair. */
function isPoison({ reason, detail }: DeadLetter): boolean {
  return reason === "invalid" && detail === "poison";
}
