/**
 * What the actors of one isolate share, whether it is the main one or a worker.
 *
 * I1. A spec without a place becomes a cell here; every other spec goes to `abroad`.
 */
import type { Clock, Random } from "../clock.ts";
import type { ChildSpec, SupervisorSpec } from "./actor.ts";
import { Questions } from "./ask.ts";
import { Cell } from "./cell.ts";
import { Facts } from "./facts.ts";
import type { Kernel, Owner, Unit } from "./kernel.ts";
import { Registry } from "./registry.ts";
import { Scheduler } from "./scheduler.ts";
import { supervisorDefinition } from "./supervisor.ts";
import type { Target } from "./target.ts";

/** What makes an isolate. */
export interface IsolateOptions {
  readonly clock: Clock;
  readonly random: Random;
  readonly pick?: ((runnable: number) => number) | undefined;
  /** Path of the worker that this isolate is, "" for the main one. */
  readonly worker: string;
  /** How to reach a path that is not here. */
  elsewhere(path: string, local: Registry): Target | undefined;
  /** Makes units that run in other threads. */
  abroad(spec: Exclude<ChildSpec, SupervisorSpec>, path: string, owner: Owner): Unit;
}

/** The kernel of one isolate. */
export class Isolate implements Kernel {
  readonly clock: Clock;
  readonly random: Random;
  readonly worker: string;
  readonly scheduler: Scheduler;
  readonly facts = new Facts();
  readonly questions: Questions;
  readonly registry: Registry;
  readonly #options: IsolateOptions;

  constructor(options: IsolateOptions) {
    this.#options = options;
    this.clock = options.clock;
    this.random = options.random;
    this.worker = options.worker;
    this.scheduler = new Scheduler(options.clock, options.pick);
    this.questions = new Questions(options.clock);
    this.registry = new Registry((path, local) => options.elsewhere(path, local));
  }

  create(spec: ChildSpec, path: string, owner: Owner): Unit {
    if (spec.type === "supervisor") {
      const { shutdownMs = "infinity" } = spec;
      return new Cell(this, owner, {
        path,
        role: "supervisor",
        definition: supervisorDefinition(spec),
        args: undefined,
        shutdownMs,
      });
    }
    if (spec.type === "worker" || spec.place !== undefined) return this.#options.abroad(spec, path, owner);
    const { definition, args, mailbox, shutdownMs } = spec;
    return new Cell(this, owner, { path, role: "actor", definition, args, mailbox, shutdownMs });
  }
}
