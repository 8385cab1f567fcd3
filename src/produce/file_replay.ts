/** Reads a file of events to be sent. */
import type { FieldMap } from "../domain/field_map.ts";
import { replayCsv } from "./csv_replay.ts";
import { replayJsonl } from "./jsonl_replay.ts";
import type { TimedRecord } from "./timed_record.ts";

/** What a file of events may be. */
export type ReplayFormat = "csv" | "jsonl";

/** Settings of `replayFile`. */
export interface FileReplayOptions {
  /** Where to find category and time; values go out unmapped. */
  readonly map: FieldMap;
  /** @default {what the name of the file ends with: `.csv`, else `.jsonl` or `.ndjson`} */
  readonly format?: ReplayFormat;
}

/** A file being sent. */
export interface FileReplay {
  /** The records, once, in order; the file is open while they are being read. */
  readonly records: AsyncIterable<TimedRecord>;
  /** How much of the file has been read, 0 to 1. */
  fractionRead(): number;
}

const CHUNK_BYTES = 65_536;

/**
 * Prepares to send the file at `path`.
 *
 * @throws {RangeError} when the format is neither given nor told by the name.
 * @throws {Deno.errors.NotFound} when there is no such file.
 */
export async function replayFile(path: string, options: FileReplayOptions): Promise<FileReplay> {
  const { map, format = formatOf(path) } = options;
  const { size } = await Deno.stat(path);
  const progress = { readBytes: 0 };
  const chunks = chunksOf(path, progress);
  return {
    records: format === "csv" ? replayCsv(chunks, map) : replayJsonl(chunks, map),
    fractionRead: () => size === 0 ? 1 : Math.min(1, progress.readBytes / size),
  };
}

function formatOf(path: string): ReplayFormat {
  const ending = path.slice(path.lastIndexOf(".") + 1).toLowerCase();
  if (ending === "csv") return "csv";
  if (ending === "jsonl" || ending === "ndjson") return "jsonl";
  throw new RangeError(
    `Cannot replay ${path}: its name ends neither in .csv nor in .jsonl, so the format must be given`,
  );
}

/** A new buffer a chunk: records are views of them. */
async function* chunksOf(path: string, progress: { readBytes: number }): AsyncGenerator<Uint8Array, void> {
  using file = await Deno.open(path);
  for (;;) {
    const chunk = new Uint8Array(CHUNK_BYTES);
    const size = await file.read(chunk);
    if (size === null) return;
    progress.readBytes += size;
    yield chunk.subarray(0, size);
  }
}
