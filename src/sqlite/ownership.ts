/** Who processes a log: at most one process, and under which generation. */
import { ConfigError, FencedError } from "../stream/failures.ts";
import { integerIn } from "./database.ts";
import type { LogFile } from "./log_file.ts";
import { OwnerLock } from "./owner_lock.ts";

/** The right to process and to commit, until disposed of. */
export class Ownership implements Disposable {
  readonly generation: number;
  readonly #file: LogFile;
  readonly #group: string;
  readonly #lock: OwnerLock;

  private constructor(file: LogFile, group: string, lock: OwnerLock) {
    this.#file = file;
    this.#group = group;
    this.#lock = lock;
    this.generation = file.database.transaction("join the group", () => this.#enter());
  }

  /**
   * Takes the log for `group`. A process that died has given it up.
   *
   * @throws {ConfigError} when another process has it, which is named.
   */
  static take(file: LogFile, group: string): Ownership {
    const lock = OwnerLock.take(`${file.directory}/log.lock`);
    if (lock === undefined) throw new ConfigError(`Cannot process the log in ${file.directory}: ${ownerOf(file)}`);
    try {
      return new Ownership(file, group, lock);
    } catch (cause) {
      lock[Symbol.dispose]();
      throw cause;
    }
  }

  /**
   * Makes sure that nobody has joined since; called inside the transaction of a commit.
   *
   * @throws {FencedError} when somebody has.
   */
  assertCurrent(): void {
    const current = this.#generation();
    if (current === this.generation) return;
    throw new FencedError(`Cannot commit in generation ${this.generation}: group ${this.#group} is at ${current}`);
  }

  [Symbol.dispose](): void {
    this.#lock[Symbol.dispose]();
  }

  #enter(): number {
    const { database, clock } = this.#file;
    database.prepare(
      `INSERT INTO generations (group_id, generation) VALUES (?, 1)
        ON CONFLICT DO UPDATE SET generation = generation + 1`,
    ).run(this.#group);
    database.prepare("INSERT OR REPLACE INTO owner (only, pid, since_ms) VALUES (1, ?, ?)")
      .run(Deno.pid, Math.trunc(clock.nowMs()));
    return this.#generation();
  }

  #generation(): number {
    const row = this.#file.database.prepare("SELECT generation FROM generations WHERE group_id = ?").get(this.#group);
    return integerIn(row, "generation");
  }
}

function ownerOf(file: LogFile): string {
  const row = file.database.prepare("SELECT pid, since_ms FROM owner").get();
  if (row === undefined) return "another process is just starting to";
  const since = new Date(integerIn(row, "since_ms")).toISOString();
  return `process ${integerIn(row, "pid")} has been doing so since ${since}; stop it, or choose another data directory`;
}
