/** `tally grafana`: writes the dashboards, alert rules and provisioning files for a Grafana of one's own. */
import { dirname, join } from "node:path";
import { Command } from "commander";
import { files } from "../../grafana/src/files.ts";

/** The command. */
export function grafanaCommand(): Command {
  return new Command("grafana")
    .description("write Grafana's data source, dashboards and alert rules as files")
    .option("--out <folder>", "where to", "./grafana")
    .addHelpText("after", EXAMPLES)
    .action(async ({ out }: { readonly out: string }) => await write(out));
}

const EXAMPLES = `
Examples:
  tally grafana --out /etc/tally     then mount provisioning/ and dashboards/ as grafana/README.md says`;

async function write(folder: string): Promise<void> {
  for (const [name, text] of files()) {
    const path = join(folder, name);
    await Deno.mkdir(dirname(path), { recursive: true });
    await Deno.writeTextFile(path, text);
    console.log(path);
  }
}
