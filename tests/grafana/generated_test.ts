import assert from "node:assert/strict";
import { files } from "../../grafana/src/files.ts";
import { GRAFANA } from "./grafana_files.ts";

Deno.test("grafana/: every generated file is what grafana/src says; else run deno task grafana", async () => {
  for (const [name, text] of files()) {
    assert.equal(await Deno.readTextFile(new URL(name, GRAFANA)), text, name);
  }
});

Deno.test("grafana/: nothing lies beside the generated files that Grafana would read too", async () => {
  const found: string[] = [];
  for (const folder of ["dashboards", "provisioning"]) await list(folder, found);
  assert.deepEqual(found.toSorted(), [...files().keys()].toSorted());
});

async function list(folder: string, found: string[]): Promise<void> {
  for await (const { name, isDirectory } of Deno.readDir(new URL(folder, GRAFANA))) {
    if (isDirectory) await list(`${folder}/${name}`, found);
    else found.push(`${folder}/${name}`);
  }
}
