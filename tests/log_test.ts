import assert from "node:assert/strict";
import { readable } from "../src/log.ts";

Deno.test("readable() gives time, level, message and fields on one line, whatever the values hold", () => {
  const time = "2026-01-01T12:00:05.123Z";
  const line = JSON.stringify({ level: 40, time, reason: "a\nb\x1b[2J\x9b2J", count: 3, msg: "A flush was put off" });
  assert.strictEqual(
    readable(line),
    String.raw`12:00:05 WARN A flush was put off reason="a\nb\u001b[2J\u009b2J" count=3`,
  );
});
