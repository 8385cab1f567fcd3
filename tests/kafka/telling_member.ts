/** A member that remembers all it is told, in order, and lets go when the test says so. */
import { FencedError } from "../../src/stream/failures.ts";
import type { Assignment, Committed, Member, Source } from "../../src/stream/source.ts";
import { retried } from "./kafka_world.ts";

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

/**
 * Commits in the place that the member has by then: its session may have been over before a coordinator, killed or busy,
 * answered again.
 */
export async function commitInPlace(source: Source, member: TellingMember, commit: Committed): Promise<void> {
  for (;;) {
    const toldBefore = member.told.length;
    try {
      return await retried(() => source.commit(member.current.generation, [commit]));
    } catch (error) {
      if (!(error instanceof FencedError)) throw error;
      await member.heard("assigned", toldBefore);
    }
  }
}
