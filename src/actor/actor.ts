/**
 * What an actor is: the handler table is its protocol, and every type of `tell` and `ask` follows from it.
 *
 * I1. A handler sees one message at a time; a returned promise holds the turn until it settles.
 * I2. `tell` never throws and never blocks; it says what became of the message.
 * I3. Throwing in `init` is a failed start, throwing in a handler is a crash: only the second was ever running.
 */
import type { Clock } from "../clock.ts";
import type { Deferred } from "./deferred.ts";
import type { Exit } from "./failure.ts";

/** One kind of message: its name in the table is the kind, its second parameter the payload, its result the reply. */
export type Handler<S> = (state: S, payload: never, cx: Context) => unknown;
/** An actor's protocol. */
export type Handlers<S> = Readonly<Record<string, Handler<S>>>;

/**
 * An actor's class: how it starts, what it answers to, how it ends. Write it with `actor()`.
 * `H` is bare and `on` an intersection because TypeScript would fix `S` too early if `H` were constrained by it.
 */
export interface Definition<A, S, H> {
  /** Also its name in a worker's registry. */
  readonly name: string;
  /** Makes the state of one incarnation. Throwing is a failed start, not a crash. */
  init(args: A, cx: Context): S | Promise<S>;
  readonly on: H & Handlers<S>;
  /** Runs once at the end of every incarnation, crashes included; what it throws becomes a fact and stops nothing. */
  stop?(state: NoInfer<S>, exit: Exit, cx: Context): void | Promise<void>;
  /**
   * How this actor's own children are supervised; `intensity.max` 0 makes any child's crash its own.
   * @default one_for_one, 3 restarts in 5 s
   */
  readonly children?: Plan;
}

/** Defines an actor; everything is inferred from `init` and `on`. */
export function actor<A, S, const H>(definition: Definition<A, S, H>): Definition<A, S, H> {
  return definition;
}

/** What became of a message: `displaced` means accepted at the price of the oldest one queued. */
export type Delivery = "accepted" | "refused" | "displaced";

/** The payload of a handler as the rest arguments of `tell`: none, one, or one that may be left out. */
export type Payload<F> = F extends (state: never, payload: infer P, ...rest: never[]) => unknown
  ? Arity<F> extends 0 | 1 ? [] : [P] extends [void] ? [] : undefined extends P ? [payload?: P] : [payload: P]
  : [];
type Arity<F> = F extends (...args: infer P) => unknown ? P["length"] : never;
/** What `ask` resolves to: the handler's result, unwrapped from promises and deferred replies. */
export type Reply<F> = F extends (...args: never[]) => infer R ? Undeferred<Awaited<R>> : never;
type Undeferred<R> = R extends Deferred<infer T> ? T : R;

/** Where something lives in the tree: ids from the root, joined by `/`. */
export interface Address {
  readonly path: string;
}

/** How to reach an actor, in this thread or another. It names a path: it survives restarts of the actor. */
export interface Ref<H> extends Address {
  /** Sends and forgets. Refused messages become dead letters with a reason. */
  tell<K extends keyof H & string>(kind: K, ...payload: Payload<H[K]>): Delivery;
  /** Sends and waits for the reply. @throws {AskError} (rejects) with its reason. */
  ask<K extends keyof H & string>(
    kind: K,
    ...args: [...payload: Payload<H[K]>, options: AskOptions]
  ): Promise<Reply<H[K]>>;
}
/** The `Ref` that spawning a definition gives. */
export type RefOf<D> = D extends Definition<infer _A, infer _S, infer H> ? Ref<H> : never;
/** A protocol that takes any kind with any payload: what `Context.self` and untyped senders use. */
export type Untyped = Readonly<Record<string, (state: never, payload?: unknown) => unknown>>;

/** Options of `Ref.ask`. */
export interface AskOptions {
  /** The asker waits at most this long, on the system's clock. */
  readonly withinMs: number;
}

/** What a handler may do besides changing its state. */
export interface Context {
  readonly self: Ref<Untyped>;
  readonly path: string;
  readonly clock: Clock;
  /** Sends `kind` to itself once, `delayMs` from now. Keyed by kind: arming again replaces. Cleared on restart. */
  after(delayMs: number, kind: string, payload?: unknown): void;
  /** Sends `kind` to itself every `periodMs`; an actor that is behind gets one tick, not many. Cleared on restart. */
  every(periodMs: number, kind: string, payload?: unknown): void;
  /** Disarms the timer of `kind` and takes back a tick that is queued. */
  cancel(kind: string): void;
  /** Delivers `Down` to handler `kind` when the actor at `ref` has ended for good: once, at once if already. */
  watch(ref: Address, kind: string): void;
  /** Ends a watch, also when its `Down` is already queued. */
  unwatch(ref: Address): void;
  /** Starts a child actor. @throws {StartError} (rejects) when its `init` throws; nothing of it is left then. */
  spawn<A, S, H>(definition: Definition<A, S, H>, options: SpawnOptions<A>): Promise<Ref<H>>;
  /** Starts a child of any sort: actor, supervisor or worker. @throws {StartError} (rejects) */
  start(spec: ChildSpec): Promise<Address>;
  /** Stops a child and resolves when its `stop` hook has run. An unknown id is no error. */
  stopChild(id: string): Promise<void>;
  /** An actor by its path; dead-letters when nobody is there. */
  ref<A, S, H>(definition: Definition<A, S, H>, path: string): Ref<H>;
  /** A reply for later: return it from the handler, settle it any time; the turn is not held. */
  defer<T>(): Deferred<T>;
  /** Ends this actor after the message in hand; what is queued becomes dead letters. @default normal */
  stop(exit?: Exit): void;
}

/** What a watcher's handler receives. */
export interface Down {
  readonly path: string;
  readonly exit: Exit;
}

/** Bound of the user lane. */
export interface MailboxOptions {
  readonly capacity: number;
  /** What happens at the bound. Across threads a full mailbox always refuses. */
  readonly whenFull: "refuse" | "dropOldest" | "dropNewest";
}
/** After which exits a child is started again: all, only failures, none. */
export type Restart = "permanent" | "transient" | "temporary";
/** How long a child may take to stop before it is abandoned as `killed`; `brutal` runs no hook at all. */
export type Shutdown = number | "infinity" | "brutal";

/** Options of `Context.spawn`, `System.spawn` and `child`. */
export interface SpawnOptions<A> {
  /** Unique among its siblings; no `/`. */
  readonly id: string;
  readonly args: A;
  /** @default 4096, refuse */
  readonly mailbox?: MailboxOptions;
  /** @default "permanent" */
  readonly restart?: Restart;
  /** @default 5000 */
  readonly shutdownMs?: Shutdown;
  /** A worker of this tree to run in; its module must `serve` the definition. @default this thread */
  readonly place?: Address;
}

/** How a supervisor treats its children. */
export interface Plan {
  /** Who shares the fate of a failed child: nobody, everybody, or those started after it. */
  readonly strategy: "one_for_one" | "one_for_all" | "rest_for_one";
  /** @default 3 restarts in 5 s, counted per supervisor */
  readonly intensity?: Intensity;
  /** @default none: at once */
  readonly backoff?: BackoffOptions;
}
/** Restarts allowed in a sliding period. */
export interface Intensity {
  /** `Infinity` allows any number and records nothing. */
  readonly max: number;
  readonly withinMs: number;
  /** `supervisor`: children share one budget, right for shared fate. `child`: for keyed groups. @default "supervisor" */
  readonly per?: "supervisor" | "child";
}
/** Delay before a restart: `minMs * 2^n`, at most `maxMs`. */
export interface BackoffOptions {
  readonly minMs: number;
  readonly maxMs: number;
  /** Share of the delay that is random, 0 to 1; 1 is full jitter. @default 1 */
  readonly jitter?: number;
  /** A quiet time after which the delay starts at `minMs` again. @default (minMs + maxMs) / 2 */
  readonly resetAfterMs?: number;
}

/** A child as data; write it with `child`, `supervisor` or `worker`. */
export type ChildSpec = ActorSpec | SupervisorSpec | WorkerSpec;
/** An actor as a child. */
export interface ActorSpec extends SpawnOptions<unknown> {
  readonly type: "actor";
  readonly definition: AnyDefinition;
}
/** A supervisor: started when its children are, in order; stops them in reverse. */
export interface SupervisorSpec extends SupervisorOptions {
  readonly type: "supervisor";
}
/** Options of `supervisor`. */
export interface SupervisorOptions {
  readonly id: string;
  readonly plan: Plan;
  readonly children: readonly ChildSpec[];
  /** @default "permanent" */
  readonly restart?: Restart;
  /** @default "infinity", as its children have their own */
  readonly shutdownMs?: Shutdown;
}
/** A worker thread whose module ends in `serve(...)`. */
export interface WorkerSpec extends WorkerOptions {
  readonly type: "worker";
}
/** Options of `worker`. */
export interface WorkerOptions {
  readonly id: string;
  readonly url: URL;
  /** How often the worker must answer a ping. @default 1000 */
  readonly heartbeatMs?: number;
  /** Unanswered pings after which it is terminated as lost. @default 3 */
  readonly missedBeats?: number;
  /** How long its module may take to load. @default 10000 */
  readonly startWithinMs?: number;
  /**
   * Deno 2.9 takes this only with `--unstable-worker-options`, and without that flag ends the process.
   * @default "inherit"
   */
  readonly permissions?: Deno.PermissionOptions;
  /** @default "permanent" */
  readonly restart?: Restart;
}

/**
 * A definition whose types have been forgotten, as the runtime handles it.
 * Members are methods because TypeScript compares method parameters both ways: every `Definition` fits without a cast.
 */
export interface AnyDefinition {
  readonly name: string;
  init(args: unknown, cx: Context): unknown;
  readonly on: Readonly<Record<string, AnyHandler>>;
  stop?(state: unknown, exit: Exit, cx: Context): void | Promise<void>;
  readonly children?: Plan;
}
/** A handler whose types have been forgotten. */
export type AnyHandler = { run(state: unknown, payload: unknown, cx: Context): unknown }["run"];
