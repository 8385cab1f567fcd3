/**
 * How fast `tally produce` makes records, on one thread: generated, read from CSV, read from JSONL, and the pump itself.
 *
 * Baseline: `JSON.stringify` and UTF-8 encoding of one and the same object. Does not measure any log or disk: files are
 * in memory and the log acknowledges at once.
 */
import { systemClock } from "../src/clock.ts";
import { parseFieldMap } from "../src/domain/field_map.ts";
import { replayCsv } from "../src/produce/csv_replay.ts";
import { replayJsonl } from "../src/produce/jsonl_replay.ts";
import { produce } from "../src/produce/run.ts";
import type { LogProducer } from "../src/stream/log_producer.ts";
import { TransactionGenerator } from "../src/produce/generator.ts";

const VALUES = 1_000_000;
const utf8 = new TextEncoder();

function report(name: string, values: number, sinceMs: number): void {
  const seconds = (systemClock.elapsedMs() - sinceMs) / 1_000;
  console.log(`${name.padEnd(34)} ${Math.round(values / seconds).toLocaleString("en").padStart(11)} values/s`);
}

/** The same bytes again and again, as a file would come. */
async function* repeated(text: string, times: number): AsyncGenerator<Uint8Array, void> {
  for (let time = 0; time < times; time++) yield await Promise.resolve(utf8.encode(text));
}

function generate(): number {
  let bytes = 0;
  for (let made = 0; made < VALUES; made++) bytes += generator.next().value?.value.length ?? 0;
  return bytes;
}

const madeAtMs = systemClock.elapsedMs();
const generator = new TransactionGenerator({ seed: 1, startMs: 1_700_000_000_000, ratePerSecond: 5_000 });
console.log(`generator made in ${Math.round(systemClock.elapsedMs() - madeAtMs)} ms`);
const line = new TextDecoder().decode(generator.next().value?.value);
const sample: Record<string, unknown> = JSON.parse(line);
const row = Object.values(sample).join(",");
const map = parseFieldMap("");
const nowhere: LogProducer = { send: () => Promise.resolve(), [Symbol.asyncDispose]: () => Promise.resolve() };

for (let round = 0; round < 3; round++) {
  let startedMs = systemClock.elapsedMs();
  let bytes = 0;
  for (let made = 0; made < VALUES; made++) bytes += utf8.encode(JSON.stringify(sample)).length;
  report("baseline: JSON.stringify + encode", VALUES, startedMs);

  startedMs = systemClock.elapsedMs();
  bytes = generate();
  report(`generator, ${Math.round(bytes / VALUES)} bytes each`, VALUES, startedMs);

  startedMs = systemClock.elapsedMs();
  await produce({ records: generator, producer: nowhere, clock: systemClock, speed: Infinity, count: VALUES });
  report("generator through produce()", VALUES, startedMs);

  startedMs = systemClock.elapsedMs();
  const lines = `${line}\n`.repeat(200);
  for await (const _record of replayJsonl(repeated(lines, VALUES / 1_000), map)) bytes++;
  report("JSONL", VALUES / 5, startedMs);

  startedMs = systemClock.elapsedMs();
  const csv = `${Object.keys(sample).join(",")}\n${`${row}\n`.repeat(200 * VALUES / 1_000)}`;
  const chunks = Array.from(
    { length: Math.ceil(csv.length / 65_536) },
    (_, at) => csv.slice(at * 65_536, (at + 1) * 65_536),
  );
  for await (const _record of replayCsv(ReadableStream.from(chunks.map((chunk) => utf8.encode(chunk))), map)) bytes++;
  report("CSV", VALUES / 5, startedMs);
}
