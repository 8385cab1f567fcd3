/** What the command line says of itself, and of what is wrong. */
import assert from "node:assert/strict";
import { systemClock } from "../../src/clock.ts";
import { Installation } from "./installation.ts";

const COMMANDS = [
  ["dev"],
  ["run"],
  ["produce"],
  ["topic"],
  ["topic", "create"],
  ["topic", "delete"],
  ["topic", "describe"],
  ["topic", "tail"],
  ["export"],
  ["health"],
  ["doctor"],
];
const AT_ONCE = 3;
const SECRET = "hunter2";

for (let from = 0; from < COMMANDS.length; from += AT_ONCE) {
  const commands = COMMANDS.slice(from, from + AT_ONCE), names = commands.map((words) => words.join(" "));
  Deno.test(`tally --help of ${names.join(", ")} exits 0 and shows examples`, async () => {
    await using tally = await Installation.create();
    const helps = await Promise.all(commands.map((words) => tally.run(...words, "--help")));
    const withoutExample = names.filter((name, index) =>
      !helps[index]?.split("Examples:")[1]?.includes(`tally ${name}`)
    );
    assert.deepEqual(withoutExample, []);
  });
}

Deno.test("tally --help names every command and exits 0", async () => {
  await using tally = await Installation.create();
  const help = await tally.run("--help");
  assert.deepEqual(COMMANDS.filter(([name]) => !new RegExp(`^  ${name}\\b`, "m").test(help)), []);
});

Deno.test("tally with a wrong configuration exits 2 before it does anything, one line a problem, secrets masked", async () => {
  await using tally = await Installation.create({
    TALLY_PORT: "65536",
    TALLY_SLIDE: "soon",
    FIELD_MAP: "sum=amt",
    KAFKA_BROKERS: "localhost",
    INFLUX_URL: `ftp://admin:${SECRET}@localhost`,
    INFLUX_TOKEN: SECRET,
    TALLY_TOKEN: SECRET,
    KAFKA_SASL_PASSWORD: SECRET,
  });
  const commands = [["run"], ["dev", "--for", "1s"], ["produce", "--count", "1"]];
  for (const { code, stdout, stderr } of await Promise.all(commands.map((args) => tally.start(...args).finished()))) {
    const problems = stderr.trimEnd().split("\n");
    assert.deepEqual(
      { code, stdout, names: problems.map((line) => line.slice(0, line.indexOf(":"))).toSorted() },
      { code: 2, stdout: "", names: ["FIELD_MAP", "INFLUX_URL", "KAFKA_BROKERS", "TALLY_PORT", "TALLY_SLIDE"] },
      stderr,
    );
    assert.ok(!stderr.includes(SECRET), stderr);
  }
  await assert.rejects(Deno.stat(`${tally.directory}/data`), Deno.errors.NotFound);
});

Deno.test("tally with wrong usage exits 2 and says what is wrong", async () => {
  await using tally = await Installation.create();
  const wrong: readonly (readonly [args: readonly string[], said: RegExp])[] = [
    [["frobnicate"], /frobnicate/],
    [["run", "--window", "7s"], /TALLY_WINDOW.*7/],
    [["export", "--measurement", "sales"], /transactions_avg/],
    [["produce", "--rate", "0"], /0/],
    [["produce", "--file", "/nowhere/at/all.csv"], /\/nowhere\/at\/all\.csv/],
    [["dev", "--for", "tomorrow"], /tomorrow/],
    [["produce", "--incident", "rate-drop:category=home,by=2"], /^[^\n]*rate-drop[^\n]*after the kind come[^\n]*\n$/],
    [["produce", "--incident", "rate-drop:category=shoes"], /^Cannot use --incident rate-drop: .*got shoes\n$/],
    [
      ["produce", "--incident", "rate-drop:category=home", "--labels", "/nowhere/at/all"],
      /--labels \/nowhere\/at\/all/,
    ],
  ];
  await Promise.all(wrong.map(async ([args, said]) => {
    const { code, stderr } = await tally.start(...args).finished();
    assert.equal(code, 2, `${args.join(" ")}: ${stderr}`);
    assert.match(stderr, said);
  }));
});

Deno.test("tally produce with event times past now exits 2 unless --allow-future", async () => {
  await using tally = await Installation.create();
  const start = new Date(systemClock.nowMs() + 3_600_000).toISOString();
  const args = ["produce", "--count", "10", "--speed", "max", "--start", start];
  const { code, stderr } = await tally.start(...args).finished();
  assert.equal(code, 2, stderr);
  assert.match(await tally.run(...args, "--allow-future"), /"sent":10,/);
});
