/**
 * Questions that wait for their answers, and why they may not get one.
 *
 * I1. Every question settles exactly once: answer, failure, or deadline. A later answer reports `false`.
 * I2. One armed timer per distinct deadline length, however many questions wait; settled questions are forgotten.
 */
import type { Clock, Timer } from "../clock.ts";
import type { Failure } from "./failure.ts";

/** Why a question was not answered: no answer in time, nobody there, the handler failed, or the mailbox was full. */
export type AskReason = "timeout" | "down" | "failed" | "refused";

/** What `Ref.ask` rejects with. */
export class AskError extends Error {
  override readonly name = "AskError";
  readonly reason: AskReason;
  readonly failure?: Failure;

  constructor(question: string, reason: AskReason, failure?: Failure) {
    super(`Cannot ask ${question}: ${failure === undefined ? reason : `${reason}: ${failure.message}`}`);
    this.reason = reason;
    if (failure !== undefined) this.failure = failure;
  }
}

/** How a question ended, as plain data. */
export type Answer =
  | { readonly type: "value"; readonly value: unknown }
  | { readonly type: "error"; readonly reason: AskReason; readonly failure?: Failure };

/** What is asked of whom, and until when. */
interface Asked {
  readonly path: string;
  readonly kind: string;
  readonly dueMs: number;
}

/** One waiting question. */
export class Question {
  readonly asks = true;
  readonly promise: Promise<never>;
  readonly asked: Asked;
  /** Called when the question is settled, by whoever keeps it by number. */
  forget: (() => void) | undefined;
  readonly #line: Set<Question>;
  readonly #resolve: (value: never) => void;
  readonly #reject: (error: AskError) => void;

  constructor(asked: Asked, line: Set<Question>) {
    const { promise, resolve, reject } = Promise.withResolvers<never>();
    this.promise = promise;
    this.#resolve = resolve;
    this.#reject = reject;
    this.asked = asked;
    this.#line = line;
    line.add(this);
  }

  /** As an envelope: a question in a mailbox of this thread has no credit to return. */
  taken(): void {}

  /** Settles the question; `false` when it was settled before. */
  settle(answer: Answer): boolean {
    if (!this.#line.delete(this)) return false;
    this.forget?.();
    // The one place where the reply's type is taken on trust: the handler table promised it to the asker.
    if (answer.type === "value") this.#resolve(answer.value as never);
    else this.#reject(new AskError(`${this.asked.path} ${this.asked.kind}`, answer.reason, answer.failure));
    return true;
  }
}

/** All questions asked from one thread. */
export class Questions {
  readonly #clock: Clock;
  readonly #lines = new Map<number, { waiting: Set<Question>; timer: Timer | undefined }>();

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** Opens a question that fails with `timeout` after `withinMs`. */
  open(path: string, kind: string, withinMs: number): Question {
    let line = this.#lines.get(withinMs);
    if (line === undefined) {
      line = { waiting: new Set(), timer: undefined };
      this.#lines.set(withinMs, line);
    }
    const question = new Question({ path, kind, dueMs: this.#clock.elapsedMs() + withinMs }, line.waiting);
    line.timer ??= this.#clock.after(withinMs, () => this.#expire(withinMs));
    return question;
  }

  /** Questions that are waiting now. */
  get count(): number {
    let count = 0;
    for (const { waiting } of this.#lines.values()) count += waiting.size;
    return count;
  }

  /** Fails every question and disarms every timer. */
  close(): void {
    for (const { waiting, timer } of this.#lines.values()) {
      timer?.[Symbol.dispose]();
      for (const question of waiting) question.settle({ type: "error", reason: "down" });
    }
    this.#lines.clear();
  }

  /** A line is in order of its deadlines, because all its questions wait equally long. */
  #expire(withinMs: number): void {
    const line = this.#lines.get(withinMs);
    if (line === undefined) return;
    const nowMs = this.#clock.elapsedMs();
    for (const question of line.waiting) {
      if (question.asked.dueMs > nowMs) {
        line.timer = this.#clock.after(question.asked.dueMs - nowMs, () => this.#expire(withinMs));
        return;
      }
      question.settle({ type: "error", reason: "timeout" });
    }
    this.#lines.delete(withinMs);
  }
}
