/** A member that remembers all it is told, in order, and lets go when the test says so. */
import type { Assignment, Member } from "../../src/stream/source.ts";

/** What the owner of a source hears, as lines: `assigned 0,1`, `revoked`, `let go`, `lost …`. */
export class TellingMember implements Member {
  readonly told: string[] = [];
  #current: Assignment | undefined;
  readonly #letGo: (assignment: Assignment) => Promise<void>;
  readonly #onTold: (() => void)[] = [];

  /** @param letGo - what it does before it lets go of an assignment */
  constructor(letGo: (assignment: Assignment) => Promise<void> = () => Promise.resolve()) {
    this.#letGo = letGo;
  }

  assigned(assignment: Assignment): void {
    this.#current = assignment;
    this.#tell(`assigned ${assignment.partitions}`);
  }

  async revoked(): Promise<void> {
    this.#tell("revoked");
    if (this.#current !== undefined) await this.#letGo(this.#current);
    this.#tell("let go");
  }

  lost(reason: string): void {
    this.#tell(`lost ${reason}`);
  }

  /** The last assignment. */
  get current(): Assignment {
    if (this.#current === undefined) throw new TypeError("Cannot tell assignment: there was none");
    return this.#current;
  }

  /** Resolves once something was told that starts like this, not counting the first `from` things. */
  async heard(start: string, from = 0): Promise<void> {
    while (!this.told.slice(from).some((one) => one.startsWith(start))) {
      await new Promise<void>((resolve) => this.#onTold.push(resolve));
    }
  }

  #tell(what: string): void {
    this.told.push(what);
    for (const wake of this.#onTold.splice(0)) wake();
  }
}
