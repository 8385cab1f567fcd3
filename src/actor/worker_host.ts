/**
 * The same link, seen from inside: serves definitions to the isolate that started this worker.
 *
 * I1. What an actor here does of its own, the supervisor outside decides on: this side only starts, halts and reports.
 * I2. Nothing dies in silence: an error or rejection that no actor caught is reported as fatal before the end.
 */
import { type Clock, type Random, systemClock, systemRandom } from "../clock.ts";
import type { AnyDefinition } from "./actor.ts";
import { Cell } from "./cell.ts";
import { type Exit, toFailure, unreachable } from "./failure.ts";
import type { ControlFrame, Frame, Result, StartFrame } from "./frame.ts";
import { Isolate } from "./isolate.ts";
import type { Owner, Unit } from "./kernel.ts";
import { Wire } from "./wire.ts";

/** Options of `serve`. */
export interface ServeOptions {
  /** @default systemClock */
  readonly clock?: Clock;
  /** @default systemRandom */
  readonly random?: Random;
}

/**
 * Last line of a worker's module: offers `definitions` to the system that started the worker.
 * In a thread that is no worker it does nothing, so that the module can be imported for its definitions.
 */
export function serve(definitions: readonly AnyDefinition[], options: ServeOptions = {}): void {
  const scope: unknown = globalThis;
  if (isWorkerScope(scope)) new WorkerHost(scope, definitions, options);
}

/** The part of a worker's global scope that is used. */
interface WorkerScope extends EventTarget {
  readonly name: string;
  postMessage(frames: readonly Frame[], transfers: ArrayBuffer[]): void;
}

function isWorkerScope(scope: unknown): scope is WorkerScope {
  return scope instanceof EventTarget && "postMessage" in scope && "name" in scope;
}

class WorkerHost implements Owner {
  readonly #definitions: ReadonlyMap<string, AnyDefinition>;
  readonly #isolate: Isolate;
  readonly #wire: Wire;
  readonly #hosted = new Map<string, Unit>();

  constructor(scope: WorkerScope, definitions: readonly AnyDefinition[], options: ServeOptions) {
    const { clock = systemClock, random = systemRandom } = options;
    this.#definitions = new Map(definitions.map((definition) => [definition.name, definition]));
    this.#isolate = new Isolate({
      clock,
      random,
      worker: scope.name,
      // What is not below an actor hosted here lies on the other side.
      elsewhere: (path, local) => local.ancestor(path) === undefined ? this.#wire.outletTo(path) : undefined,
      abroad: (spec, path) => {
        throw new TypeError(`Cannot start ${path}: a worker starts no ${spec.type} in other threads`);
      },
    });
    this.#wire = new Wire({
      kernel: this.#isolate,
      peer: "main",
      post: (frames, transfers) => scope.postMessage(frames, transfers),
      find: (path) => this.#isolate.registry.local(path),
      control: (frame) => this.#control(frame),
    });
    this.#isolate.facts.observe((fact) => this.#wire.send({ type: "fact", fact }));
    scope.addEventListener("message", (event) => {
      if (event instanceof MessageEvent) this.#wire.receive(event.data);
    });
    this.#reportDeath(scope);
    this.#wire.send({ type: "hello" });
  }

  exited(unit: Unit, exit: Exit): void {
    this.#wire.send({ type: "ended", path: unit.path, exit });
  }

  #control(frame: ControlFrame): void {
    switch (frame.type) {
      case "start":
        return void this.#start(frame);
      case "halt":
        return void this.#halt(frame);
      case "close":
        return this.#close(frame.path, frame.exit);
      case "stats":
        return this.#done(frame.request, { stats: [...this.#stats()] });
      case "ping":
        return this.#wire.send({ type: "pong" });
      case "pong":
      case "hello":
      case "ended":
      case "fatal":
      case "fact":
        return; // Reports go the other way.
      default:
        return unreachable(frame);
    }
  }

  async #start(frame: StartFrame): Promise<void> {
    const unit = this.#hosted.get(frame.path) ?? this.#create(frame);
    const exit = unit === undefined ? unknownDefinition(frame, this.#definitions) : await unit.start();
    this.#done(frame.request, exit === undefined ? {} : { exit });
  }

  async #halt({ request, path, halt }: ControlFrame & { type: "halt" }): Promise<void> {
    await this.#hosted.get(path)?.halt(halt);
    this.#done(request, {});
  }

  #close(path: string, exit: Exit): void {
    const unit = this.#hosted.get(path);
    if (unit === undefined) return;
    this.#hosted.delete(path);
    this.#isolate.registry.remove(unit);
    unit.close(exit);
  }

  #create({ path, name, args, mailbox, shutdownMs }: StartFrame): Unit | undefined {
    const definition = this.#definitions.get(name);
    if (definition === undefined) return undefined;
    const unit = new Cell(this.#isolate, this, { path, role: "actor", definition, args, mailbox, shutdownMs });
    this.#hosted.set(path, unit);
    this.#isolate.registry.add(unit);
    return unit;
  }

  #done(request: number, result: Result): void {
    this.#wire.send({ type: "done", request, result });
  }

  *#stats() {
    for (const unit of this.#hosted.values()) yield* unit.stats();
  }

  #reportDeath(scope: WorkerScope): void {
    const fatal = (event: Event, thrown: unknown): void => {
      event.preventDefault();
      this.#wire.send({ type: "fatal", failure: toFailure(thrown) });
      this.#wire.flush();
    };
    scope.addEventListener("error", (event) => fatal(event, event instanceof ErrorEvent ? event.error : event));
    scope.addEventListener("unhandledrejection", (event) => {
      fatal(event, event instanceof PromiseRejectionEvent ? event.reason : event);
    });
  }
}

function unknownDefinition(frame: StartFrame, served: ReadonlyMap<string, AnyDefinition>): Exit {
  const names = [...served.keys()].join(", ");
  const message = `Cannot start ${frame.path}: the worker serves no ${frame.name}, only ${names}`;
  return { why: "init", failure: toFailure(new TypeError(message)) };
}
