/** Why a record is not a transaction: the closed list of machine words, each with its sentence for people. */

/** Every reason a record can be refused for, with the sentence shown beside its dead letter. */
export const INVALID_REASONS = {
  null: "The record has no value",
  empty: "The value has no bytes",
  oversize: "The value is larger than a record may be",
  poison: "The record crashed its task twice",
  encoding: "The value is not UTF-8",
  json: "The value is not JSON, or is nested deeper than 64 levels",
  notObject: "The value is JSON but not an object",
  category: "The category is absent, not text, empty, over 128 bytes or has control characters",
  amount: "The amount is absent or not a finite JSON number",
  timestamp: "The timestamp has no zone, is no real instant, is outside 1970-2261, or is absent and Kafka gave none",
  isFraud: "The fraud flag is none of true, false, 0, 1 and their text",
} as const;

/** One word of `INVALID_REASONS`; stable, it is stored with dead letters and counted by name. */
export type InvalidReason = keyof typeof INVALID_REASONS;
