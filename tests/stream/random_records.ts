/** Random records: keys, values and headers of all kinds, gaps in offsets, times in any order. */
import type { BatchRecord } from "../../src/stream/record_batch_builder.ts";

/** At least one record, offsets as after compaction. */
export function randomRecords(random: () => number): BatchRecord[] {
  const below = (limit: number) => Math.floor(random() * limit);
  const bytes = () =>
    random() < 0.2 ? null : Uint8Array.from({ length: below(random() < 0.1 ? 3_000 : 80) }, () => below(9));
  let offsetDelta = below(3);
  return Array.from({ length: 1 + below(20) }, () => {
    offsetDelta += 1 + (random() < 0.2 ? below(200) : 0);
    const timestampMs = 1_700_000_000_000 + Math.round((random() - 0.5) * 10 ** below(12));
    const headers = Object.fromEntries(Array.from({ length: below(3) }, (_, index) => [`h${index}`, `ü${below(99)}`]));
    return { key: bytes(), value: bytes(), headers, timestampMs, offsetDelta };
  });
}
