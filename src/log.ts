/**
 * The log, on standard error: one line of JSON an event, or a line for a person when that is a terminal.
 *
 * I1. No text of a record, a peer or a file can start a line or move a cursor: values are written as JSON.
 */
import { pino } from "pino";

/** Facts beside the sentence; never secrets. */
export type LogFields = Readonly<Record<string, unknown>>;

/** Where the program says what happens. Messages are sentences in the past tense without values; values are fields. */
export interface Log {
  debug(message: string, fields?: LogFields): void;
  info(message: string, fields?: LogFields): void;
  warn(message: string, fields?: LogFields): void;
  error(message: string, fields?: LogFields): void;
}

/** How much is said. */
export type LogLevel = "debug" | "info" | "warn" | "error" | "silent";

/** A log on standard error. */
export function createLog(level: LogLevel): Log {
  const logger = pino(
    { level, base: null, timestamp: pino.stdTimeFunctions.isoTime },
    Deno.stderr.isTerminal() ? terminal : pino.destination({ fd: 2, sync: true }),
  );
  return {
    debug: (message, fields = {}) => logger.debug(fields, message),
    info: (message, fields = {}) => logger.info(fields, message),
    warn: (message, fields = {}) => logger.warn(fields, message),
    error: (message, fields = {}) => logger.error(fields, message),
  };
}

/** Clears the status line that may stand at the foot, then writes. */
const terminal = {
  write: (line: string) => void Deno.stderr.writeSync(new TextEncoder().encode(`\r\x1b[2K${readable(line)}\n`)),
};

/** A line of the log for a person: time, level, message, fields. */
export function readable(line: string): string {
  const { level, time, msg, ...fields } = JSON.parse(line);
  const facts = Object.entries(fields).map(([name, value]) => ` ${name}=${printable(JSON.stringify(value))}`);
  return `${time.slice(11, 19)} ${pino.levels.labels[level]?.toUpperCase()} ${msg}${facts.join("")}`;
}

/** JSON leaves the upper control characters as they are, and one of them begins a terminal's command. */
function printable(json: string): string {
  return json.replaceAll(/[\u007f-\u009f]/g, (control) => `\\u00${control.charCodeAt(0).toString(16)}`);
}
