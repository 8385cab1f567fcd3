import assert from "node:assert/strict";
import { compileDecoder, DECODE_WASM } from "../../src/domain/wasm/build.ts";

Deno.test("decode.wasm is what the pinned compiler makes of its sources: `deno task wasm` makes it anew", async () => {
  assert.ok(Uint8Array.from(await compileDecoder()).toHex() === (await Deno.readFile(DECODE_WASM)).toHex());
});
