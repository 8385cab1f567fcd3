import assert from "node:assert/strict";
import { parseFieldMap } from "../../src/domain/field_map.ts";
import { replayFile, type ReplayFormat } from "../../src/produce/file_replay.ts";

const decoder = new TextDecoder();
const map = parseFieldMap("");

/** A file in a folder of its own, removed when the test is over. */
async function temporary(name: string, text: string) {
  const folder = await Deno.makeTempDir();
  const path = `${folder}/${name}`;
  await Deno.writeTextFile(path, text);
  return { path, [Symbol.asyncDispose]: () => Deno.remove(folder, { recursive: true }) };
}

async function valuesOf(path: string, format?: ReplayFormat): Promise<string[]> {
  const { records } = await replayFile(path, { map, ...(format ? { format } : {}) });
  return (await Array.fromAsync(records)).map(({ value }) => decoder.decode(value ?? undefined));
}

Deno.test("replayFile() tells the format from the name unless it is given", async () => {
  for (const name of ["x.csv", "X.CSV", "y.csv.csv"]) {
    await using file = await temporary(name, "a\n1\n");
    assert.deepStrictEqual([await valuesOf(file.path), await valuesOf(file.path, "jsonl")], [['{"a":1}'], ["a", "1"]]);
  }
  await using ndjson = await temporary("x.ndjson", "a\n1\n");
  assert.deepStrictEqual(await valuesOf(ndjson.path), ["a", "1"]);
  await using unknown = await temporary("x.txt", "a\n1\n");
  assert.deepStrictEqual(await valuesOf(unknown.path, "csv"), ['{"a":1}']);
  await assert.rejects(() => valuesOf(unknown.path), RangeError);
});

Deno.test("replayFile() refuses a file that is not there before anything is read", async () => {
  await assert.rejects(() => replayFile("/nowhere/x.csv", { map }), Deno.errors.NotFound);
});

Deno.test("replayFile() reads files longer than a chunk to the last byte and tells how far it is", async () => {
  const lines = Array.from({ length: 30_000 }, (_, index) => `{"n":${index}}`);
  await using file = await temporary("long.jsonl", lines.join("\n"));
  const { records, fractionRead } = await replayFile(file.path, { map });
  const fractions = [fractionRead()];
  const seen: string[] = [];
  for await (const { value } of records) {
    if (seen.push(decoder.decode(value ?? undefined)) === 15_000) fractions.push(fractionRead());
  }
  fractions.push(fractionRead());
  assert.deepStrictEqual(seen, lines);
  assert.deepStrictEqual([fractions[0], fractions[2]], [0, 1]);
  assert.ok((fractions[1] ?? 0) > 0.4 && (fractions[1] ?? 1) < 0.7, `${fractions}`);
});

Deno.test("replayFile() has read all of an empty file, and closes a file that is left early", async () => {
  await using empty = await temporary("empty.csv", "");
  const replay = await replayFile(empty.path, { map });
  assert.deepStrictEqual([await Array.fromAsync(replay.records), replay.fractionRead()], [[], 1]);
  await using long = await temporary("long.csv", `a\n${"1\n".repeat(200_000)}`);
  for await (const _record of (await replayFile(long.path, { map })).records) break;
});
