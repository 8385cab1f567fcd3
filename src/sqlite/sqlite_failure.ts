/** What an error of SQLite means to the caller of a port. */
import { ConfigError, FencedError, RetryableError } from "../stream/failures.ts";

/** Result codes after which the same call may succeed: busy, locked, out of memory, I/O, full, protocol. */
const PASSING = new Set([5, 6, 7, 10, 13, 15]);
/** Result codes that only a person can cure: read-only, corrupt, cannot open, not a database. */
const LASTING: ReadonlyMap<number, string> = new Map([
  [8, "make the file writable"],
  [11, "it is damaged: move it away, or bring back a copy of it"],
  [14, "make its folder readable and writable"],
  [26, "another program wrote it: move it away, or choose another data directory"],
]);
const PRIMARY_CODE = 0xff;

/** What was done to which file. */
export interface Doing {
  /** A verb and its object, such as `append records`. */
  readonly action: string;
  readonly path: string;
}

/** `cause` as one of the classes that a catcher of a port chooses by; what is not SQLite's stays as it is. */
export function sqliteFailure(cause: unknown, { action, path }: Doing): unknown {
  if (cause instanceof RetryableError || cause instanceof ConfigError || cause instanceof FencedError) return cause;
  const code = resultCode(cause);
  if (code === undefined || !(cause instanceof Error)) return cause;
  const message = `Cannot ${action}: ${cause.message} (SQLite code ${code}, ${path})`;
  if (PASSING.has(code)) return new RetryableError(message, { cause });
  const cure = LASTING.get(code);
  return cure === undefined ? cause : new ConfigError(`${message}; ${cure}`, { cause });
}

/** SQLite's primary result code, or undefined when the error is not SQLite's. */
function resultCode(cause: unknown): number | undefined {
  if (!(cause instanceof Error) || !("errcode" in cause) || typeof cause.errcode !== "number") return undefined;
  return cause.errcode & PRIMARY_CODE;
}
