/**
 * An actor on the other thread, as its senders see it.
 *
 * I1. At most `capacity` messages are on their way or in the far mailbox: it need not refuse its only sender.
 * I2. A message without credit is refused here, at once, and is a dead letter.
 * I3. When the link is lost every watch is told, and what was under way is counted as dead letters.
 */
import type { Delivery } from "./actor.ts";
import { type Answer, AskError, type Question } from "./ask.ts";
import { type Exit, toFailure } from "./failure.ts";
import type { Frame } from "./frame.ts";
import type { Kernel } from "./kernel.ts";
import type { Envelope, Target, Watch } from "./target.ts";

/** What an outlet needs of its wire. */
export interface OutletLink {
  readonly kernel: Kernel;
  send(frame: Frame): void;
  /** Numbers something that the far side will answer. */
  number(): number;
  expect(question: number, asked: Question): void;
}

/** One credit account with one actor on the other thread. */
export class Outlet implements Target {
  readonly path: string;
  readonly via: number;
  readonly #link: OutletLink;
  readonly #capacity: number;
  readonly #watches = new Map<Watch, number>();
  #credits: number;
  #closed = false;

  constructor(link: OutletLink, path: string, capacity: number) {
    [this.#link, this.path, this.#capacity, this.#credits] = [link, path, capacity, capacity];
    this.via = link.number();
  }

  get closed(): boolean {
    return this.#closed;
  }

  /** Messages on their way or in the far mailbox. */
  get underWay(): number {
    return this.#capacity - this.#credits;
  }

  deliver(kind: string, payload: unknown, envelope: Envelope | undefined): Delivery {
    envelope?.taken();
    if (envelope?.asks === true) return this.#relay(kind, payload, envelope);
    if (!this.#spend(kind)) return "refused";
    this.#link.send({ type: "tell", to: this.path, via: this.via, kind, payloads: [payload] });
    return "accepted";
  }

  ask(kind: string, payload: unknown, withinMs: number): Promise<never> {
    const question = this.#link.kernel.questions.open(this.path, kind, withinMs);
    this.askFor(question, payload);
    return question.promise;
  }

  /** Asks on behalf of a question that is open on this thread. */
  askFor(question: Question, payload: unknown): Delivery {
    const { kind } = question.asked;
    if (!this.#spend(kind)) {
      question.settle({ type: "error", reason: this.#closed ? "down" : "refused" });
      return "refused";
    }
    const number = this.#link.number();
    this.#link.expect(number, question);
    this.#link.send({ type: "ask", to: this.path, via: this.via, kind, payload, question: number });
    return "accepted";
  }

  watch(watch: Watch): void {
    const number = this.#link.number();
    this.#watches.set(watch, number);
    this.#link.send({ type: "watch", to: this.path, watch: number });
  }

  unwatch(watch: Watch): void {
    const number = this.#watches.get(watch);
    if (number === undefined) return;
    this.#watches.delete(watch);
    this.#link.send({ type: "unwatch", watch: number });
  }

  /** The far side told of an end. */
  down(number: number, exit: Exit): boolean {
    for (const [watch, each] of this.#watches) {
      if (each !== number) continue;
      this.#watches.delete(watch);
      watch.notify(exit);
      return true;
    }
    return false;
  }

  /** The far side has taken messages out of the mailbox. */
  credit(count: number): void {
    this.#credits = Math.min(this.#capacity, this.#credits + count);
  }

  /** The link, or the actor behind it, is gone. */
  close(exit: Exit): void {
    if (this.#closed) return;
    this.#closed = true;
    for (const watch of this.#watches.keys()) watch.notify(exit);
    this.#watches.clear();
    if (exit.why === "workerLost" && this.underWay > 0) {
      this.#link.kernel.facts.deadLetter({ to: this.path, kind: "*" }, "workerLost", this.underWay);
    }
  }

  /** A question from a third thread is asked anew from here, and its outcome passed on. */
  #relay(kind: string, payload: unknown, envelope: Envelope): Delivery {
    const question = this.#link.kernel.questions.open(this.path, kind, RELAY_MS);
    question.promise.then(
      (value) => envelope.settle({ type: "value", value }),
      (error) => envelope.settle(answerOf(error)),
    );
    return this.askFor(question, payload);
  }

  #spend(kind: string): boolean {
    if (!this.#closed && this.#credits > 0) {
      this.#credits--;
      return true;
    }
    this.#link.kernel.facts.deadLetter({ to: this.path, kind: kind }, this.#closed ? "stopped" : "full");
    return false;
  }
}

/** A relayed question waits at most this long here; the asker's own deadline is what counts. */
const RELAY_MS = 60_000;

function answerOf(error: unknown): Answer {
  if (!(error instanceof AskError)) return { type: "error", reason: "failed", failure: toFailure(error) };
  return { type: "error", reason: error.reason, ...(error.failure && { failure: error.failure }) };
}
