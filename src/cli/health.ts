/** `tally health`: asks the page's `/healthz`, or `/livez`; for a container's health check. */
import { Command } from "commander";
import type { Config } from "../config.ts";
import { configOf, withSettings } from "./settings_options.ts";

const ANSWER_MS = 3_000;

/** The processor is not well, or not there. */
export class UnhealthyError extends Error {
  override readonly name = "UnhealthyError";
}

/** The command. */
export function healthCommand(): Command {
  return withSettings(new Command("health").description("exit 0 when the processor at TALLY_HOST:TALLY_PORT is well"))
    .option("--live", "exit 0 when it answers at all, behind or not: what a restart can mend")
    .addHelpText("after", EXAMPLES)
    .action(async (options: Record<string, unknown>) =>
      await health(configOf(options), options["live"] === true ? "/livez" : "/healthz")
    );
}

const EXAMPLES = `
Examples:
  tally health && echo well
  tally health --live
  tally health --port 8081`;

async function health({ host, port, token }: Config, path: string): Promise<void> {
  const at = host === "0.0.0.0" ? "127.0.0.1" : host === "::" ? "[::1]" : host;
  const headers: HeadersInit = token === undefined ? {} : { authorization: `Bearer ${token}` };
  const answer = await ask(`http://${at}:${port}${path}`, headers);
  console.log(answer.text);
  if (!answer.isWell) throw new UnhealthyError("Cannot call it healthy: see above");
}

async function ask(url: string, headers: HeadersInit): Promise<{ readonly isWell: boolean; readonly text: string }> {
  try {
    const response = await fetch(url, { headers, signal: AbortSignal.timeout(ANSWER_MS) });
    return { isWell: response.ok, text: (await response.text()).trim() };
  } catch (error) {
    throw new UnhealthyError(`Cannot reach ${url}: is \`tally run\` running there?`, { cause: error });
  }
}
