/**
 * Children as data: the tree of a program written down in start order.
 *
 * I1. A spec that could not be started is refused where it is written, not where it fails.
 */
import type {
  ActorSpec,
  ChildSpec,
  Definition,
  MailboxOptions,
  Plan,
  Shutdown,
  SpawnOptions,
  SupervisorOptions,
  SupervisorSpec,
  WorkerOptions,
  WorkerSpec,
} from "./actor.ts";

/** An actor as a child. @throws {TypeError | RangeError} when an option makes no sense. */
export function child<A, S, H>(definition: Definition<A, S, H>, options: SpawnOptions<A>): ActorSpec {
  checkId(options.id);
  checkShutdown(options.id, options.shutdownMs);
  if (options.mailbox !== undefined) checkMailbox(options.id, options.mailbox);
  return { ...options, type: "actor", definition };
}

/** A supervisor with its children in start order. @throws {TypeError | RangeError} when an option makes no sense. */
export function supervisor(options: SupervisorOptions): SupervisorSpec {
  checkId(options.id);
  checkShutdown(options.id, options.shutdownMs);
  checkPlan(options.id, options.plan);
  checkUnique(options.id, options.children);
  return { ...options, type: "supervisor" };
}

/** A worker thread as a child. @throws {TypeError | RangeError} when an option makes no sense. */
export function worker(options: WorkerOptions): WorkerSpec {
  const { id, heartbeatMs = 1_000, missedBeats = 3, startWithinMs = 10_000 } = options;
  checkId(id);
  for (const [name, value] of Object.entries({ heartbeatMs, missedBeats, startWithinMs })) {
    if (!(value > 0)) throw new RangeError(`Cannot describe worker ${id}: ${name} must be > 0, got ${value}`);
  }
  return { ...options, type: "worker" };
}

/** Checks a plan's numbers. @throws {RangeError} */
export function checkPlan(id: string, plan: Plan): void {
  const { max, withinMs } = plan.intensity ?? { max: 0, withinMs: 1 };
  if (!(max >= 0)) throw new RangeError(`Cannot supervise ${id}: intensity.max must be >= 0, got ${max}`);
  if (!(withinMs > 0)) throw new RangeError(`Cannot supervise ${id}: intensity.withinMs must be > 0, got ${withinMs}`);
  const { minMs, maxMs, jitter = 1 } = plan.backoff ?? { minMs: 0, maxMs: 0 };
  if (!(minMs >= 0)) throw new RangeError(`Cannot supervise ${id}: backoff.minMs must be >= 0, got ${minMs}`);
  if (!(maxMs >= minMs)) throw new RangeError(`Cannot supervise ${id}: backoff.maxMs must be >= minMs, got ${maxMs}`);
  if (!(jitter >= 0 && jitter <= 1)) {
    throw new RangeError(`Cannot supervise ${id}: backoff.jitter must be 0 to 1, got ${jitter}`);
  }
}

function checkId(id: string): void {
  if (id === "" || id.includes("/")) {
    throw new TypeError(`Cannot describe child: id must be non-empty and without "/", got ${JSON.stringify(id)}`);
  }
}

function checkShutdown(id: string, shutdownMs: Shutdown | undefined): void {
  if (typeof shutdownMs === "number" && !(shutdownMs >= 0)) {
    throw new RangeError(`Cannot describe child ${id}: shutdownMs must be >= 0, got ${shutdownMs}`);
  }
}

function checkMailbox(id: string, { capacity }: MailboxOptions): void {
  if (!Number.isSafeInteger(capacity) || capacity < 1) {
    throw new RangeError(`Cannot describe child ${id}: mailbox.capacity must be an integer >= 1, got ${capacity}`);
  }
}

function checkUnique(id: string, children: readonly ChildSpec[]): void {
  const seen = new Set<string>();
  for (const spec of children) {
    if (seen.has(spec.id)) throw new TypeError(`Cannot supervise ${id}: two children have the id ${spec.id}`);
    seen.add(spec.id);
  }
}
