/**
 * Whom one actor watches.
 *
 * I1. Each watch delivers one `Down`, on the system lane, and not after `remove` or `clear`.
 * I2. Watching the same living target again changes the message kind and nothing else.
 */
import type { Down } from "./actor.ts";
import { type Exit, nobodyAt } from "./failure.ts";
import type { SystemMessage } from "./mailbox.ts";
import type { Registry } from "./registry.ts";
import type { Target, Watch } from "./target.ts";

/** The watches of one actor. */
export class Watches {
  readonly #registry: Registry;
  readonly #deliver: (message: SystemMessage) => void;
  readonly #active = new Set<ActiveWatch>();

  constructor(registry: Registry, deliver: (message: SystemMessage) => void) {
    this.#registry = registry;
    this.#deliver = deliver;
  }

  /** Begins to watch whoever lives at `path`; if nobody does, the `Down` is on its way. */
  add(path: string, kind: string): void {
    const target = this.#registry.find(path);
    for (const watch of this.#active) {
      if (target !== undefined && watch.target === target) {
        watch.kind = kind;
        return;
      }
    }
    const watch = new ActiveWatch({ path, kind, target }, this.#active, this.#deliver);
    this.#active.add(watch);
    if (target === undefined) watch.notify(nobodyAt(path));
    else target.watch(watch);
  }

  /** Ends every watch on `path`, also one whose `Down` is queued. */
  remove(path: string): void {
    for (const watch of this.#active) if (watch.payload.path === path) this.#end(watch);
  }

  /** Ends all. */
  clear(): void {
    for (const watch of this.#active) this.#end(watch);
  }

  #end(watch: ActiveWatch): void {
    this.#active.delete(watch);
    watch.target?.unwatch(watch);
  }
}

interface Wish {
  readonly path: string;
  readonly kind: string;
  readonly target: Target | undefined;
}

class ActiveWatch implements Watch, SystemMessage {
  kind: string;
  payload: Down;
  readonly target: Target | undefined;
  readonly #active: Set<ActiveWatch>;
  readonly #deliver: (message: SystemMessage) => void;

  constructor(wish: Wish, active: Set<ActiveWatch>, deliver: (message: SystemMessage) => void) {
    this.kind = wish.kind;
    this.payload = { path: wish.path, exit: nobodyAt(wish.path) };
    this.target = wish.target;
    this.#active = active;
    this.#deliver = deliver;
  }

  notify(exit: Exit): void {
    this.payload = { path: this.payload.path, exit };
    this.#deliver(this);
  }

  /** Asked once, at delivery: being delivered ends the watch. */
  wanted(): boolean {
    return this.#active.delete(this);
  }
}
