/**
 * Who lives at which path, in this isolate; and how to reach paths that lie elsewhere.
 *
 * I1. A path names at most one living target.
 * I2. A target that closed is never returned.
 */
import type { Target } from "./target.ts";

/** The address book of one isolate. */
export class Registry {
  readonly #targets = new Map<string, Target>();
  readonly #elsewhere: (path: string, local: Registry) => Target | undefined;

  constructor(elsewhere: (path: string, local: Registry) => Target | undefined) {
    this.#elsewhere = elsewhere;
  }

  /** Enters a target at its path. */
  add(target: Target): void {
    this.#targets.set(target.path, target);
  }

  /** Removes a target, unless a later one has its path. */
  remove(target: Target): void {
    if (this.#targets.get(target.path) === target) this.#targets.delete(target.path);
  }

  /** Who lives at `path`, here or elsewhere. */
  find(path: string): Target | undefined {
    return this.#targets.get(path) ?? this.#elsewhere(path, this);
  }

  /** Who lives at `path` in this isolate. */
  local(path: string): Target | undefined {
    return this.#targets.get(path);
  }

  /** The nearest ancestor of `path` that lives in this isolate. */
  ancestor(path: string): Target | undefined {
    for (let at = path.lastIndexOf("/"); at > 0; at = path.lastIndexOf("/", at - 1)) {
      const target = this.#targets.get(path.slice(0, at));
      if (target !== undefined) return target;
    }
    return undefined;
  }
}
