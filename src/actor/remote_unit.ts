/**
 * An actor in a worker, as its supervisor and its senders on this thread see it.
 *
 * I1. It starts, halts, closes, is watched and is restarted like a cell of this thread; only the frames differ.
 * I2. When its worker is lost it ends with `workerLost`; starting again waits for the worker to be there again.
 * I3. It reports to its owner only from phase `running`.
 */
import type { ActorSpec, Address, Delivery } from "./actor.ts";
import type { Phase, Stats } from "./facts.ts";
import type { Exit, Failure } from "./failure.ts";
import type { StartFrame } from "./frame.ts";
import { DEFAULT_MAILBOX } from "./inbox.ts";
import type { Halt, Kernel, Owner, Unit } from "./kernel.ts";
import type { Outlet } from "./outlet.ts";
import type { Envelope, Watch } from "./target.ts";
import type { Wire } from "./wire.ts";

/** A worker, as the actors placed in it need it. */
export interface Place extends Address {
  /** The wire once the worker is up; the exit when it never will be. */
  up(): Promise<Wire | Exit>;
  enter(unit: RemoteUnit): void;
  leave(unit: RemoteUnit): void;
}

/** What makes a remote unit. */
export interface RemoteUnitOptions {
  readonly path: string;
  readonly spec: ActorSpec;
  /** The worker that lives at the spec's place now; it may have been started anew since. */
  place(): Place | undefined;
}

const SHUTDOWN: Exit = { why: "shutdown" };

/** An actor in a worker. */
export class RemoteUnit implements Unit {
  readonly path: string;
  readonly #kernel: Kernel;
  readonly #owner: Owner;
  readonly #options: RemoteUnitOptions;
  readonly #watchers = new Set<Watch>();
  #phase: Phase = "down";
  #place: Place | undefined;
  #wire: Wire | undefined;
  #outlet: Outlet | undefined;
  #early: Exit | undefined;
  #attempts = 0;
  #starts = 0;
  #refused = 0;
  #failed = 0;

  constructor(kernel: Kernel, owner: Owner, options: RemoteUnitOptions) {
    [this.#kernel, this.#owner, this.#options, this.path] = [kernel, owner, options, options.path];
  }

  get closed(): boolean {
    return this.#phase === "stopped";
  }

  async start(): Promise<Exit | undefined> {
    const attempt = ++this.#attempts;
    const current = (): boolean => this.#phase === "starting" && this.#attempts === attempt;
    this.#phase = "starting";
    this.#early = undefined;
    const place = this.#options.place();
    if (place === undefined) return this.#failedToStart(SHUTDOWN);
    const wire = await place.up();
    if (!current()) return SHUTDOWN;
    if ("why" in wire) return this.#failedToStart(wire);
    this.#connect(place, wire);
    const { exit } = await wire.request((request) => this.#startFrame(request));
    if (!current()) return SHUTDOWN;
    if (exit !== undefined) return this.#failedToStart(exit);
    this.#phase = "running";
    this.#starts++;
    // An end that came before the word of the start is reported after it.
    if (this.#early !== undefined) Promise.resolve(this.#early).then((exit) => this.ended(exit));
    return undefined;
  }

  async halt(halt: Halt): Promise<void> {
    if (this.#is("down") || this.#is("stopped")) return;
    this.#phase = "stopping";
    await this.#wire?.request((request) => ({ type: "halt", request, path: this.path, halt }));
    this.#phase = "down";
  }

  close(exit: Exit): Exit {
    if (this.#phase === "stopped") return exit;
    this.#phase = "stopped";
    this.#place?.leave(this);
    this.#wire?.send({ type: "close", path: this.path, exit });
    if (this.#outlet !== undefined) this.#wire?.shut(this.#outlet, exit);
    for (const watch of this.#watchers) watch.notify(exit);
    this.#watchers.clear();
    return exit;
  }

  deliver(kind: string, payload: unknown, envelope: Envelope | undefined): Delivery {
    if (this.#outlet !== undefined && !this.#outlet.closed) return this.#outlet.deliver(kind, payload, envelope);
    this.#refused++;
    envelope?.taken();
    envelope?.settle({ type: "error", reason: "down" });
    this.#kernel.facts.deadLetter({ to: this.path, kind: kind }, "workerLost");
    return "refused";
  }

  ask(kind: string, payload: unknown, withinMs: number): Promise<never> {
    const question = this.#kernel.questions.open(this.path, kind, withinMs);
    if (this.#outlet !== undefined && !this.#outlet.closed) this.#outlet.askFor(question, payload);
    else this.deliver(kind, payload, question);
    return question.promise;
  }

  watch(watch: Watch): void {
    this.#watchers.add(watch);
  }

  unwatch(watch: Watch): void {
    this.#watchers.delete(watch);
  }

  /** An actor below this one, in the same worker. */
  below(path: string): Outlet | undefined {
    return this.#wire?.outletTo(path);
  }

  /** The actor ended by itself in its worker. */
  ended(exit: Exit): void {
    if (this.#phase === "starting") this.#early = exit;
    if (this.#phase !== "running") return;
    this.#phase = "down";
    this.#failed++;
    this.#owner.exited(this, exit);
  }

  /** The worker is gone, and the actor's mailbox with it. */
  lost(exit: Exit): void {
    this.#wire = this.#outlet = undefined;
    this.ended(exit);
  }

  *stats(): Iterable<Stats> {
    yield {
      path: this.path,
      role: "actor",
      worker: this.#options.spec.place?.path ?? "",
      phase: this.#phase,
      handled: 0,
      failed: this.#failed,
      restarts: Math.max(0, this.#starts - 1),
      queued: this.#outlet?.underWay ?? 0,
      peakQueued: 0,
      refused: this.#refused,
      displaced: 0,
    };
  }

  #connect(place: Place, wire: Wire): void {
    if (this.#wire === wire) return;
    this.#wire = wire;
    this.#place = place;
    this.#outlet = wire.open(this.path, this.#options.spec.mailbox?.capacity ?? DEFAULT_MAILBOX.capacity);
    place.enter(this);
  }

  #startFrame(request: number): StartFrame {
    const { definition, args, mailbox, shutdownMs } = this.#options.spec;
    return {
      type: "start",
      request,
      path: this.path,
      name: definition.name,
      args,
      ...(mailbox && { mailbox }),
      ...(shutdownMs !== undefined && { shutdownMs }),
    };
  }

  #failedToStart(exit: Exit): Exit {
    this.#phase = "down";
    this.#failed++;
    return "failure" in exit ? exit : { why: "init", failure: noPlace(this.path, this.#options.spec.place?.path) };
  }

  #is(phase: Phase): boolean {
    return this.#phase === phase;
  }
}

function noPlace(path: string, place = ""): Failure {
  return { name: "PlaceGone", message: `Cannot start ${path}: its place ${place} is no worker that runs` };
}
