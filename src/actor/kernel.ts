/**
 * The seams inside the framework: what its parts may ask of each other, and nothing more.
 *
 * I1. A `Unit` reports to its owner only what it ended by itself; what the owner asked for, the owner knows.
 * I2. `start`, `halt` and `close` never reject: a failure to start is a result.
 */
import type { Clock, Random } from "../clock.ts";
import type { ChildSpec } from "./actor.ts";
import type { Questions } from "./ask.ts";
import type { Facts, Stats } from "./facts.ts";
import type { Exit } from "./failure.ts";
import type { Registry } from "./registry.ts";
import type { Scheduler } from "./scheduler.ts";
import type { Target } from "./target.ts";

/** How to end an incarnation. */
export interface Halt {
  readonly exit: Exit;
  /** Work off what is queued first. */
  readonly drain: boolean;
}

/** Whatever a supervisor can supervise. */
export interface Unit extends Target {
  /** Begins an incarnation; resolves to the exit when it could not. */
  start(): Promise<Exit | undefined>;
  /** Ends the incarnation; the mailbox stays. */
  halt(halt: Halt): Promise<void>;
  /** Ends for good: watchers are told, queued messages become dead letters. Returns the exit as they were told it. */
  close(exit: Exit): Exit;
  /** Figures of this unit and everything below it in this isolate. */
  stats(): Iterable<Stats>;
}

/** Who decides about a unit that ended by itself. */
export interface Owner {
  exited(unit: Unit, exit: Exit): void;
}

/** What every part of one isolate shares. */
export interface Kernel {
  readonly clock: Clock;
  readonly random: Random;
  readonly scheduler: Scheduler;
  readonly facts: Facts;
  readonly questions: Questions;
  readonly registry: Registry;
  /** Path of the worker that this isolate is, "" for the main one. */
  readonly worker: string;
  /** Makes the unit of a spec; it is not started. @throws {TypeError} when it cannot be placed. */
  create(spec: ChildSpec, path: string, owner: Owner): Unit;
}
