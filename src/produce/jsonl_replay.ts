/**
 * Sends the lines of a JSONL file, byte for byte.
 *
 * I1. A line ends at a line feed and nowhere else: a carriage return before it is a byte of the line, and JSON takes it
 *     for white space. The last line needs no line feed; after a last line feed there is no line.
 * I2. Lines are not checked: broken JSON, broken UTF-8 and a byte order mark go out as they are, without key and time.
 * I3. A line without a byte is a record without a value.
 */
import type { FieldMap } from "../domain/field_map.ts";
import { RECORD_MAX_BYTES } from "./record_limit.ts";
import { Router } from "./router.ts";
import type { TimedRecord } from "./timed_record.ts";

const LINE_FEED = 10;

/**
 * The records of a JSONL file, in order.
 *
 * Values may be views of the chunks: a chunk must not change once handed over.
 * @throws {SyntaxError} at a line of more than `RECORD_MAX_BYTES`.
 */
export async function* replayJsonl(
  chunks: AsyncIterable<Uint8Array>,
  map: FieldMap,
): AsyncGenerator<TimedRecord, void> {
  const router = new Router(map);
  const utf8 = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });
  for await (const line of linesOf(chunks)) yield recordOf(line, { router, utf8 });
}

async function* linesOf(chunks: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array, void> {
  let parts: Uint8Array[] = [];
  let partsBytes = 0;
  let lineNumber = 1;
  for await (const chunk of chunks) {
    let from = 0;
    for (let end = chunk.indexOf(LINE_FEED); end >= 0; end = chunk.indexOf(LINE_FEED, from)) {
      const last = chunk.subarray(from, end);
      checkLine(partsBytes + last.length, lineNumber++);
      yield parts.length === 0 ? last : joined([...parts, last]);
      [parts, partsBytes, from] = [[], 0, end + 1];
    }
    if (from === chunk.length) continue;
    parts.push(chunk.subarray(from));
    partsBytes += chunk.length - from;
    checkLine(partsBytes, lineNumber);
  }
  if (partsBytes > 0) yield joined(parts);
}

function checkLine(lineBytes: number, lineNumber: number): void {
  if (lineBytes > RECORD_MAX_BYTES) {
    throw new SyntaxError(
      `Cannot read JSONL: line ${lineNumber} has ${lineBytes} bytes or more, at most ${RECORD_MAX_BYTES}`,
    );
  }
}

function joined(parts: readonly Uint8Array[]): Uint8Array {
  const whole = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.length;
  }
  return whole;
}

function recordOf(line: Uint8Array, tools: { router: Router; utf8: TextDecoder }): TimedRecord {
  if (line.length === 0) return { key: null, value: null, atMs: undefined };
  const event = parsed(line, tools.utf8);
  const read = (field: "category" | "timestamp"): unknown => {
    const name = tools.router.nameOf(field, (candidate) => Object.hasOwn(event, candidate));
    return name === undefined ? undefined : event[name];
  };
  return { key: tools.router.keyOf(read("category")), value: line, atMs: tools.router.timeOf(read("timestamp")) };
}

/** The event, empty when the line holds none. */
function parsed(line: Uint8Array, utf8: TextDecoder): Record<string, unknown> {
  try {
    const event: unknown = JSON.parse(utf8.decode(line));
    return isObject(event) ? event : {};
  } catch {
    return {}; // I2: whether the line is a transaction is for its reader to say, with a dead letter.
  }
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
