/** The log: one line of JSON an event, on standard error. */
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
    pino.destination({ fd: 2, sync: true }),
  );
  return {
    debug: (message, fields = {}) => logger.debug(fields, message),
    info: (message, fields = {}) => logger.info(fields, message),
    warn: (message, fields = {}) => logger.warn(fields, message),
    error: (message, fields = {}) => logger.error(fields, message),
  };
}
