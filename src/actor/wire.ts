/**
 * One end of a thread boundary: frames out in batches, frames in to actors, credits back.
 *
 * I1. All frames of one turn leave in one post. After `close` nothing is posted any more.
 * I2. A frame that cannot be cloned harms only itself: its message becomes a dead letter, its question fails.
 * I3. Every message taken from this side's mailboxes returns its credit, batched per post.
 * I4. Both ends run this same code; what only one end may say is handed to `control`.
 */
import type { Question } from "./ask.ts";
import { type Exit, nobodyAt, toFailure } from "./failure.ts";
import { cargoOf, type ControlFrame, type Frame, type MessageFrame, type Result, type TellFrame } from "./frame.ts";
import type { Kernel } from "./kernel.ts";
import { Outlet, type OutletLink } from "./outlet.ts";
import type { Envelope, Target, Watch } from "./target.ts";
import { transfersOf } from "./transfer.ts";

/** Messages that may be under way to a path whose mailbox bound is not known on this side. */
export const UNKNOWN_CAPACITY = 4096;

/** What a wire is made of. */
export interface WireOptions {
  readonly kernel: Kernel;
  /** The far side's name in facts. */
  readonly peer: string;
  /** @throws {DOMException} when something cannot be cloned; then nothing was posted. */
  post(frames: readonly Frame[], transfers: ArrayBuffer[]): void;
  /** Who lives at a path that the far side sends to. */
  find(path: string): Target | undefined;
  control(frame: ControlFrame): void;
}

/** One end of a thread boundary. */
export class Wire implements OutletLink {
  readonly kernel: Kernel;
  readonly #options: WireOptions;
  readonly #wake = Promise.resolve();
  readonly #outlets = new Map<number, Outlet>();
  readonly #byPath = new Map<string, Outlet>();
  readonly #questions = new Map<number, Question>();
  readonly #requests = new Map<number, (result: Result) => void>();
  readonly #watches = new Map<number, { target: Target; watch: Watch }>();
  readonly #owedCredits = new Map<number, number>();
  #frames: Frame[] = [];
  #transfers: ArrayBuffer[] = [];
  #armed = false;
  #lost: Exit | undefined;
  #numbers = 0;

  constructor(options: WireOptions) {
    this.#options = options;
    this.kernel = options.kernel;
  }

  /** Queues a frame for the post that ends this turn. */
  send(frame: Frame): void {
    if (this.#lost !== undefined) return;
    for (const buffer of buffersOf(frame)) this.#transfers.push(buffer);
    const last = this.#frames.at(-1);
    if (frame.type === "tell" && last?.type === "tell" && last.via === frame.via && last.kind === frame.kind) {
      last.payloads.push(...frame.payloads);
    } else this.#frames.push(frame);
    this.#arm();
  }

  /** Sends a frame that will be answered with `done`; resolves with the exit of the link when it is lost first. */
  request(frameOf: (request: number) => ControlFrame): Promise<Result> {
    if (this.#lost !== undefined) return Promise.resolve({ exit: this.#lost });
    const { promise, resolve } = Promise.withResolvers<Result>();
    const request = this.number();
    this.#requests.set(request, resolve);
    this.send(frameOf(request));
    return promise;
  }

  number(): number {
    return ++this.#numbers;
  }

  expect(number: number, question: Question): void {
    this.#questions.set(number, question);
    question.forget = () => void this.#questions.delete(number);
  }

  /** A new credit account with the actor at `path`. */
  open(path: string, capacity: number): Outlet {
    const outlet = new Outlet(this, path, capacity);
    this.#outlets.set(outlet.via, outlet);
    if (this.#lost !== undefined) outlet.close(this.#lost);
    return outlet;
  }

  /** Closes an account: its actor has ended for good. */
  shut(outlet: Outlet, exit: Exit): void {
    this.#outlets.delete(outlet.via);
    outlet.close(exit);
  }

  /** The shared account with a path that was not opened by its supervisor. */
  outletTo(path: string): Outlet {
    let outlet = this.#byPath.get(path);
    if (outlet === undefined || outlet.closed) this.#byPath.set(path, outlet = this.open(path, UNKNOWN_CAPACITY));
    return outlet;
  }

  /** Takes in one post of the far side. */
  receive(frames: readonly Frame[]): void {
    for (const frame of frames) this.#take(frame);
  }

  /** Posts what is queued, now. */
  flush(): void {
    this.#armed = false;
    if (this.#lost !== undefined || (this.#frames.length === 0 && this.#owedCredits.size === 0)) return;
    for (const [via, count] of this.#owedCredits) this.#frames.push({ type: "credit", via, count });
    this.#owedCredits.clear();
    const [frames, transfers] = [this.#frames, this.#transfers];
    [this.#frames, this.#transfers] = [[], []];
    try {
      this.#options.post(frames, transfers);
    } catch {
      // One message spoils the post: each is tried alone, and the guilty ones are dealt with by name.
      for (const frame of frames.flatMap(split)) this.#postAlone(frame);
    }
  }

  /** The far side is gone: everything that waits for it is told. */
  close(exit: Exit): void {
    if (this.#lost !== undefined) return;
    this.#lost = exit;
    this.#frames = [];
    for (const outlet of this.#outlets.values()) outlet.close(exit);
    for (const question of [...this.#questions.values()]) question.settle({ type: "error", reason: "down" });
    for (const resolve of this.#requests.values()) resolve({ exit });
    for (const { target, watch } of this.#watches.values()) target.unwatch(watch);
    for (const map of [this.#outlets, this.#byPath, this.#requests, this.#watches, this.#owedCredits]) map.clear();
  }

  #arm(): void {
    if (this.#armed) return;
    this.#armed = true;
    this.#wake.then(() => this.flush());
  }

  #postAlone(frame: Frame): void {
    try {
      this.#options.post([frame], buffersOf(frame));
    } catch (thrown) {
      this.#spoiled(frame, thrown);
    }
  }

  #spoiled(frame: Frame, thrown: unknown): void {
    const failure = toFailure(thrown);
    if (frame.type === "tell" || frame.type === "ask") {
      this.#outlets.get(frame.via)?.credit(1);
      this.kernel.facts.deadLetter({ to: frame.to, kind: frame.kind }, "notCloneable");
    }
    if (frame.type === "ask") {
      this.#questions.get(frame.question)?.settle({ type: "error", reason: "refused", failure });
    } else if (frame.type === "answer") {
      this.send({ ...frame, answer: { type: "error", reason: "failed", failure } });
    } else if (frame.type === "start") {
      this.#finish(frame.request, { exit: { why: "init", failure } });
    }
  }

  #take(frame: Frame): void {
    switch (frame.type) {
      case "tell":
        return this.#deliverAll(frame);
      case "ask":
        return this.#deliver(frame, frame.payload, this.#askedVia(frame));
      case "answer":
        return this.#answered(frame);
      case "credit":
        return this.#outlets.get(frame.via)?.credit(frame.count);
      case "watch":
        return this.#watch(frame.to, frame.watch);
      case "unwatch":
        return this.#unwatch(frame.watch);
      case "down":
        for (const outlet of this.#outlets.values()) if (outlet.down(frame.watch, frame.exit)) return;
        return;
      case "done":
        return this.#finish(frame.request, frame.result);
      default:
        return this.#options.control(frame);
    }
  }

  #deliverAll(frame: TellFrame): void {
    const envelope: Envelope = { asks: false, taken: () => this.#owe(frame.via), settle: () => true };
    for (const payload of frame.payloads) this.#deliver(frame, payload, envelope);
  }

  #deliver({ to, kind }: { to: string; kind: string }, payload: unknown, envelope: Envelope): void {
    const target = this.#options.find(to);
    if (target !== undefined) return void target.deliver(kind, payload, envelope);
    envelope.taken();
    envelope.settle({ type: "error", reason: "down" });
    this.kernel.facts.deadLetter({ to, kind }, "nobody");
  }

  #askedVia({ via, question }: MessageFrame & { type: "ask" }): Envelope {
    return {
      asks: true,
      taken: () => this.#owe(via),
      settle: (answer) => {
        this.send({ type: "answer", question, answer });
        return true;
      },
    };
  }

  #answered(frame: MessageFrame & { type: "answer" }): void {
    const question = this.#questions.get(frame.question);
    if (question === undefined) {
      return this.kernel.facts.deadLetter({ to: this.#options.peer, kind: "answer" }, "lateReply");
    }
    question.settle(frame.answer);
  }

  #finish(request: number, result: Result): void {
    this.#requests.get(request)?.(result);
    this.#requests.delete(request);
  }

  #owe(via: number): void {
    this.#owedCredits.set(via, (this.#owedCredits.get(via) ?? 0) + 1);
    this.#arm();
  }

  #watch(path: string, number: number): void {
    const target = this.#options.find(path);
    const watch: Watch = {
      notify: (exit) => {
        this.#watches.delete(number);
        this.send({ type: "down", watch: number, exit });
      },
    };
    if (target === undefined) return watch.notify(nobodyAt(path));
    this.#watches.set(number, { target, watch });
    target.watch(watch);
  }

  #unwatch(number: number): void {
    const watched = this.#watches.get(number);
    this.#watches.delete(number);
    watched?.target.unwatch(watched.watch);
  }
}

function buffersOf(frame: Frame): ArrayBuffer[] {
  return cargoOf(frame).flatMap(transfersOf);
}

function split(frame: Frame): readonly Frame[] {
  return frame.type === "tell" ? frame.payloads.map((payload) => ({ ...frame, payloads: [payload] })) : [frame];
}
