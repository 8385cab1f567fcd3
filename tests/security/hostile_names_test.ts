/** Names that mean something to a shell, a spreadsheet, a database, a browser or a log mean nothing here. */
import assert from "node:assert/strict";
import { parse } from "csv-parse/sync";
import { csvCell } from "../../src/cli/csv_cell.ts";
import { Installation } from "../e2e/installation.ts";

const NAMES = [
  `"quoted"`,
  `it's`,
  `a,b`,
  `a;b`,
  `=1+1`,
  `+1`,
  `-1`,
  `@SUM(A1)`,
  `＝1+1`,
  `a;=1+1`,
  `","=1+1`,
  `__proto__`,
  `constructor`,
  `toString`,
  `👩‍👩‍👧‍👦😀`,
  `<script>alert(1)</script>`,
  `a\\`,
  `\\n`,
  `a b=c,d`,
  `a f=1i 1`,
  `a\u2028b`,
  `%00`,
  `\${x}`,
  `$(id)`,
  `../../etc/passwd`,
  `'; DROP TABLE points; --`,
  `é`.repeat(64),
  ` a `,
  `null`,
  `1`,
  `{"a":1}`,
  `a\u202eb`,
];
/** No category, and a region that is not known. */
const NO_NAMES = ["", "a\nb", "a\0b", "\t=1", "\r=1", "a\x1b[2Jb", "a\u009bb", "x".repeat(129), "x".repeat(10_240)];
const NOW_MS = Date.UTC(2026, 0, 1);

/** Events under each name, one second apart: the name as category with a known region, then as region; odd merchants. */
function events(): readonly string[] {
  const all = [...NAMES, ...NO_NAMES];
  const pairs = [
    ...all.map((category) => ({ category, region: "CA" })),
    ...all.map((region) => ({ category: "c", region })),
  ];
  return pairs.map((pair, index) => {
    const merchant = all[index % all.length], timestamp = NOW_MS + index;
    return JSON.stringify({ ...pair, merchant, customer_id: merchant, amount: 1, timestamp });
  });
}

const sorted = (names: Iterable<unknown>) => [...new Set(names)].map(String).toSorted();

Deno.test("tally counts hostile names under themselves and nothing else, in JSONL, CSV, dead letters and log alike", async () => {
  await using tally = await Installation.create({ TALLY_LOG_LEVEL: "debug" });
  await Deno.writeTextFile(`${tally.directory}/hostile.jsonl`, events().map((event) => `${event}\n`).join(""));
  await tally.run("produce", "--file", `${tally.directory}/hostile.jsonl`);
  const { code, stderr } = await tally.start("run", "--until-caught-up").finished();
  assert.equal(code, 0, stderr);
  for (const line of stderr.trimEnd().split("\n")) assert.equal(typeof JSON.parse(line).msg, "string", line);

  const points = await tally.points("transactions_total");
  assert.deepEqual(sorted(points.map(({ category }) => category)), sorted([...NAMES, "c"]));
  assert.deepEqual(sorted(points.map(({ region }) => region)), sorted([...NAMES, "CA", "unknown"]));
  const csv = await tally.run("export", "--measurement", "transactions_total", "--format", "csv");
  const rows: Record<string, string>[] = parse(csv, { columns: true });
  assert.deepEqual(
    rows.map(({ category, region }) => [category, region]),
    points.map(({ category, region }) => {
      return [category, region].map((name) => /^[=+\-@＝]/.test(String(name)) ? `'${name}` : name);
    }),
  );
  const letters = await tally.letters();
  assert.deepEqual(letters.map(({ detail }) => detail), NO_NAMES.map(() => "category"));
});

Deno.test("csvCell() leaves no cell that a spreadsheet would compute or split, and every name can be read back", () => {
  for (const name of [...NAMES, ...NO_NAMES]) {
    const cell = csvCell(name);
    assert.doesNotMatch(cell, /^"?[=+\-@\t\r\n＝＋－＠]/, cell);
    for (const delimiter of [",", ";", "\t"]) {
      const rows: string[][] = parse(`${cell}${delimiter}x\n`, { delimiter });
      assert.deepEqual(rows, [[/^[=+\-@\t\r\n＝＋－＠]/.test(name) ? `'${name}` : name, "x"]], cell);
    }
  }
  assert.deepEqual([-1.5, true, undefined].map(csvCell), ["-1.5", "true", ""]);
});
