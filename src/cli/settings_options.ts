/** Settings as command-line flags. */
import { type Command, Option } from "commander";
import { type Config, readConfig } from "../config.ts";
import { type Setting, SETTINGS } from "../settings.ts";

const GROUP = "Settings (flag, else environment, else default):";

/** Adds a flag for every setting. */
export function withSettings(command: Command): Command {
  for (const setting of Object.values<Setting<unknown>>(SETTINGS)) {
    const { flag, env, summary, allowed, fallback, isSecret } = setting;
    const standard = fallback === undefined || fallback === "" || isSecret ? "" : `, default ${fallback}`;
    command.addOption(new Option(`--${flag} <value>`, `${summary} (${env}; ${allowed}${standard})`).helpGroup(GROUP));
  }
  return command;
}

/** The configuration of a command that was called with `options`. @throws {ConfigError} */
export function configOf(options: Readonly<Record<string, unknown>>): Config {
  const flags = Object.entries<Setting<unknown>>(SETTINGS).map(([name, { flag }]) => {
    const value = options[camelCase(flag)];
    return [name, typeof value === "string" ? value : undefined];
  });
  return readConfig({ flags: Object.fromEntries(flags) });
}

function camelCase(flag: string): string {
  return flag.replace(/-(.)/g, (_, letter: string) => letter.toUpperCase());
}
