/**
 * The right to process a log, held by one process at a time.
 *
 * The lock is an exclusive transaction on a file of its own, which the operating system ends with the process: nothing
 * is left behind by a crash, and no process number has to be looked up.
 */
import { DatabaseSync } from "node:sqlite";
import { ConfigError } from "../stream/failures.ts";
import { sqliteFailure } from "./sqlite_failure.ts";

const BUSY = 5;

/** A lock that is held until it is disposed of or the process ends. */
export class OwnerLock implements Disposable {
  readonly #handle: DatabaseSync;

  private constructor(handle: DatabaseSync) {
    this.#handle = handle;
  }

  /**
   * Takes the lock at `path`, or undefined when somebody holds it.
   *
   * @throws {ConfigError} when the file cannot be opened.
   */
  static take(path: string): OwnerLock | undefined {
    const handle = open(path);
    try {
      handle.prepare("BEGIN EXCLUSIVE").run();
      return new OwnerLock(handle);
    } catch (cause) {
      handle.close();
      if (cause instanceof Error && "errcode" in cause && cause.errcode === BUSY) return undefined;
      throw sqliteFailure(cause, { action: "lock the log", path });
    }
  }

  [Symbol.dispose](): void {
    if (this.#handle.isOpen) this.#handle.close();
  }
}

function open(path: string): DatabaseSync {
  try {
    return new DatabaseSync(path, { timeout: 0 });
  } catch (cause) {
    throw new ConfigError(`Cannot open ${path}: make its folder readable and writable`, { cause });
  }
}
