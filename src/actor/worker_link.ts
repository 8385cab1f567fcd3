/**
 * A worker thread, seen from outside: brought up, watched by heartbeat, and supervised like any other child.
 *
 * I1. However the worker dies, the end is one structured exit here, never an error event of this isolate.
 * I2. Nothing is posted to a worker that was terminated.
 * I3. Every actor placed in it ends with it, with the same exit.
 * I4. A beat counts as missed only if a ping was out for a whole period: a stalled isolate blames nobody.
 */
import type { Timer } from "../clock.ts";
import type { Delivery, WorkerSpec } from "./actor.ts";
import type { Stats } from "./facts.ts";
import { type Exit, type Failure, toFailure, unreachable } from "./failure.ts";
import type { ControlFrame, Frame } from "./frame.ts";
import type { Halt, Kernel, Owner, Unit } from "./kernel.ts";
import type { Place, RemoteUnit } from "./remote_unit.ts";
import type { Envelope, Watch } from "./target.ts";
import { Wire } from "./wire.ts";

type State =
  | { readonly phase: "down" | "stopped" }
  | { readonly phase: "starting"; readonly thread: Thread; readonly started: (exit: Exit | undefined) => void }
  | { readonly phase: "running"; readonly thread: Thread };

interface Thread {
  readonly worker: Worker;
  readonly wire: Wire;
}

/** A worker thread as a child. */
export class WorkerUnit implements Unit, Place {
  readonly path: string;
  readonly #kernel: Kernel;
  readonly #owner: Owner;
  readonly #spec: WorkerSpec;
  readonly #placed = new Map<string, RemoteUnit>();
  readonly #watchers = new Set<Watch>();
  readonly #waiting = new Set<(wire: Wire | Exit) => void>();
  #state: State = { phase: "down" };
  #timer: Timer | undefined;
  #missed = 0;
  #starts = 0;
  #failed = 0;

  constructor(kernel: Kernel, owner: Owner, { path, spec }: { readonly path: string; readonly spec: WorkerSpec }) {
    [this.#kernel, this.#owner, this.#spec, this.path] = [kernel, owner, spec, path];
  }

  get closed(): boolean {
    return this.#state.phase === "stopped";
  }

  start(): Promise<Exit | undefined> {
    const { promise, resolve } = Promise.withResolvers<Exit | undefined>();
    const { startWithinMs = 10_000 } = this.#spec;
    try {
      this.#state = { phase: "starting", thread: this.#spawn(), started: resolve };
      this.#timer = this.#kernel.clock.after(startWithinMs, () => this.#lost(unresponsive("hello", startWithinMs)));
    } catch (thrown) {
      resolve({ why: "init", failure: toFailure(thrown) });
    }
    return promise;
  }

  halt({ exit }: Halt): Promise<void> {
    if (this.#state.phase === "starting" || this.#state.phase === "running") this.#end(exit);
    return Promise.resolve();
  }

  close(exit: Exit): Exit {
    if (this.#state.phase === "stopped") return exit;
    this.#state = { phase: "stopped" };
    for (const resolve of this.#waiting) resolve(exit);
    for (const watch of this.#watchers) watch.notify(exit);
    this.#waiting.clear();
    this.#watchers.clear();
    return exit;
  }

  up(): Promise<Wire | Exit> {
    if (this.#state.phase === "running") return Promise.resolve(this.#state.thread.wire);
    if (this.#state.phase === "stopped") return Promise.resolve({ why: "shutdown" });
    const { promise, resolve } = Promise.withResolvers<Wire | Exit>();
    this.#waiting.add(resolve);
    return promise;
  }

  enter(unit: RemoteUnit): void {
    this.#placed.set(unit.path, unit);
  }

  leave(unit: RemoteUnit): void {
    if (this.#placed.get(unit.path) === unit) this.#placed.delete(unit.path);
  }

  /** A worker itself understands no messages; actors are spawned in it. */
  deliver(kind: string, _payload: unknown, envelope: Envelope | undefined): Delivery {
    envelope?.taken();
    envelope?.settle({ type: "error", reason: "refused" });
    this.#kernel.facts.deadLetter({ to: this.path, kind: kind }, "unknownKind");
    return "refused";
  }

  ask(kind: string, payload: unknown, withinMs: number): Promise<never> {
    const question = this.#kernel.questions.open(this.path, kind, withinMs);
    this.deliver(kind, payload, question);
    return question.promise;
  }

  watch(watch: Watch): void {
    this.#watchers.add(watch);
  }

  unwatch(watch: Watch): void {
    this.#watchers.delete(watch);
  }

  *stats(): Iterable<Stats> {
    yield {
      path: this.path,
      role: "worker",
      worker: this.path,
      phase: this.#state.phase,
      handled: 0,
      failed: this.#failed,
      restarts: Math.max(0, this.#starts - 1),
      queued: 0,
      peakQueued: 0,
      refused: 0,
      displaced: 0,
    };
  }

  /** The figures of the actors in the worker, from the worker itself; none when it is not up. */
  async inside(): Promise<readonly Stats[]> {
    if (this.#state.phase !== "running") return [];
    const { stats = [] } = await this.#state.thread.wire.request((request) => ({ type: "stats", request }));
    return stats;
  }

  #spawn(): Thread {
    const { url, permissions } = this.#spec;
    const worker = new Worker(url, {
      type: "module",
      name: this.path,
      ...(permissions !== undefined && { deno: { permissions } }),
    });
    const wire = new Wire({
      kernel: this.#kernel,
      peer: this.path,
      post: (frames, transfers) => worker.postMessage(frames, transfers),
      find: (path) => this.#kernel.registry.find(path),
      control: (frame) => this.#control(frame),
    });
    worker.onmessage = (event: MessageEvent<readonly Frame[]>) => wire.receive(event.data);
    worker.onerror = (event) => {
      // Without this the death of a worker would be the death of its parent.
      event.preventDefault();
      const { message, filename, lineno } = event;
      this.#lost({ name: "WorkerError", message, stack: `${message}\n    at ${filename}:${lineno}` });
    };
    return { worker, wire };
  }

  #control(frame: ControlFrame): void {
    switch (frame.type) {
      case "hello":
        return this.#run();
      case "pong":
        this.#missed = 0;
        return;
      case "ended":
        return this.#placed.get(frame.path)?.ended(frame.exit);
      case "fatal":
        return this.#lost(frame.failure);
      case "fact":
        return this.#kernel.facts.relay(frame.fact);
      case "start":
      case "halt":
      case "close":
      case "stats":
      case "ping":
        return; // Orders go the other way.
      default:
        return unreachable(frame);
    }
  }

  #run(): void {
    if (this.#state.phase !== "starting") return;
    const { thread, started } = this.#state;
    this.#timer?.[Symbol.dispose]();
    this.#state = { phase: "running", thread };
    this.#starts++;
    this.#missed = 0;
    this.#ping(thread);
    started(undefined);
    for (const resolve of this.#waiting) resolve(thread.wire);
    this.#waiting.clear();
  }

  #ping(thread: Thread): void {
    const { heartbeatMs = 1_000, missedBeats = 3 } = this.#spec;
    if (this.#missed >= missedBeats) return this.#lost(unresponsive("ping", heartbeatMs * missedBeats));
    this.#missed++;
    thread.wire.send({ type: "ping" });
    this.#timer = this.#kernel.clock.after(heartbeatMs, () => this.#ping(thread));
  }

  #lost(failure: Failure): void {
    const before = this.#state;
    if (before.phase !== "starting" && before.phase !== "running") return;
    this.#failed++;
    const exit: Exit = { why: "workerLost", failure };
    this.#end(exit);
    if (before.phase === "starting") before.started({ why: "init", failure });
    else this.#owner.exited(this, exit);
  }

  /** Terminates the thread and tells everyone who depends on it. */
  #end(exit: Exit): void {
    if (this.#state.phase !== "starting" && this.#state.phase !== "running") return;
    const { thread } = this.#state;
    if (this.#state.phase === "starting" && exit.why !== "workerLost") this.#state.started(exit);
    this.#state = { phase: "down" };
    this.#timer?.[Symbol.dispose]();
    thread.wire.flush();
    const lost: Exit = "failure" in exit ? exit : { why: "workerLost", failure: stopped(this.path) };
    thread.wire.close(lost);
    thread.worker.terminate();
    const placed = [...this.#placed.values()];
    this.#placed.clear();
    for (const unit of placed) unit.lost(lost);
  }
}

function unresponsive(to: string, forMs: number): Failure {
  return { name: "WorkerUnresponsive", message: `Cannot reach worker: no answer to ${to} for ${forMs} ms` };
}

function stopped(path: string): Failure {
  return { name: "WorkerStopped", message: `Cannot reach worker ${path}: it was stopped` };
}
