import assert from "node:assert/strict";
import { CommandError, measured } from "../../bench/measured_process.ts";

const ENV = { PATH: Deno.env.get("PATH") ?? "" };

function bash(script: string, withinMs = 60_000) {
  return measured({ command: ["bash", "-c", script], env: ENV, withinMs });
}

Deno.test("measured() reads marks and DONE, and the CPU time of children too", async () => {
  const burn = "for ((i = 0; i < 200000; i++)); do :; done";
  const { marks, done, cpuSeconds, peakRssMib } = await bash(`echo P 5 1000; (${burn}); ${burn}; echo DONE a=1 b=x`);
  assert.deepStrictEqual(
    { marks, done: Object.fromEntries(done), cpu: cpuSeconds > 0, rss: peakRssMib > 0 },
    { marks: [{ records: 5, atMs: 1_000 }], done: { a: "1", b: "x" }, cpu: true, rss: true },
  );
});

Deno.test("measured() rejects with the end of the output when the command fails", async () => {
  await assert.rejects(bash("echo what went wrong; exit 3"), (error: unknown) => (
    error instanceof CommandError && error.message.includes("exit code 3") && error.message.includes("what went wrong")
  ));
});

Deno.test("measured() kills the whole tree when time is over", async () => {
  await assert.rejects(bash("sleep 60 & wait", 300), CommandError);
});
