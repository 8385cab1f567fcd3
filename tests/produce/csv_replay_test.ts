import assert from "node:assert/strict";
import { parseFieldMap } from "../../src/domain/field_map.ts";
import { decodeTransaction } from "../../src/domain/transaction.ts";
import { replayCsv } from "../../src/produce/csv_replay.ts";
import { RECORD_MAX_BYTES } from "../../src/produce/record_limit.ts";
import type { TimedRecord } from "../../src/produce/timed_record.ts";

const encoder = new TextEncoder();
const decoder = new TextDecoder();
const SPARKOV = "amount=amt,timestamp=unix_time,region=state,lat=merch_lat,lon=merch_long,customer_id=cc_num";

/** The records of a file read in chunks of `chunkBytes`. */
function replay(file: string | Uint8Array, mapping = "", chunkBytes = 65_536): Promise<TimedRecord[]> {
  const bytes = typeof file === "string" ? encoder.encode(file) : file;
  const starts = Array.from({ length: Math.ceil(bytes.length / chunkBytes) }, (_, index) => index * chunkBytes);
  const chunks = ReadableStream.from(starts.map((at) => bytes.slice(at, at + chunkBytes)));
  return Array.fromAsync(replayCsv(chunks, parseFieldMap(mapping)));
}

const texts = (records: readonly TimedRecord[]): string[] =>
  records.map(({ value }) => decoder.decode(value ?? undefined));

Deno.test("replayCsv() writes cells that are JSON numbers digit for digit and all others as text", async () => {
  const numbers = [
    "0",
    "-0",
    "7",
    "-1.50",
    "1e5",
    "2E-3",
    "1e999",
    "4642255475285942123456789",
    "0.1000000000000000055",
  ];
  const others = [
    "",
    "007",
    "1e",
    "+1",
    ".5",
    "1.",
    "-",
    "NaN",
    "Infinity",
    " 1",
    "1 ",
    "0x10",
    "1_000",
    "true",
    "null",
  ];
  const cells = [...numbers, ...others];
  const header = cells.map((_, index) => `c${index}`).join(",");
  const wanted = cells.map((cell, index) => `"c${index}":${numbers.includes(cell) ? cell : JSON.stringify(cell)}`);
  assert.deepStrictEqual(texts(await replay(`${header}\n${cells.join(",")}\n`)), [`{${wanted.join(",")}}`]);
});

Deno.test("replayCsv() reads quotes, commas, doubled quotes and line breaks in cells, in chunks of any size", async () => {
  const file = 'a,"b ""x""",c\r\n"Schaefer, McGlynn and Bosco","say ""hi""","two\r\nlines"\n"12","é€😀",\n';
  const wanted = [
    { a: "Schaefer, McGlynn and Bosco", 'b "x"': 'say "hi"', c: "two\r\nlines" },
    { a: 12, 'b "x"': "é€😀", c: "" },
  ].map((row) => JSON.stringify(row));
  for (const chunkBytes of [1, 3, 7, 65_536]) assert.deepStrictEqual(texts(await replay(file, "", chunkBytes)), wanted);
});

Deno.test("replayCsv() keeps the name of an unnamed column and the order of all", async () => {
  assert.deepStrictEqual(texts(await replay(",b,10,a\n0,x,y,z")), ['{"":0,"b":"x","10":"y","a":"z"}']);
});

Deno.test("replayCsv() drops a byte order mark, skips empty lines and needs no last line feed", async () => {
  assert.deepStrictEqual(texts(await replay("\ufeffa,b\n\n1,2\n\n\n3,4")), ['{"a":1,"b":2}', '{"a":3,"b":4}']);
  for (const file of ["", "a,b", "a,b\n"]) assert.deepStrictEqual(await replay(file), []);
});

Deno.test("replayCsv() reads key and time through the field map, the canonical name where the mapped one is missing", async () => {
  const file = "category,ts,timestamp\nhome,1735691160,2020-01-01T00:00:00Z\n5411,x,0\n,2025-01-01T00:26:00Z,0\n";
  const routes = (records: readonly TimedRecord[]) =>
    records.map(({ key, atMs }) => [key && decoder.decode(key), atMs]);
  assert.deepStrictEqual(routes(await replay(file, "category=cat,timestamp=ts")), [
    ["home", 1_735_691_160_000],
    [null, undefined],
    [null, 1_735_691_160_000],
  ]);
  assert.deepStrictEqual(routes(await replay("x\n1")), [[null, undefined]]);
});

Deno.test("replayCsv() reads key and time from the last of two columns with one name, as readers of the JSON do", async () => {
  const [record] = await replay("category,timestamp,category,timestamp\na,1,b,2");
  assert.deepStrictEqual([decoder.decode(record?.key ?? undefined), record?.atMs], ["b", 2_000]);
});

Deno.test("replayCsv() makes valid transactions of rows of the public card-fraud set under its field map", async () => {
  const file = `,trans_date_trans_time,cc_num,merchant,category,amt,state,unix_time,merch_lat,merch_long,is_fraud
1,2025-01-01 00:52:05,4642255475285942123,"fraud_Schaefer, McGlynn and Bosco",gas_transport,131.22,UT,1735692725,39.979941,-112.237930,1
`;
  const [record] = await replay(file, SPARKOV);
  assert.deepStrictEqual(decodeTransaction(record?.value ?? new Uint8Array(), parseFieldMap(SPARKOV), undefined), {
    category: "gas_transport",
    amount: 131.22,
    occurredAtMs: 1_735_692_725_000,
    region: "UT",
    lat: 39.979941,
    lon: -112.23793,
    isFraud: true,
    customerId: "4642255475285942123",
    merchant: "fraud_Schaefer, McGlynn and Bosco",
  });
  assert.deepStrictEqual([decoder.decode(record?.key ?? undefined), record?.atMs], [
    "gas_transport",
    1_735_692_725_000,
  ]);
});

Deno.test("replayCsv() ends with SyntaxError at a row of another width, a stray quote, an open quote and broken UTF-8", async () => {
  const latin1 = Uint8Array.of(...encoder.encode("a,b\n1,caf"), 0xe9, 10);
  for (const file of ["a,b\n1\n", "a,b\n1,2,3\n", 'a,b\n1,x"y\n', 'a,b\n1,"open\n', latin1, latin1.subarray(0, -1)]) {
    await assert.rejects(() => replay(file), { name: "SyntaxError", message: /^Cannot read CSV: / });
  }
});

Deno.test("replayCsv() gives the rows before a broken one", async () => {
  const seen: TimedRecord[] = [];
  await assert.rejects(async () => {
    const chunks = ReadableStream.from([encoder.encode("a,b\n1,2\n"), encoder.encode("3,4\n5\n")]);
    for await (const record of replayCsv(chunks, parseFieldMap(""))) seen.push(record);
  }, SyntaxError);
  assert.deepStrictEqual(texts(seen), ['{"a":1,"b":2}', '{"a":3,"b":4}']);
});

Deno.test("replayCsv() takes a row at the limit and refuses a larger one", async () => {
  const cell = "x".repeat(RECORD_MAX_BYTES - '{"a":""}'.length);
  assert.deepStrictEqual((await replay(`a\n${cell}`)).map(({ value }) => value?.length), [RECORD_MAX_BYTES]);
  await assert.rejects(() => replay(`a\n${cell}x`), SyntaxError);
  await assert.rejects(() => replay(`a\n"${cell}${cell}`), SyntaxError);
});

Deno.test("replayCsv() closes its source when the reader stops early", async () => {
  const state = { closed: false };
  async function* chunks(): AsyncGenerator<Uint8Array, void> {
    try {
      for (let row = 0; row < 1e6; row++) yield await Promise.resolve(encoder.encode("a,b\n"));
    } finally {
      state.closed = true;
    }
  }
  for await (const _record of replayCsv(chunks(), parseFieldMap(""))) break;
  await new Promise<void>((resolve) => setImmediate(resolve));
  assert.strictEqual(state.closed, true);
});
