/**
 * A reply given later than the handler's return, without holding the actor's turn.
 *
 * I1. The first of `resolve` and `reject` decides; later calls do nothing.
 * I2. It may be settled before the framework has seen it returned: the outcome waits for the asker.
 */

/** How a question ended, as seen by who answers it. */
export type Outcome =
  | { readonly type: "value"; readonly value: unknown }
  | { readonly type: "failed"; readonly thrown: unknown };

/** Returned by a handler in place of its answer; made by `Context.defer()`. */
export class Deferred<T> {
  #outcome: Outcome | undefined;
  #settle: ((outcome: Outcome) => void) | undefined;

  /** Answers. Works after the handler's turn has ended, and after a restart of the actor does nothing. */
  resolve(value: T): void {
    this.#finish({ type: "value", value });
  }

  /** Answers with a failure: the asker gets `AskError` with reason `failed`. The actor itself does not crash. */
  reject(thrown: unknown): void {
    this.#finish({ type: "failed", thrown });
  }

  /** For the cell: where the outcome goes. */
  deliverTo(settle: (outcome: Outcome) => void): void {
    if (this.#outcome === undefined) this.#settle = settle;
    else settle(this.#outcome);
  }

  #finish(outcome: Outcome): void {
    if (this.#outcome !== undefined) return;
    this.#outcome = outcome;
    this.#settle?.(outcome);
  }
}
