import assert from "node:assert/strict";
import { ASSETS } from "../../src/web/assets.ts";
import { copyOf, originalOf, VENDORED } from "../../src/web/vendor.ts";

Deno.test("vendor: every copy equals the file of the package that deno.json pins", async () => {
  for (const file of VENDORED) {
    const [original, copy] = await Promise.all([Deno.readFile(originalOf(file)), Deno.readFile(copyOf(file))]);
    assert.deepEqual(copy, original, file.to);
  }
});

Deno.test("page: everything that the browser loads is under 150 kB gzipped, and nothing comes from elsewhere", async () => {
  let sizeBytes = 0;
  for (const file of Object.values(ASSETS)) {
    const bytes = await Deno.readFile(new URL(`../../src/web/page/${file}`, import.meta.url));
    const zipped = new Blob([bytes]).stream().pipeThrough(new CompressionStream("gzip"));
    sizeBytes += (await new Response(zipped).arrayBuffer()).byteLength;
    const text = new TextDecoder().decode(bytes);
    const elsewhere = /(?:src|href|from|import)\s*[=(]?\s*["'](?:https?:)?\/\//.exec(text);
    assert.equal(elsewhere, null, file);
  }
  assert.ok(sizeBytes < 150_000, `${sizeBytes} bytes`);
});

Deno.test("page: every file of the page is served, and every import leads to one", async () => {
  const page = new URL("../../src/web/page/", import.meta.url);
  const served = new Set(Object.values(ASSETS));
  for (const folder of ["", "parts/", "views/"]) {
    for await (const entry of Deno.readDir(new URL(folder, page))) {
      if (entry.isFile) assert.ok(served.has(`${folder}${entry.name}`), entry.name);
    }
  }
  for (const file of served) {
    if (!file.endsWith(".js") || file.startsWith("vendor/")) continue;
    const text = await Deno.readTextFile(new URL(file, page));
    for (const [, target = ""] of text.matchAll(/^import [^;]* from "(\..*)";$/gm)) {
      const path = new URL(target, new URL(file, page)).href.slice(page.href.length);
      assert.ok(served.has(path), `${file}: ${target}`);
    }
  }
});
