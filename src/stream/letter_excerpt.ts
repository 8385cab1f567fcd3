/** A dead letter as it is shown: where it stood, why, and how it begins. */
import type { DeadLetter, DeadReason } from "./dead_letters.ts";

/** Longest text of a value that is shown, in UTF-16 units. */
export const EXCERPT_CHARS = 200;
/** No character takes more bytes of UTF-8 than this for each UTF-16 unit. */
const BYTES_PER_CHAR = 3;

/** A dead letter without its bytes. */
export interface LetterExcerpt {
  readonly reason: DeadReason;
  /** What is wrong with an invalid record, in a word; empty otherwise. */
  readonly detail: string;
  readonly partition: number;
  readonly offset: number;
  /** The record's Kafka timestamp; null when it has none. */
  readonly timeMs: number | null;
  /** The value as text, cut to `EXCERPT_CHARS`; what is no UTF-8 shows as U+FFFD. null for a null value. */
  readonly text: string | null;
  /** Whether the value goes on. */
  readonly isCut: boolean;
}

/** The excerpt of a letter. Cost: its first bytes, however long its value is. */
export function excerptOf({ reason, detail, partition, offset, timeMs, value }: DeadLetter): LetterExcerpt {
  const head = value === null ? "" : new TextDecoder().decode(value.subarray(0, EXCERPT_CHARS * BYTES_PER_CHAR));
  const isCut = value !== null && (head.length > EXCERPT_CHARS || value.length > EXCERPT_CHARS * BYTES_PER_CHAR);
  const text = value === null ? null : head.slice(0, EXCERPT_CHARS).toWellFormed();
  return { reason, detail, partition, offset, timeMs: timeMs ?? null, text, isCut };
}
