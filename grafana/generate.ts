/** Writes the dashboards and provisioning files: `deno run -R -W grafana/generate.ts`. */
import { dirname } from "node:path";
import { fileURLToPath } from "node:url";
import { files } from "./src/files.ts";

for (const [name, text] of files()) {
  const path = fileURLToPath(new URL(name, import.meta.url));
  await Deno.mkdir(dirname(path), { recursive: true });
  await Deno.writeTextFile(path, text);
  console.log(`grafana/${name}`);
}
