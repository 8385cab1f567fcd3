/** What repairs have put back, as the processor that runs beside them knows it. */
import type { Clock } from "../clock.ts";
import type { Amendments } from "./amendments.ts";
import type { Checkpoint } from "./checkpoint.ts";
import { RetryableError } from "./failures.ts";

const LOOK_EVERY_MS = 5_000;

/** Enters the counts of repairs into checkpoints, and so into ledgers. */
export class AmendedCounts {
  readonly #amendments: Pick<Amendments, "counts">;
  readonly #clock: Clock;
  #counts: ReadonlyMap<number, number> = new Map();
  #lookedAtMs = -Infinity;

  constructor(amendments: Pick<Amendments, "counts">, clock: Clock) {
    this.#amendments = amendments;
    this.#clock = clock;
  }

  /** Looks at the counts, at most every 5 s; one that cannot be read now is read at the next look. */
  async refresh(): Promise<void> {
    const nowMs = this.#clock.elapsedMs();
    if (nowMs - this.#lookedAtMs < LOOK_EVERY_MS) return;
    this.#lookedAtMs = nowMs;
    try {
      this.#counts = await this.#amendments.counts();
    } catch (error) {
      if (!(error instanceof RetryableError)) throw error;
    }
  }

  /** The checkpoint with what was put back in its ledger; committed, it outlives the repair's own records. */
  entered(partition: number, checkpoint: Checkpoint): Checkpoint {
    const { ledger } = checkpoint, amended = this.#counts.get(partition) ?? 0;
    return amended <= ledger.amended ? checkpoint : { ...checkpoint, ledger: { ...ledger, amended } };
  }
}
