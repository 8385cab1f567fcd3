/**
 * One actor's queue: three lanes, of which only the user lane is bounded.
 *
 * I1. System messages come before ticks, ticks before user messages; each lane is first in, first out.
 * I2. The user lane never holds more than `capacity`; what happens there is returned to the sender.
 * I3. The system lane never drops. The tick lane holds at most one tick per kind.
 * I4. A queue costs memory for what it has held, not for what it may hold.
 */
import type { Delivery, MailboxOptions } from "./actor.ts";
import type { Envelope } from "./target.ts";
import { Ring } from "./ring.ts";

/** A message of the system lane; it is skipped when `wanted` says no at its turn. */
export interface SystemMessage {
  readonly kind: string;
  readonly payload: unknown;
  wanted(): boolean;
}

/** Told of every user message that leaves without being handled. */
export type Dropped = (kind: string, envelope: Envelope | undefined) => void;

const FIRST_SLOTS = 8;

/** The mailbox of one actor; it outlives the actor's incarnations. */
export class Mailbox {
  /** The message taken last; fields instead of an object, because one is taken every few nanoseconds. */
  kind = "";
  payload: unknown;
  envelope: Envelope | undefined;
  peak = 0;

  readonly #capacity: number;
  readonly #whenFull: MailboxOptions["whenFull"];
  readonly #displaced: Dropped;
  readonly #system = new Ring<SystemMessage>();
  readonly #ticks = new Map<string, unknown>();
  #kinds: string[] = [];
  #payloads: unknown[] = [];
  #envelopes: (Envelope | undefined)[] = [];
  #mask = -1;
  #head = 0;
  #size = 0;

  constructor(options: MailboxOptions, displaced: Dropped) {
    this.#capacity = options.capacity;
    this.#whenFull = options.whenFull;
    this.#displaced = displaced;
  }

  /** User messages queued. */
  get size(): number {
    return this.#size;
  }

  /** Whether any lane holds a message. */
  get pending(): boolean {
    return this.#size > 0 || this.#ticks.size > 0 || this.#system.size > 0;
  }

  /** Queues a user message, or says why not. */
  push(kind: string, payload: unknown, envelope: Envelope | undefined): Delivery {
    let delivery: Delivery = "accepted";
    if (this.#size >= this.#capacity) {
      if (this.#whenFull === "refuse") return "refused";
      this.#displace();
      delivery = "displaced";
    }
    if (this.#size > this.#mask) this.#grow();
    const at = (this.#head + this.#size) & this.#mask;
    this.#kinds[at] = kind;
    this.#payloads[at] = payload;
    this.#envelopes[at] = envelope;
    if (++this.#size > this.peak) this.peak = this.#size;
    return delivery;
  }

  /** Queues a system message. */
  pushSystem(message: SystemMessage): void {
    this.#system.push(message);
  }

  /** Queues a tick, or renews the one that is queued, in its place. */
  pushTick(kind: string, payload: unknown): void {
    this.#ticks.set(kind, payload);
  }

  /** Takes back a queued tick. */
  dropTick(kind: string): void {
    this.#ticks.delete(kind);
  }

  /** Forgets what belongs to one incarnation only: ticks and system messages. */
  clearOwn(): void {
    this.#ticks.clear();
    while (this.#system.shift() !== undefined);
  }

  /** Takes the next message into `kind`, `payload`, `envelope`; `false` when there is none. */
  next(): boolean {
    if (this.#system.size > 0 && this.#nextSystem()) return true;
    if (this.#ticks.size > 0) return this.#nextTick();
    return this.#size > 0 && this.#nextUser();
  }

  /** Empties the user lane, telling of each message. */
  drain(dropped: Dropped): void {
    while (this.#size > 0) {
      this.#nextUser();
      dropped(this.kind, this.envelope);
    }
    this.payload = this.envelope = undefined;
  }

  #nextSystem(): boolean {
    for (let message = this.#system.shift(); message !== undefined; message = this.#system.shift()) {
      if (!message.wanted()) continue;
      this.kind = message.kind;
      this.payload = message.payload;
      this.envelope = undefined;
      return true;
    }
    return false;
  }

  #nextTick(): boolean {
    for (const [kind, payload] of this.#ticks) {
      this.#ticks.delete(kind);
      this.kind = kind;
      this.payload = payload;
      this.envelope = undefined;
      return true;
    }
    return false;
  }

  #nextUser(): boolean {
    const at = this.#head;
    this.kind = this.#kinds[at] ?? "";
    this.payload = this.#payloads[at];
    this.envelope = this.#envelopes[at];
    this.#payloads[at] = undefined;
    this.#envelopes[at] = undefined;
    this.#head = (at + 1) & this.#mask;
    this.#size--;
    return true;
  }

  #displace(): void {
    const newest = (this.#head + this.#size - 1) & this.#mask;
    if (this.#whenFull === "dropNewest") {
      const [kind, envelope] = [this.#kinds[newest] ?? "", this.#envelopes[newest]];
      this.#size--;
      this.#displaced(kind, envelope);
      return;
    }
    const [kind, envelope] = [this.#kinds[this.#head] ?? "", this.#envelopes[this.#head]];
    this.#head = (this.#head + 1) & this.#mask;
    this.#size--;
    this.#displaced(kind, envelope);
  }

  #grow(): void {
    const slots = Math.max(FIRST_SLOTS, (this.#mask + 1) * 2);
    const kinds = new Array<string>(slots).fill("");
    const payloads = new Array<unknown>(slots).fill(undefined);
    const envelopes = new Array<Envelope | undefined>(slots).fill(undefined);
    for (let index = 0; index < this.#size; index++) {
      const from = (this.#head + index) & this.#mask;
      kinds[index] = this.#kinds[from] ?? "";
      payloads[index] = this.#payloads[from];
      envelopes[index] = this.#envelopes[from];
    }
    [this.#kinds, this.#payloads, this.#envelopes] = [kinds, payloads, envelopes];
    this.#mask = slots - 1;
    this.#head = 0;
  }
}
