/**
 * Whatever can be sent to, and what travels with a message.
 *
 * I1. Delivering never throws and never blocks.
 */
import type { Address, Delivery } from "./actor.ts";
import type { Answer } from "./ask.ts";
import type { Exit } from "./failure.ts";

/** What travels with a message whose sender wants to hear of it. */
export interface Envelope {
  /** Whether the sender waits for an answer. */
  readonly asks: boolean;
  /** The message has left the mailbox, handled or not. */
  taken(): void;
  /** Ends the question, if it was one; `false` when the asker no longer waits. */
  settle(answer: Answer): boolean;
}

/** One actor's wish to know of another's end. */
export interface Watch {
  notify(exit: Exit): void;
}

/** Whatever can be sent to. */
export interface Target extends Address {
  /** Ended for good: senders must look up the path anew. */
  readonly closed: boolean;
  deliver(kind: string, payload: unknown, envelope: Envelope | undefined): Delivery;
  ask(kind: string, payload: unknown, withinMs: number): Promise<never>;
  watch(watch: Watch): void;
  unwatch(watch: Watch): void;
}
