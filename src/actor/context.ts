/**
 * What one incarnation of an actor sees of the framework.
 *
 * I1. A context is retired with its incarnation: what an abandoned handler still calls has no effect.
 */
import type { Clock } from "../clock.ts";
import type { Address, ChildSpec, Context, Definition, Ref, SpawnOptions } from "./actor.ts";
import { child } from "./child_spec.ts";
import { Deferred } from "./deferred.ts";
import type { Exit } from "./failure.ts";
import type { Kernel } from "./kernel.ts";
import { PathRef, refTo } from "./ref.ts";
import { type Family, StartError } from "./supervisor.ts";
import type { Timers } from "./timers.ts";
import type { Watches } from "./watches.ts";

/** What a context needs of its actor. */
export interface ContextHost {
  readonly path: string;
  readonly kernel: Kernel;
  readonly timers: Timers;
  readonly watches: Watches;
  readonly self: PathRef;
  family(): Family;
  requestStop(exit: Exit): void;
}

/** The one implementation of `Context`. */
export class CellContext implements Context {
  readonly self: PathRef;
  readonly path: string;
  readonly clock: Clock;
  readonly #host: ContextHost;
  #retired = false;

  constructor(host: ContextHost) {
    this.#host = host;
    this.self = host.self;
    this.path = host.path;
    this.clock = host.kernel.clock;
  }

  /** The incarnation has ended. */
  retire(): void {
    this.#retired = true;
  }

  after(delayMs: number, kind: string, payload?: unknown): void {
    if (!this.#retired) this.#host.timers.after(delayMs, kind, payload);
  }

  every(periodMs: number, kind: string, payload?: unknown): void {
    if (!this.#retired) this.#host.timers.every(periodMs, kind, payload);
  }

  cancel(kind: string): void {
    if (!this.#retired) this.#host.timers.cancel(kind);
  }

  watch(ref: Address, kind: string): void {
    if (!this.#retired) this.#host.watches.add(ref.path, kind);
  }

  unwatch(ref: Address): void {
    if (!this.#retired) this.#host.watches.remove(ref.path);
  }

  async spawn<A, S, H>(definition: Definition<A, S, H>, options: SpawnOptions<A>): Promise<Ref<H>> {
    const { path } = await this.start(child(definition, options));
    return refTo(this.#host.kernel, definition, path);
  }

  async start(spec: ChildSpec): Promise<Address> {
    if (this.#retired) throw new StartError(`${this.path}/${spec.id}`, { why: "shutdown" });
    const { path } = await this.#host.family().start(spec);
    return { path };
  }

  async stopChild(id: string): Promise<void> {
    if (this.#retired) return;
    await this.#host.family().stopChild(`${this.path}/${id}`, { exit: { why: "shutdown" }, drain: false });
  }

  ref<A, S, H>(definition: Definition<A, S, H>, path: string): Ref<H> {
    return refTo(this.#host.kernel, definition, path);
  }

  defer<T>(): Deferred<T> {
    return new Deferred<T>();
  }

  stop(exit: Exit = { why: "normal" }): void {
    if (!this.#retired) this.#host.requestStop(exit);
  }
}
