/**
 * One actor on this thread: mailbox, state, and the turn that brings them together.
 *
 * I1. At most one handler of an actor is in progress; a returned promise holds the turn until it settles.
 * I2. The mailbox outlives incarnations; the message that crashed one is not delivered to the next.
 * I3. Every question taken in is settled: by its handler, by the end of its incarnation, or as `down`.
 * I4. No handler starts unless the phase is `running`; an end has one cause and one cleanup, however many ask for it.
 */
import type { AnyDefinition, AnyHandler, Delivery, MailboxOptions, Shutdown } from "./actor.ts";
import type { Phase, Stats } from "./facts.ts";
import { type Exit, isAbnormal, toFailure } from "./failure.ts";
import { Grace } from "./grace.ts";
import { Inbox } from "./inbox.ts";
import { handlersOf, Incarnation, isThenable, type LifeHost } from "./incarnation.ts";
import type { Halt, Kernel, Owner, Unit } from "./kernel.ts";
import type { Mailbox, SystemMessage } from "./mailbox.ts";
import { PathRef } from "./ref.ts";
import type { Runnable } from "./scheduler.ts";
import type { Envelope, Watch } from "./target.ts";

/** What makes a cell. */
export interface CellOptions {
  readonly path: string;
  readonly role: "actor" | "supervisor";
  readonly definition: AnyDefinition;
  readonly args: unknown;
  readonly mailbox?: MailboxOptions | undefined;
  readonly shutdownMs?: Shutdown | undefined;
}

/** Messages per turn. */
const TURN = 256;
/** Messages between two looks at the clock inside a turn; a power of two. */
const READ_CLOCK_EVERY = 16;

/** One actor on this thread. */
export class Cell implements Unit, Runnable, LifeHost {
  readonly path: string;
  readonly kernel: Kernel;
  readonly self: PathRef;
  readonly #options: CellOptions;
  readonly #owner: Owner;
  readonly #handlers: ReadonlyMap<string, AnyHandler>;
  readonly #inbox: Inbox;
  readonly #mailbox: Mailbox;
  readonly #watchers = new Set<Watch>();
  #phase: Phase = "down";
  #life: Incarnation | undefined;
  /** The `init` or handler that is being waited for. */
  #held: Promise<void> | undefined;
  #ending: Promise<void> | undefined;
  #stopWish: Exit | undefined;
  #startExit: Exit | undefined;
  #idle: (() => void) | undefined;
  #queued = false;
  #turning = false;
  #haltedByOwner = false;
  #killed = false;
  #handled = 0;
  #failed = 0;
  #starts = 0;

  constructor(kernel: Kernel, owner: Owner, options: CellOptions) {
    [this.kernel, this.#owner, this.#options, this.path] = [kernel, owner, options, options.path];
    this.self = new PathRef(kernel, options.path, this);
    this.#handlers = handlersOf(options.definition);
    this.#inbox = new Inbox(kernel, options.path, options.mailbox);
    this.#mailbox = this.#inbox.mailbox;
  }

  get closed(): boolean {
    return this.#phase === "stopped";
  }

  async start(): Promise<Exit | undefined> {
    const life = new Incarnation(this, this.#options.definition);
    this.#life = life;
    this.#phase = "starting";
    this.#stopWish = this.#startExit = undefined;
    this.#haltedByOwner = this.#killed = false;
    const begun = life.begin(this.#options.args);
    if (begun instanceof Promise) this.#held = begun.then(() => {});
    const failure = await begun;
    if (this.#life !== life || !this.#is("starting")) {
      await this.#ending;
      return this.#startExit ?? { why: "shutdown" };
    }
    this.#held = undefined;
    if (failure === undefined) return this.#run();
    this.#failed++;
    const exit: Exit = { why: "init", failure };
    await this.#end(exit);
    return exit;
  }

  async halt(halt: Halt): Promise<void> {
    if (this.#is("down") || this.#is("stopped")) return;
    this.#haltedByOwner = true;
    const grace = new Grace(this.kernel.clock, this.#options.shutdownMs);
    if (halt.drain && this.#ending === undefined) await grace.lasts(this.#drained());
    await this.#end(halt.exit, halt.drain, grace);
  }

  close(exit: Exit): Exit {
    this.#phase = "stopped";
    this.#inbox.bury();
    const final: Exit = this.#killed && !isAbnormal(exit) ? { why: "killed" } : exit;
    for (const watch of this.#watchers) watch.notify(final);
    this.#watchers.clear();
    return final;
  }

  deliver(kind: string, payload: unknown, envelope: Envelope | undefined): Delivery {
    const delivery = this.#inbox.take(kind, payload, envelope);
    if (!this.#queued) this.#wake();
    return delivery;
  }

  ask(kind: string, payload: unknown, withinMs: number): Promise<never> {
    const question = this.kernel.questions.open(this.path, kind, withinMs);
    this.deliver(kind, payload, question);
    return question.promise;
  }

  watch(watch: Watch): void {
    this.#watchers.add(watch);
  }

  unwatch(watch: Watch): void {
    this.#watchers.delete(watch);
  }

  *stats(): Iterable<Stats> {
    yield {
      path: this.path,
      role: this.#options.role,
      worker: this.kernel.worker,
      phase: this.#phase,
      handled: this.#handled,
      failed: this.#failed,
      restarts: Math.max(0, this.#starts - 1),
      queued: this.#mailbox.size,
      peakQueued: this.#mailbox.peak,
      refused: this.#inbox.refused,
      displaced: this.#inbox.displaced,
    };
    for (const unit of this.#life?.children?.units() ?? []) yield* unit.stats();
  }

  turn(): boolean {
    const life = this.#life;
    let taken = 0;
    this.#turning = true;
    while (taken < TURN && this.#phase === "running" && life !== undefined && this.#mailbox.next()) {
      this.#dispatch(life);
      if (++taken % READ_CLOCK_EVERY === 0 && this.kernel.scheduler.overdue()) break;
    }
    this.#turning = false;
    this.kernel.scheduler.charge(taken + 1);
    if (this.#phase === "running" && this.#mailbox.pending) return true;
    this.#queued = false;
    this.#rest();
    return false;
  }

  tick(kind: string, payload: unknown): void {
    this.#mailbox.pushTick(kind, payload);
    this.#wake();
  }

  untick(kind: string): void {
    this.#mailbox.dropTick(kind);
  }

  system(message: SystemMessage): void {
    this.#mailbox.pushSystem(message);
    this.#wake();
  }

  requestStop(exit: Exit): void {
    this.#stopWish ??= exit;
    if (this.#phase !== "running") return;
    // Inside a turn the handler in progress comes to its end first.
    if (this.#turning) this.#phase = "stopping";
    else this.#endBySelf(exit);
  }

  gaveUp(exit: Exit): void {
    this.#failed++;
    this.#endBySelf(exit);
  }

  #run(): undefined {
    this.#phase = "running";
    this.#starts++;
    if (this.#stopWish !== undefined) this.#endBySelf(this.#stopWish);
    else this.#wake();
  }

  #wake(): void {
    if (this.#queued || this.#phase !== "running") return;
    this.#queued = true;
    this.kernel.scheduler.enqueue(this);
  }

  #dispatch(life: Incarnation): void {
    const { kind, envelope } = this.#mailbox;
    envelope?.taken();
    const handler = this.#handlers.get(kind);
    if (handler === undefined) return this.#inbox.buryTaken(kind, envelope, "unknownKind");
    this.#handled++;
    try {
      const result = handler(life.state, this.#mailbox.payload, life.cx);
      if (result === undefined && envelope === undefined) return;
      if (isThenable(result)) this.#await(life, result);
      else if (envelope?.asks === true) life.answer(envelope, kind, result);
    } catch (thrown) {
      this.#crash(life, thrown);
    }
  }

  /** Holds the turn until the handler's promise settles. */
  #await(life: Incarnation, result: PromiseLike<unknown>): void {
    const { kind, envelope } = this.#mailbox;
    this.#phase = "waiting";
    if (envelope?.asks === true) life.owe(envelope);
    const settled = Promise.resolve(result).then((value) => {
      if (envelope?.asks === true) life.answer(envelope, kind, value);
    });
    this.#held = settled.then(() => this.#resume(life), (thrown) => {
      if (life.over) return;
      if (this.#phase === "waiting") this.#phase = "running";
      this.#crash(life, thrown, envelope);
    });
  }

  #resume(life: Incarnation): void {
    if (life.over) return;
    this.#held = undefined;
    if (this.#phase !== "waiting") return;
    this.#phase = "running";
    if (this.#stopWish !== undefined) return this.#endBySelf(this.#stopWish);
    this.#wake();
  }

  #crash(life: Incarnation, thrown: unknown, envelope = this.#mailbox.envelope): void {
    this.#failed++;
    this.#held = undefined;
    if (envelope?.asks === true) life.refuse(envelope, this.#mailbox.kind, thrown);
    this.#endBySelf({ why: "crash", failure: toFailure(thrown) });
  }

  /** Nothing is runnable any more: because all is done, or because the turn's handler asked to stop. */
  #rest(): void {
    if (this.#phase === "running" && this.#mailbox.size === 0) this.#idle?.();
    else if (this.#phase === "stopping" && this.#stopWish !== undefined) this.#endBySelf(this.#stopWish);
  }

  #endBySelf(exit: Exit): void {
    if (this.#ending !== undefined || this.#life === undefined) return;
    const starting = this.#phase === "starting";
    if (starting) this.#startExit = exit;
    void this.#end(exit).then(() => {
      if (starting) return;
      if (!this.#haltedByOwner) this.#owner.exited(this, exit);
      else if (isAbnormal(exit)) this.kernel.facts.tell({ type: "failed", path: this.path, exit });
    });
  }

  #end(exit: Exit, drain = false, grace = Grace.unhurried(this.kernel.clock, this.#options.shutdownMs)): Promise<void> {
    this.#ending ??= this.#cleanUp(exit, drain, grace);
    return this.#ending;
  }

  async #cleanUp(exit: Exit, drain: boolean, grace: Grace): Promise<void> {
    this.#phase = "stopping";
    const abandoned = this.#held !== undefined && !await grace.lasts(this.#held);
    const inTime = await this.#life?.end({ exit, grace, drain, abandoned }) ?? true;
    this.#killed = abandoned || !inTime || (grace.brutal && this.#haltedByOwner);
    this.#life = this.#held = this.#ending = undefined;
    this.#mailbox.clearOwn();
    this.#phase = "down";
    this.#idle?.();
  }

  /** Takes no more messages and resolves when those taken in are done, or the actor has ended. */
  #drained(): Promise<void> {
    this.#inbox.shut();
    if (this.#phase === "running" && this.#mailbox.size === 0) return Promise.resolve();
    const { promise, resolve } = Promise.withResolvers<void>();
    this.#idle = resolve;
    return promise;
  }

  /** A read that the compiler does not narrow across an `await`. */
  #is(phase: Phase): boolean {
    return this.#phase === phase;
  }
}
