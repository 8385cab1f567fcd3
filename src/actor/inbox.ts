/**
 * What one actor takes in, and what becomes of the messages it does not.
 *
 * I1. Every message is counted once: handled by its cell, refused, displaced, or buried at the end.
 * I2. A message that will never be handled is a dead letter, its credit returns, and its question fails.
 */
import type { Delivery, MailboxOptions } from "./actor.ts";
import type { DeadLetterReason } from "./facts.ts";
import type { Kernel } from "./kernel.ts";
import { Mailbox } from "./mailbox.ts";
import type { Envelope } from "./target.ts";

/** Mailbox bound when nobody says otherwise. */
export const DEFAULT_MAILBOX: MailboxOptions = { capacity: 4096, whenFull: "refuse" };

/** The intake of one actor; it outlives the actor's incarnations. */
export class Inbox {
  refused = 0;
  displaced = 0;
  readonly mailbox: Mailbox;
  readonly #kernel: Kernel;
  readonly #path: string;
  #open = true;

  constructor(kernel: Kernel, path: string, options: MailboxOptions = DEFAULT_MAILBOX) {
    this.#kernel = kernel;
    this.#path = path;
    this.mailbox = new Mailbox(options, (kind, envelope) => {
      this.displaced++;
      this.#drop(kind, envelope, "displaced");
    });
  }

  /** Queues a message, or refuses it. */
  take(kind: string, payload: unknown, envelope: Envelope | undefined): Delivery {
    if (!this.#open) return this.#refuse(kind, envelope, "stopped");
    const delivery = this.mailbox.push(kind, payload, envelope);
    return delivery === "refused" ? this.#refuse(kind, envelope, "full") : delivery;
  }

  /** Takes no more. */
  shut(): void {
    this.#open = false;
  }

  /** Buries what is queued: nobody will handle it. */
  bury(): void {
    this.#open = false;
    this.mailbox.drain((kind, envelope) => this.#drop(kind, envelope, "stopped"));
  }

  /** Buries a message that was taken out of the mailbox already. */
  buryTaken(kind: string, envelope: Envelope | undefined, reason: DeadLetterReason): void {
    envelope?.settle({ type: "error", reason: reason === "stopped" ? "down" : "refused" });
    this.#kernel.facts.deadLetter({ to: this.#path, kind }, reason);
  }

  #refuse(kind: string, envelope: Envelope | undefined, reason: DeadLetterReason): "refused" {
    this.refused++;
    this.#drop(kind, envelope, reason);
    return "refused";
  }

  #drop(kind: string, envelope: Envelope | undefined, reason: DeadLetterReason): void {
    envelope?.taken();
    this.buryTaken(kind, envelope, reason);
  }
}
