/** Settings as command-line flags. */
import { type Command, Option } from "commander";
import { type Config, readConfig } from "../config.ts";
import { type Setting, SETTINGS } from "../settings.ts";
import { ConfigError } from "../stream/failures.ts";

const GROUP = "Settings (flag, else environment, else default):";

/** Adds a flag for every setting. That of a secret is there to be refused: see `configOf`. */
export function withSettings(command: Command): Command {
  for (const setting of Object.values<Setting<unknown>>(SETTINGS)) {
    const { flag, env, summary, allowed, fallback, isSecret } = setting;
    const standard = fallback === undefined || fallback === "" || isSecret ? "" : `, default ${fallback}`;
    const option = new Option(`--${flag} <value>`, `${summary} (${env}; ${allowed}${standard})`).helpGroup(GROUP);
    command.addOption(option.hideHelp(isSecret));
  }
  return command;
}

/**
 * The configuration of a command that was called with `options`.
 *
 * @throws {ConfigError} also for a secret among the arguments, which every user of the machine can read.
 */
export function configOf(options: Readonly<Record<string, unknown>>): Config {
  for (const { flag, env, isSecret } of Object.values<Setting<unknown>>(SETTINGS)) {
    if (!isSecret || options[camelCase(flag)] === undefined) continue;
    throw new ConfigError(`--${flag}: a secret must not stand among the arguments; set ${env} in the environment`);
  }
  const flags = Object.entries<Setting<unknown>>(SETTINGS).map(([name, { flag }]) => {
    const value = options[camelCase(flag)];
    return [name, typeof value === "string" ? value : undefined];
  });
  return readConfig({ flags: Object.fromEntries(flags) });
}

function camelCase(flag: string): string {
  return flag.replace(/-(.)/g, (_, letter: string) => letter.toUpperCase());
}
