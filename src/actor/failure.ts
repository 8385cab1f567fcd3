/**
 * Failures and exits as plain data: the only form in which an error leaves an actor, a turn or a thread.
 *
 * I1. Every value here survives structured clone unchanged.
 * I2. `toFailure` never throws, whatever was thrown.
 */

/** An error as plain data. */
export interface Failure {
  readonly name: string;
  readonly message: string;
  readonly stack?: string;
  readonly cause?: Failure;
}

/** Why an actor, supervisor or worker ended. The second half are failures: they count against a restart budget. */
export type Exit =
  | { readonly why: "normal" | "shutdown" | "killed" }
  | { readonly why: "crash" | "init" | "workerLost" | "gaveUp"; readonly failure: Failure };

/** A cause chain longer than this is cut; a cycle would otherwise never end. */
const MAX_CAUSES = 8;

/** The plain-data form of anything that was thrown. */
export function toFailure(thrown: unknown, depth = 0): Failure {
  try {
    if (isFailure(thrown)) return describe(thrown, depth);
    return { name: "NonError", message: `Thrown value ${String(thrown)}` };
  } catch {
    // A hostile toString or getter: the failure to describe it is all that can be said.
    return { name: "NonError", message: `Thrown value of type ${typeof thrown} that cannot be described` };
  }
}

/** Whether an exit counts as a failure, so that a `transient` child is restarted after it. */
export function isAbnormal(exit: Exit): boolean {
  return exit.why !== "normal" && exit.why !== "shutdown";
}

/** One line for logs and error messages. */
export function describeExit(exit: Exit): string {
  return "failure" in exit ? `${exit.why}: ${exit.failure.name}: ${exit.failure.message}` : exit.why;
}

/** The exit that a watcher of an empty path is told. */
export function nobodyAt(path: string): Exit {
  return { why: "crash", failure: { name: "Nobody", message: `Cannot watch ${path}: nobody is there` } };
}

/** The end of a `switch` over a closed union: unreachable while the compiler has seen every case. */
export function unreachable(value: never): never {
  throw new TypeError(`Cannot handle value: not a member of its union, got ${String(value)}`);
}

function isFailure(thrown: unknown): thrown is Failure {
  return typeof thrown === "object" && thrown !== null && "message" in thrown && "name" in thrown &&
    typeof thrown.message === "string" && typeof thrown.name === "string";
}

function describe(error: Failure, depth: number): Failure {
  const { name, message, stack, cause } = error;
  return {
    name,
    message,
    ...(typeof stack === "string" ? { stack } : {}),
    ...(cause !== undefined && depth < MAX_CAUSES ? { cause: toFailure(cause, depth + 1) } : {}),
  };
}
