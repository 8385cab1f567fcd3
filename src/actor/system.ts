/**
 * The root of a tree of actors: where it starts, what it tells, how it ends.
 *
 * I1. Children of the root start in order and stop in reverse; `await using` drains them first.
 * I2. `done` settles exactly once, whichever end comes first: stopped from outside, or given up from inside.
 */
import type { Clock, Random } from "../clock.ts";
import type { ActorSpec, Address, ChildSpec, Definition, Plan, Ref, SpawnOptions, WorkerSpec } from "./actor.ts";
import { checkPlan, child } from "./child_spec.ts";
import { nest, type Observer, type Stats, type TreeNode } from "./facts.ts";
import type { Exit } from "./failure.ts";
import { Isolate } from "./isolate.ts";
import type { Owner, Unit } from "./kernel.ts";
import { refTo } from "./ref.ts";
import { RemoteUnit } from "./remote_unit.ts";
import { DEFAULT_PLAN, Family } from "./supervisor.ts";
import { WorkerUnit } from "./worker_link.ts";

/** Options of `system`. */
export interface SystemOptions {
  readonly clock: Clock;
  /** Jitter of backoffs. */
  readonly random: Random;
  /** Which of the runnable actors has the next turn; for simulation. @default the first */
  readonly pick?: (runnable: number) => number;
  /** How the root supervises its children. @default one_for_one, 3 restarts in 5 s */
  readonly plan?: Plan;
}

/** A tree of actors. */
export interface System extends AsyncDisposable {
  /** Starts a child of the root of any sort. @throws {StartError} (rejects) */
  start(spec: ChildSpec): Promise<Address>;
  /** Starts an actor under the root. @throws {StartError} (rejects) */
  spawn<A, S, H>(definition: Definition<A, S, H>, options: SpawnOptions<A>): Promise<Ref<H>>;
  /** An actor by its path; dead-letters when nobody is there. */
  ref<A, S, H>(definition: Definition<A, S, H>, path: string): Ref<H>;
  /** Stops a child of the root. */
  stopChild(id: string): Promise<void>;
  /** Lifecycle facts and dead letters as they happen, those of workers included; nothing is buffered. */
  observe(observer: Observer): Disposable;
  /** Figures of every actor of this isolate and, as seen from here, of those placed in workers. */
  stats(): Iterable<Stats>;
  /** The whole tree; workers are asked, and one that does not answer in time is shown as seen from here. */
  tree(options?: TreeOptions): Promise<readonly TreeNode[]>;
  /** Dead letters since the system began. */
  deadLetterCount(): number;
  /** Stops everything in reverse order of starting; queued messages become dead letters. */
  stop(): Promise<void>;
  /** Resolves when the root has ended: `shutdown` after `stop`, `gaveUp` when its restart budget was exceeded. */
  readonly done: Promise<Exit>;
  /** Drains: works off what is queued, in reverse order of starting, then stops. */
  [Symbol.asyncDispose](): Promise<void>;
}

/** Options of `System.tree`. */
export interface TreeOptions {
  /** How long workers may take to answer. @default 500 */
  readonly withinMs?: number;
}

/** Makes a tree of actors. @throws {RangeError} when the plan makes no sense. */
export function system(options: SystemOptions): System {
  return new Root(options);
}

class Root implements System {
  readonly path = "";
  readonly done: Promise<Exit>;
  readonly #isolate: Isolate;
  readonly #family: Family;
  readonly #finish: (exit: Exit) => void;

  constructor(options: SystemOptions) {
    const { clock, random, pick, plan = DEFAULT_PLAN } = options;
    checkPlan("the root", plan);
    this.#isolate = new Isolate({
      clock,
      random,
      pick,
      worker: "",
      elsewhere: (path, local) => {
        const ancestor = local.ancestor(path);
        return ancestor instanceof RemoteUnit ? ancestor.below(path) : undefined;
      },
      abroad: (spec, path, owner) => this.#abroad(spec, path, owner),
    });
    this.#family = new Family(this.#isolate, this, plan);
    const { promise, resolve } = Promise.withResolvers<Exit>();
    [this.done, this.#finish] = [promise, resolve];
  }

  async start(spec: ChildSpec): Promise<Address> {
    const { path } = await this.#family.start(spec);
    return { path };
  }

  async spawn<A, S, H>(definition: Definition<A, S, H>, options: SpawnOptions<A>): Promise<Ref<H>> {
    const { path } = await this.#family.start(child(definition, options));
    return this.ref(definition, path);
  }

  ref<A, S, H>(definition: Definition<A, S, H>, path: string): Ref<H> {
    return refTo(this.#isolate, definition, path);
  }

  stopChild(id: string): Promise<void> {
    return this.#family.stopChild(id, { exit: { why: "shutdown" }, drain: false });
  }

  observe(observer: Observer): Disposable {
    return this.#isolate.facts.observe(observer);
  }

  *stats(): Iterable<Stats> {
    for (const unit of this.#family.units()) yield* unit.stats();
  }

  async tree({ withinMs = 500 }: TreeOptions = {}): Promise<readonly TreeNode[]> {
    const flat = new Map<string, Stats>();
    for (const stats of this.stats()) flat.set(stats.path, stats);
    const workers = [...flat.values()].filter(({ role }) => role === "worker")
      .map(({ path }) => this.#isolate.registry.local(path)).filter((unit) => unit instanceof WorkerUnit);
    for (const inside of await Promise.all(workers.map((unit) => this.#inTime(unit.inside(), withinMs)))) {
      for (const stats of inside) flat.set(stats.path, stats);
    }
    return nest(flat.values());
  }

  deadLetterCount(): number {
    return this.#isolate.facts.deadLetterCount;
  }

  stop(): Promise<void> {
    return this.#end(false);
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.#end(true);
  }

  gaveUp(exit: Exit): void {
    this.#isolate.questions.close();
    this.#finish(exit);
  }

  async #end(drain: boolean): Promise<void> {
    const exit: Exit = { why: "shutdown" };
    await this.#family.stopAll({ exit, drain });
    this.#isolate.questions.close();
    this.#finish(exit);
  }

  #abroad(spec: ActorSpec | WorkerSpec, path: string, owner: Owner): Unit {
    if (spec.type === "worker") return new WorkerUnit(this.#isolate, owner, { path, spec });
    const place = (): WorkerUnit | undefined => {
      const target = this.#isolate.registry.local(spec.place?.path ?? "");
      return target instanceof WorkerUnit ? target : undefined;
    };
    if (place() !== undefined) return new RemoteUnit(this.#isolate, owner, { path, spec, place });
    throw new TypeError(`Cannot start ${path}: its place ${spec.place?.path} is no worker of this tree`);
  }

  async #inTime(figures: Promise<readonly Stats[]>, withinMs: number): Promise<readonly Stats[]> {
    const { promise, resolve } = Promise.withResolvers<readonly Stats[]>();
    using _timer = this.#isolate.clock.after(withinMs, () => resolve([]));
    return await Promise.race([figures, promise]);
  }
}
