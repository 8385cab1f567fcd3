/**
 * One life of an actor: from `init` to the end of its `stop` hook. A restart begins another.
 *
 * I1. `begin` and `end` run once each; `end` also after a `begin` that failed or never finished.
 * I2. Everything that belongs to a life ends with it, in this order: children, hook, timers, watches, open questions.
 * I3. A `stop` hook that throws or hangs becomes a fact; it stops nothing.
 */
import type { AnyDefinition, AnyHandler } from "./actor.ts";
import { CellContext } from "./context.ts";
import { Deferred, type Outcome } from "./deferred.ts";
import { type Exit, type Failure, toFailure } from "./failure.ts";
import type { Grace } from "./grace.ts";
import type { Kernel } from "./kernel.ts";
import type { SystemMessage } from "./mailbox.ts";
import type { PathRef } from "./ref.ts";
import { DEFAULT_PLAN, Family } from "./supervisor.ts";
import type { Envelope } from "./target.ts";
import { type TickSink, Timers } from "./timers.ts";
import { Watches } from "./watches.ts";

/** What a life needs of its actor. */
export interface LifeHost extends TickSink {
  readonly path: string;
  readonly kernel: Kernel;
  readonly self: PathRef;
  system(message: SystemMessage): void;
  requestStop(exit: Exit): void;
  gaveUp(exit: Exit): void;
}

/** How a life is to end. */
export interface Ending {
  readonly exit: Exit;
  readonly grace: Grace;
  readonly drain: boolean;
  /** A handler or `init` did not come back in time: its state must not be touched by the hook. */
  readonly abandoned: boolean;
}

/** One life of an actor. */
export class Incarnation {
  state: unknown;
  readonly cx: CellContext;
  readonly path: string;
  readonly kernel: Kernel;
  readonly self: PathRef;
  readonly timers: Timers;
  readonly watches: Watches;
  readonly #host: LifeHost;
  readonly #definition: AnyDefinition;
  readonly #owed = new Set<Envelope>();
  /** Ends the wait for an `init` that has not come back. */
  #abandon: (() => void) | undefined;
  #family: Family | undefined;
  #begun = false;
  #over = false;

  constructor(host: LifeHost, definition: AnyDefinition) {
    this.#host = host;
    this.#definition = definition;
    [this.path, this.kernel, this.self] = [host.path, host.kernel, host.self];
    this.timers = new Timers(host.kernel.clock, host);
    this.watches = new Watches(host.kernel.registry, (message) => host.system(message));
    this.cx = new CellContext(this);
  }

  /** Whether this life has ended. */
  get over(): boolean {
    return this.#over;
  }

  /** Runs `init`: the failure, or nothing; a promise of that only when `init` returned one, settled by `end` at the latest. */
  begin(args: unknown): Promise<Failure | undefined> | Failure | undefined {
    try {
      const made = this.#definition.init(args, this.cx);
      if (isThenable(made)) {
        const begun = Promise.resolve(made).then((state) => this.#begin(state), toFailure);
        const { promise, resolve } = Promise.withResolvers<undefined>();
        this.#abandon = () => resolve(undefined);
        return Promise.race([begun, promise]);
      }
      this.#begin(made);
      return undefined;
    } catch (thrown) {
      return toFailure(thrown);
    }
  }

  /** Ends the life; `false` when the hook did not come back in time. Never rejects. */
  async end(ending: Ending): Promise<boolean> {
    await this.#family?.stopAll({ exit: { why: "shutdown" }, drain: ending.drain });
    const inTime = !this.#begun || ending.abandoned || ending.grace.brutal || await this.#hook(ending);
    this.#over = true;
    this.cx.retire();
    this.timers.clear();
    this.watches.clear();
    const failure = "failure" in ending.exit ? ending.exit.failure : undefined;
    const reason = failure === undefined ? "down" : "failed";
    for (const envelope of this.#owed) envelope.settle({ type: "error", reason, ...(failure && { failure }) });
    this.#owed.clear();
    this.#abandon?.();
    return inTime;
  }

  /** The children of this life. */
  family(): Family {
    this.#family ??= new Family(this.kernel, this.#host, this.#definition.children ?? DEFAULT_PLAN);
    return this.#family;
  }

  /** The children, if there ever were any. */
  get children(): Family | undefined {
    return this.#family;
  }

  requestStop(exit: Exit): void {
    this.#host.requestStop(exit);
  }

  /** A question whose answer comes later is owed by this life until then. */
  owe(envelope: Envelope): void {
    this.#owed.add(envelope);
  }

  /** Answers a question with a handler's result, or promises to when the result is deferred. */
  answer(envelope: Envelope, kind: string, result: unknown): void {
    if (!(result instanceof Deferred)) return this.#settle(envelope, kind, { type: "value", value: result });
    this.#owed.add(envelope);
    result.deliverTo((outcome) => this.#settle(envelope, kind, outcome));
  }

  /** Answers a question with the failure of its handler. */
  refuse(envelope: Envelope, kind: string, thrown: unknown): void {
    this.#settle(envelope, kind, { type: "failed", thrown });
  }

  #begin(state: unknown): undefined {
    this.state = state;
    this.#begun = true;
  }

  #settle(envelope: Envelope, kind: string, outcome: Outcome): void {
    this.#owed.delete(envelope);
    const inTime = outcome.type === "value"
      ? envelope.settle(outcome)
      : envelope.settle({ type: "error", reason: "failed", failure: toFailure(outcome.thrown) });
    if (!inTime) this.kernel.facts.deadLetter({ to: this.path, kind: kind }, "lateReply");
  }

  async #hook({ exit, grace }: Ending): Promise<boolean> {
    try {
      const stopped = this.#definition.stop?.(this.state, exit, this.cx);
      return isThenable(stopped) ? await grace.lasts(Promise.resolve(stopped)) : true;
    } catch (thrown) {
      this.kernel.facts.tell({ type: "stopFailed", path: this.path, failure: toFailure(thrown) });
      return true;
    }
  }
}

/** Whether a handler's result must be waited for. */
export function isThenable(value: unknown): value is PromiseLike<unknown> {
  return typeof value === "object" && value !== null && "then" in value && typeof value.then === "function";
}

/** The handlers of a definition by kind; a map, because an object also answers to `toString`. */
export function handlersOf(definition: AnyDefinition): ReadonlyMap<string, AnyHandler> {
  let handlers = handlerMaps.get(definition);
  if (handlers === undefined) handlerMaps.set(definition, handlers = new Map(Object.entries(definition.on)));
  return handlers;
}

const handlerMaps = new WeakMap<AnyDefinition, ReadonlyMap<string, AnyHandler>>();
