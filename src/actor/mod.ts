/**
 * The actor framework: supervised actors on this thread and in workers. Knows nothing of Kafka, money or windows.
 *
 * @example
 * ```ts
 * import { actor, system, virtual } from "./mod.ts";
 * const counter = actor({
 *   name: "counter",
 *   init: (args: { from: number }) => ({ count: args.from }),
 *   on: {
 *     add(state, amount: number) { state.count += amount; },
 *     count: (state) => state.count,
 *   },
 * });
 * await using sys = system(virtual());
 * const ref = await sys.spawn(counter, { id: "counter", args: { from: 40 } });
 * ref.tell("add", 2);
 * if (await ref.ask("count", { withinMs: 100 }) !== 42) throw new RangeError("Cannot count: not 42");
 * ```
 *
 * @module
 */
export { actor } from "./actor.ts";
export type {
  ActorSpec,
  Address,
  AnyDefinition,
  AskOptions,
  BackoffOptions,
  ChildSpec,
  Context,
  Definition,
  Delivery,
  Down,
  Handler,
  Handlers,
  Intensity,
  MailboxOptions,
  Payload,
  Plan,
  Ref,
  RefOf,
  Reply,
  Restart,
  Shutdown,
  SpawnOptions,
  SupervisorOptions,
  SupervisorSpec,
  Untyped,
  WorkerOptions,
  WorkerSpec,
} from "./actor.ts";
export { Deferred } from "./deferred.ts";
export { describeExit, isAbnormal, toFailure, unreachable } from "./failure.ts";
export type { Exit, Failure } from "./failure.ts";
export { AskError } from "./ask.ts";
export type { AskReason } from "./ask.ts";
export { child, supervisor, worker } from "./child_spec.ts";
export type { DeadLetterReason, Fact, Phase, Stats, TreeNode } from "./facts.ts";
export { StartError } from "./supervisor.ts";
export { system } from "./system.ts";
export type { System, SystemOptions, TreeOptions } from "./system.ts";
export { transfer } from "./transfer.ts";
export { seeded, virtual, VirtualClock } from "./virtual.ts";
export type { Virtual, VirtualOptions } from "./virtual.ts";
export { serve } from "./worker_host.ts";
export type { ServeOptions } from "./worker_host.ts";
