/** A context without a system: it keeps what an actor's parts ask of it. */
import {
  type Address,
  type ChildSpec,
  type Context,
  Deferred,
  type Definition,
  type Delivery,
  type Exit,
  type Ref,
  type SpawnOptions,
  StartError,
} from "../../src/actor/mod.ts";
import type { Clock } from "../../src/clock.ts";

/** A message that was sent. */
export interface Sent {
  readonly path: string;
  readonly kind: string;
  readonly payload: unknown;
}

/** Starts nothing; refuses a second child of one id, as a system does. */
export class MemoryContext implements Context {
  readonly path = "parent";
  readonly clock: Clock;
  readonly self: Context["self"];
  /** Messages in the order sent; questions are never answered. */
  readonly sent: Sent[] = [];
  /** Children by path, with their options. */
  readonly children = new Map<string, SpawnOptions<unknown>>();
  readonly watched = new Map<string, string>();
  /** How the start of an id fails, once each. */
  readonly failing = new Map<string, Exit>();

  constructor(clock: Clock) {
    this.clock = clock;
    this.self = this.#refTo(this.path);
  }

  spawn<A, S, H>(_definition: Definition<A, S, H>, options: SpawnOptions<A>): Promise<Ref<H>> {
    const path = `${this.path}/${options.id}`;
    const exit = this.children.has(path) ? { why: "shutdown" } as const : this.failing.get(options.id);
    this.failing.delete(options.id);
    if (exit !== undefined) return Promise.reject(new StartError(path, exit));
    this.children.set(path, options);
    return Promise.resolve(this.#refTo(path));
  }

  start(spec: ChildSpec): Promise<Address> {
    return Promise.reject(new StartError(`${this.path}/${spec.id}`, { why: "shutdown" }));
  }

  stopChild(id: string): Promise<void> {
    this.children.delete(`${this.path}/${id}`);
    return Promise.resolve();
  }

  watch(ref: Address, kind: string): void {
    this.watched.set(ref.path, kind);
  }

  unwatch(ref: Address): void {
    this.watched.delete(ref.path);
  }

  ref<A, S, H>(_definition: Definition<A, S, H>, path: string): Ref<H> {
    return this.#refTo(path);
  }

  defer<T>(): Deferred<T> {
    return new Deferred<T>();
  }

  after(): void {}
  every(): void {}
  cancel(): void {}
  stop(): void {}

  #refTo<H>(path: string): Ref<H> {
    return {
      path,
      tell: (kind: string, ...[payload]: readonly unknown[]): Delivery => {
        this.sent.push({ path, kind, payload });
        return "accepted";
      },
      ask: (kind: string, ...[payload]: readonly unknown[]): Promise<never> => {
        this.sent.push({ path, kind, payload });
        return new Promise<never>(() => {});
      },
    };
  }
}
