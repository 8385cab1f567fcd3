import assert from "node:assert/strict";
import { crc32c } from "../../src/stream/crc32c.ts";

Deno.test("crc32c() gives the published check values", () => {
  const bytes = (fill: (index: number) => number) => Uint8Array.from({ length: 32 }, (_, index) => fill(index));
  // Source: RFC 3720, B.4, and the check value of "123456789".
  assert.deepEqual(
    [new TextEncoder().encode("123456789"), bytes(() => 0), bytes(() => 255), bytes((at) => at), bytes((at) => 31 - at)]
      .map(crc32c),
    [0xe3069283, 0x8a9136aa, 0x62a8ab43, 0x46dd794e, 0x113fdb5c],
  );
});

Deno.test("crc32c() of nothing is 0, and of a part of a buffer is that of the part", () => {
  const whole = new TextEncoder().encode("..123456789..");
  assert.deepEqual([crc32c(new Uint8Array(0)), crc32c(whole.subarray(2, 11))], [0, 0xe3069283]);
});
