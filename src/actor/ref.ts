/**
 * How an actor is reached: a path, and whoever lived there when it was last used.
 *
 * I1. A ref outlives incarnations: when its target has closed, the path is looked up anew.
 * I2. With nobody there, a message is a dead letter and a question fails with `down`; nothing throws.
 */
import type { AskOptions, Definition, Delivery, Ref } from "./actor.ts";
import { AskError } from "./ask.ts";
import type { Kernel } from "./kernel.ts";
import type { Target } from "./target.ts";

/** The one implementation of `Ref`, for every protocol. */
export class PathRef {
  readonly path: string;
  readonly #kernel: Kernel;
  #target: Target | undefined;

  constructor(kernel: Kernel, path: string, target?: Target) {
    this.path = path;
    this.#kernel = kernel;
    this.#target = target;
  }

  tell(kind: string, payload?: unknown): Delivery {
    const target = this.#target;
    if (target !== undefined && !target.closed) return target.deliver(kind, payload, undefined);
    const found = this.#find();
    if (found !== undefined) return found.deliver(kind, payload, undefined);
    this.#kernel.facts.deadLetter({ to: this.path, kind: kind }, "nobody");
    return "refused";
  }

  ask(kind: string, ...args: readonly unknown[]): Promise<never> {
    const options = args[args.length - 1];
    if (!isAskOptions(options)) {
      return Promise.reject(new TypeError(`Cannot ask ${this.path} ${kind}: the last argument must have withinMs`));
    }
    const target = this.#find();
    if (target !== undefined) return target.ask(kind, args.length > 1 ? args[0] : undefined, options.withinMs);
    return Promise.reject(new AskError(`${this.path} ${kind}`, "down"));
  }

  #find(): Target | undefined {
    if (this.#target === undefined || this.#target.closed) this.#target = this.#kernel.registry.find(this.path);
    return this.#target;
  }
}

/** A typed ref to whoever lives at `path`; the definition says the protocol. */
export function refTo<A, S, H>(kernel: Kernel, _definition: Definition<A, S, H>, path: string): Ref<H> {
  return new PathRef(kernel, path);
}

function isAskOptions(value: unknown): value is AskOptions {
  return typeof value === "object" && value !== null && "withinMs" in value && typeof value.withinMs === "number";
}
