import assert from "node:assert/strict";
import { EXCERPT_CHARS, excerptOf } from "../../src/stream/letter_excerpt.ts";

const letter = (value: Uint8Array | null) => (
  { reason: "invalid", detail: "json", topic: "t", partition: 3, offset: 9, timeMs: 5, value } as const
);
const ofText = (text: string) => excerptOf(letter(new TextEncoder().encode(text)));

Deno.test("excerptOf() keeps where a letter stood and why, and no bytes", () => {
  assert.deepEqual(ofText("{"), {
    reason: "invalid",
    detail: "json",
    partition: 3,
    offset: 9,
    timeMs: 5,
    text: "{",
    isCut: false,
  });
  assert.deepEqual([excerptOf(letter(null)).text, excerptOf({ ...letter(null), timeMs: undefined }).timeMs], [
    null,
    null,
  ]);
});

Deno.test("excerptOf() cuts a value at EXCERPT_CHARS and says so, wherever its characters end", () => {
  for (const unit of ["x", "é", "字", "☕️", "𝕏"]) {
    const whole = unit.repeat(EXCERPT_CHARS).slice(0, EXCERPT_CHARS);
    const { text, isCut } = ofText(whole.toWellFormed());
    assert.deepEqual([text, isCut], [whole.toWellFormed(), false], unit);
    const longer = ofText(unit.repeat(EXCERPT_CHARS + 1));
    assert.deepEqual(
      [longer.text?.length, longer.isCut, longer.text?.isWellFormed()],
      [EXCERPT_CHARS, true, true],
      unit,
    );
  }
});

Deno.test("excerptOf() shows what is no UTF-8 as U+FFFD", () => {
  assert.equal(excerptOf(letter(Uint8Array.of(0xff, 0x41))).text, "\uFFFDA");
});
