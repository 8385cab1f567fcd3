import assert from "node:assert/strict";
import { parseFieldMap } from "../../src/domain/field_map.ts";
import { replayJsonl } from "../../src/produce/jsonl_replay.ts";
import { RECORD_MAX_BYTES } from "../../src/produce/record_limit.ts";
import { SeededRandom } from "../../src/produce/seeded_random.ts";
import type { TimedRecord } from "../../src/produce/timed_record.ts";

const encoder = new TextEncoder();
const decoder = new TextDecoder();
const CANONICAL = parseFieldMap("");

/** The records of a file read in chunks of `chunkBytes`. */
function replay(file: string | Uint8Array, mapping = "", chunkBytes = 65_536): Promise<TimedRecord[]> {
  const bytes = typeof file === "string" ? encoder.encode(file) : file;
  const starts = Array.from({ length: Math.ceil(bytes.length / chunkBytes) }, (_, index) => index * chunkBytes);
  const chunks = ReadableStream.from(starts.map((at) => bytes.slice(at, at + chunkBytes)));
  return Array.fromAsync(replayJsonl(chunks, parseFieldMap(mapping)));
}

const texts = (records: readonly TimedRecord[]): (string | null)[] =>
  records.map(({ value }) => value && decoder.decode(value));
const keys = (records: readonly TimedRecord[]): (string | null)[] =>
  records.map(({ key }) => key && decoder.decode(key));

Deno.test("replayJsonl() splits at line feeds alone; the last line needs none; an empty line is a null value", async () => {
  const cases: readonly (readonly [string, readonly (string | null)[]])[] = [
    ["", []],
    ["\n", [null]],
    ["a", ["a"]],
    ["a\n", ["a"]],
    ["a\n\nb", ["a", null, "b"]],
    ["\na\n\n", [null, "a", null]],
    ["a\r\nb\rc\r\n\r\n", ["a\r", "b\rc\r", "\r"]],
    ["a\u2028b\u0085c\n", ["a\u2028b\u0085c"]],
  ];
  for (const [file, lines] of cases) {
    for (const chunkBytes of [1, 2, 65_536]) assert.deepStrictEqual(texts(await replay(file, "", chunkBytes)), lines);
  }
});

Deno.test("replayJsonl() sends random bytes byte for byte, however they are chunked", async () => {
  const random = new SeededRandom(77, 0);
  for (let round = 0; round < 200; round++) {
    const file = Uint8Array.from({ length: random.below(300) }, () => random.unit() < 0.1 ? 10 : random.below(256));
    const records = await replay(file, "", 1 + random.below(40));
    const joined = records.flatMap(({ value }) => [...value ?? [], 10]);
    const wanted = file.length === 0 || file.at(-1) === 10 ? [...file] : [...file, 10];
    assert.deepStrictEqual(joined, wanted, `seed 77 round ${round}`);
  }
});

Deno.test("replayJsonl() reads key and time through the field map, the canonical name where the mapped one is missing", async () => {
  const file = [
    '{"cat":"home","category":"travel","ts":1735691160,"timestamp":"2020-01-01T00:00:00Z"}',
    '{"category":"travel","timestamp":"2025-01-01T01:26:00.5+01:00"}',
    '{"cat":null,"category":"travel","ts":"no","timestamp":0}',
    '{"cat":"first","cat":"l\\u0061st"}',
  ].join("\n");
  const records = await replay(file, "category=cat,timestamp=ts");
  assert.deepStrictEqual(keys(records), ["home", "travel", null, "last"]);
  assert.deepStrictEqual(records.map(({ atMs }) => atMs), [1_735_691_160_000, 1_735_691_160_500, undefined, undefined]);
});

Deno.test("replayJsonl() sends what it cannot read without key and time", async () => {
  const lines = ["{", "[1]", "null", "7", '"category"', '{"category":5}', '{"category":""}', '{"category":"a\\u0000"}'];
  const long = JSON.stringify({ category: "x".repeat(129) });
  const records = await replay([...lines, long, '\ufeff{"category":"home"}'].join("\n"));
  assert.deepStrictEqual(texts(records).slice(0, 8), lines);
  assert.deepStrictEqual(new Set(keys(records)), new Set([null]));
  assert.deepStrictEqual(new Set(records.map(({ atMs }) => atMs)), new Set([undefined]));
});

Deno.test("replayJsonl() keys a category of 128 bytes and sends invalid UTF-8 as it is", async () => {
  const invalid = Uint8Array.of(...encoder.encode('{"category":"home","x":"'), 0xff, 0xc0, ...encoder.encode('"}'));
  const [broken] = await replay(invalid);
  assert.deepStrictEqual(broken, { key: null, value: invalid, atMs: undefined });
  assert.deepStrictEqual(keys(await replay(JSON.stringify({ category: "é".repeat(64) }))), ["é".repeat(64)]);
});

Deno.test("replayJsonl() takes a line at the limit and refuses a longer one, naming it, after those before it", async () => {
  const atLimit = "x".repeat(RECORD_MAX_BYTES);
  assert.deepStrictEqual(texts(await replay(`a\n${atLimit}\nb`)), ["a", atLimit, "b"]);
  for (const end of ["", "\n", "\nb"]) {
    const seen: string[] = [];
    const chunks = ReadableStream.from([encoder.encode(`a\n${atLimit}`), encoder.encode(`x${end}`)]);
    await assert.rejects(async () => {
      for await (const { value } of replayJsonl(chunks, CANONICAL)) seen.push(decoder.decode(value ?? undefined));
    }, { name: "SyntaxError", message: new RegExp(`line 2 has ${RECORD_MAX_BYTES + 1} bytes`) });
    assert.deepStrictEqual(seen, ["a"]);
  }
});
