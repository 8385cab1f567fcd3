/**
 * Supervision: children started in order, restarted by plan, stopped in reverse.
 *
 * I1. A child is in the table from before its first start until it has closed; an id is never used twice at once.
 * I2. A restart is granted by a budget, or the whole family stops in reverse and its owner ends with `gaveUp`.
 * I3. A child belongs to at most one repair; a later repair takes it over, and the earlier one leaves it alone.
 * I4. Stopping never waits for a restart: it cancels backoffs and halts what is starting.
 */
import type { Timer } from "../clock.ts";
import type { AnyDefinition, ChildSpec, Intensity, Plan, SupervisorSpec } from "./actor.ts";
import { describeExit, type Exit, type Failure, isAbnormal } from "./failure.ts";
import type { Halt, Kernel, Owner, Unit } from "./kernel.ts";
import { Backoff, RestartBudget } from "./restart_budget.ts";

/** What `spawn` and `start` reject with when a child could not be started. */
export class StartError extends Error {
  override readonly name = "StartError";
  readonly exit: Exit;

  constructor(path: string, exit: Exit) {
    super(`Cannot start ${path}: ${describeExit(exit)}`, "failure" in exit ? { cause: exit.failure } : {});
    this.exit = exit;
  }
}

/** How children are supervised when nobody says otherwise. */
export const DEFAULT_PLAN: Plan = { strategy: "one_for_one" };
const DEFAULT_INTENSITY: Intensity = { max: 3, withinMs: 5_000 };
const SHUTDOWN: Exit = { why: "shutdown" };

/** The definition behind a supervisor spec: an actor without messages that starts its children first of all. */
export function supervisorDefinition(spec: SupervisorSpec): AnyDefinition {
  return {
    name: "supervisor",
    init: async (_args, cx) => {
      for (const each of spec.children) await cx.start(each);
    },
    on: {},
    children: spec.plan,
  };
}

/** Whose family it is. */
export interface FamilyOwner {
  readonly path: string;
  /** The restart budget is exceeded and every child has stopped. */
  gaveUp(exit: Exit): void;
}

interface Repair {
  readonly group: readonly Child[];
}

interface Child {
  readonly spec: ChildSpec;
  readonly unit: Unit;
  readonly budget: RestartBudget;
  readonly backoff: Backoff | undefined;
  repair: Repair | undefined;
  restarts: number;
}

/** The children of one incarnation of an owner. */
export class Family implements Owner {
  readonly #kernel: Kernel;
  readonly #owner: FamilyOwner;
  readonly #plan: Plan;
  readonly #shared: RestartBudget;
  readonly #children = new Map<string, Child>();
  readonly #backoffs = new Set<{ timer: Timer; done: () => void }>();
  #stopping: Promise<void> | undefined;

  constructor(kernel: Kernel, owner: FamilyOwner, plan: Plan) {
    [this.#kernel, this.#owner, this.#plan] = [kernel, owner, plan];
    this.#shared = new RestartBudget(plan.intensity ?? DEFAULT_INTENSITY);
  }

  /** Starts a child. @throws {StartError | TypeError} (rejects); nothing of the child is left then. */
  async start(spec: ChildSpec): Promise<Unit> {
    const path = this.#owner.path === "" ? spec.id : `${this.#owner.path}/${spec.id}`;
    if (this.#stopping !== undefined) throw new StartError(path, SHUTDOWN);
    if (this.#children.has(path)) throw new TypeError(`Cannot start ${path}: the id is taken`);
    const child = this.#adopt(spec, path);
    // A child that starts a child that starts a child must not grow the stack.
    await null;
    const exit = await child.unit.start();
    if (exit !== undefined) {
      this.#close(child, exit);
      throw new StartError(path, exit);
    }
    this.#kernel.facts.tell({ type: "started", path });
    return child.unit;
  }

  /** Stops one child. */
  async stopChild(path: string, halt: Halt): Promise<void> {
    const child = this.#children.get(path);
    if (child === undefined) return;
    child.repair = { group: [child] };
    await child.unit.halt(halt);
    this.#close(child, halt.exit);
  }

  /** Stops every child in reverse; concurrent calls share one stop. */
  stopAll(halt: Halt): Promise<void> {
    this.#stopping ??= this.#stopInReverse(halt);
    return this.#stopping;
  }

  /** A child ended by itself. */
  exited(unit: Unit, exit: Exit): void {
    const child = this.#children.get(unit.path);
    if (child === undefined || child.unit !== unit || this.#stopping !== undefined) return;
    if (isAbnormal(exit)) this.#kernel.facts.tell({ type: "failed", path: unit.path, exit });
    if (!isRestarted(child.spec, exit)) return this.#close(child, exit);
    const nowMs = this.#kernel.clock.elapsedMs();
    if (!child.budget.tryRestart(nowMs)) return void this.#giveUp(child, exit);
    const delayMs = child.backoff?.nextMs(nowMs) ?? 0;
    if (delayMs > 0) this.#kernel.facts.tell({ type: "backoff", path: unit.path, exit, delayMs });
    void this.#repair(child, delayMs);
  }

  /** The children in start order. */
  *units(): Iterable<Unit> {
    for (const { unit } of this.#children.values()) yield unit;
  }

  #adopt(spec: ChildSpec, path: string): Child {
    const { intensity = DEFAULT_INTENSITY, backoff } = this.#plan;
    const child: Child = {
      spec,
      unit: this.#kernel.create(spec, path, this),
      budget: intensity.per === "child" ? new RestartBudget(intensity) : this.#shared,
      backoff: backoff && new Backoff(backoff, this.#kernel.random),
      repair: undefined,
      restarts: 0,
    };
    this.#children.set(path, child);
    this.#kernel.registry.add(child.unit);
    return child;
  }

  /** Halts those who share the child's fate, waits, and starts them again in order. */
  async #repair(cause: Child, delayMs: number): Promise<void> {
    const repair: Repair = { group: this.#sharingFate(cause) };
    for (const child of repair.group) child.repair = repair;
    for (const child of repair.group.toReversed()) {
      if (child !== cause && child.repair === repair) await this.#suspend(child);
    }
    if (delayMs > 0) await this.#wait(delayMs);
    for (const child of repair.group) {
      if (this.#stopping !== undefined) return;
      if (child.repair === repair && !(await this.#revive(child, repair))) return;
    }
  }

  async #suspend(child: Child): Promise<void> {
    await child.unit.halt({ exit: SHUTDOWN, drain: false });
    if (child.spec.restart === "temporary") this.#close(child, SHUTDOWN);
  }

  /** Starts a suspended child; `false` when it failed and a new repair has taken over. */
  async #revive(child: Child, repair: Repair): Promise<boolean> {
    if (!this.#children.has(child.unit.path)) return true;
    const exit = await child.unit.start();
    if (child.repair !== repair || this.#stopping !== undefined) return false;
    if (exit !== undefined) {
      this.exited(child.unit, exit);
      return false;
    }
    child.repair = undefined;
    child.restarts++;
    this.#kernel.facts.tell({ type: "restarted", path: child.unit.path, restarts: child.restarts });
    return true;
  }

  #sharingFate(cause: Child): readonly Child[] {
    const all = [...this.#children.values()];
    switch (this.#plan.strategy) {
      case "one_for_one":
        return [cause];
      case "rest_for_one":
        return all.slice(all.indexOf(cause));
      case "one_for_all":
        return all;
    }
  }

  async #giveUp(child: Child, exit: Exit): Promise<void> {
    const { path } = child.unit;
    const failure = "failure" in exit ? exit.failure : outOfBudget(path, exit);
    this.#kernel.facts.tell({ type: "gaveUp", path, failure });
    child.repair = { group: [child] };
    await this.stopAll({ exit: SHUTDOWN, drain: false });
    this.#owner.gaveUp({ why: "gaveUp", failure });
  }

  async #stopInReverse(halt: Halt): Promise<void> {
    // A deep tree must not grow the stack; and the caller's assignment of `#stopping` comes first.
    await null;
    for (const { timer, done } of this.#backoffs) {
      timer[Symbol.dispose]();
      done();
    }
    for (const child of [...this.#children.values()].reverse()) {
      await child.unit.halt(halt);
      this.#close(child, halt.exit);
    }
  }

  #close(child: Child, exit: Exit): void {
    const { path } = child.unit;
    if (this.#children.get(path) !== child) return;
    this.#children.delete(path);
    this.#kernel.registry.remove(child.unit);
    this.#kernel.facts.tell({ type: "stopped", path, exit: child.unit.close(exit) });
  }

  #wait(delayMs: number): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<void>();
    const backoff = { timer: this.#kernel.clock.after(delayMs, resolve), done: resolve };
    this.#backoffs.add(backoff);
    return promise.finally(() => this.#backoffs.delete(backoff));
  }
}

function isRestarted(spec: ChildSpec, exit: Exit): boolean {
  if (spec.restart === "temporary") return false;
  return spec.restart !== "transient" || isAbnormal(exit);
}

/** Why a family gave up on a child that did not even fail. */
function outOfBudget(path: string, exit: Exit): Failure {
  return { name: "RestartBudgetExceeded", message: `Cannot restart ${path}: it ended too often, last ${exit.why}` };
}
