/**
 * What a system tells about itself: facts pushed to observers, figures pulled by whoever wants them.
 *
 * I1. Nothing is buffered: an observer that is not there when a fact happens never sees it.
 * I2. An observer that throws disturbs no actor: its error is reported as uncaught, like that of a DOM listener.
 */
import type { Exit, Failure } from "./failure.ts";

/** Why a message was not delivered. */
export type DeadLetterReason =
  | "stopped"
  | "nobody"
  | "full"
  | "displaced"
  | "unknownKind"
  | "lateReply"
  | "workerLost"
  | "notCloneable";

/** To whom a message was sent, and of which kind it was. */
export interface Letter {
  readonly to: string;
  readonly kind: string;
}

/** Something that happened in the tree. */
export type Fact =
  | { readonly type: "started"; readonly path: string }
  | { readonly type: "restarted"; readonly path: string; readonly restarts: number }
  | { readonly type: "failed"; readonly path: string; readonly exit: Exit }
  | { readonly type: "backoff"; readonly path: string; readonly exit: Exit; readonly delayMs: number }
  | { readonly type: "gaveUp"; readonly path: string; readonly failure: Failure }
  | { readonly type: "stopFailed"; readonly path: string; readonly failure: Failure }
  | { readonly type: "stopped"; readonly path: string; readonly exit: Exit }
  | {
    readonly type: "deadLetter";
    readonly to: string;
    readonly kind: string;
    readonly reason: DeadLetterReason;
    readonly count: number;
  };

/** Where in its life an actor is. */
export type Phase = "starting" | "running" | "waiting" | "stopping" | "down" | "stopped";

/** One actor's figures; integers since it was spawned, restarts included. */
export interface Stats {
  readonly path: string;
  readonly role: "actor" | "supervisor" | "worker";
  /** Path of the worker it runs in, or "" for the main isolate. */
  readonly worker: string;
  readonly phase: Phase;
  readonly handled: number;
  readonly failed: number;
  readonly restarts: number;
  readonly queued: number;
  readonly peakQueued: number;
  readonly refused: number;
  readonly displaced: number;
}

/** An actor with its children. */
export interface TreeNode extends Stats {
  readonly children: readonly TreeNode[];
}

/** Whoever listens to facts. */
export type Observer = (fact: Fact) => void;

/** The observers of one system. */
export class Facts {
  readonly #observers = new Set<Observer>();
  #deadLetterCount = 0;

  /** Dead letters so far, also when nobody observed. */
  get deadLetterCount(): number {
    return this.#deadLetterCount;
  }

  /** Adds an observer until the result is disposed of. */
  observe(observer: Observer): Disposable {
    this.#observers.add(observer);
    return { [Symbol.dispose]: () => void this.#observers.delete(observer) };
  }

  /** Tells of messages that were not delivered. */
  deadLetter(letter: Letter, reason: DeadLetterReason, count = 1): void {
    this.#deadLetterCount += count;
    if (this.#observers.size > 0) this.tell({ type: "deadLetter", to: letter.to, kind: letter.kind, reason, count });
  }

  /** Tells of a fact that happened in a worker. */
  relay(fact: Fact): void {
    if (fact.type === "deadLetter") this.#deadLetterCount += fact.count;
    this.tell(fact);
  }

  /** Tells every observer, now. */
  tell(fact: Fact): void {
    for (const observer of this.#observers) {
      try {
        observer(fact);
      } catch (thrown) {
        reportError(thrown);
      }
    }
  }
}

/** Nests flat figures by path. Order among siblings is kept; an entry whose parent is missing becomes a root. */
export function nest(flat: Iterable<Stats>): readonly TreeNode[] {
  const nodes = new Map<string, { node: TreeNode; children: TreeNode[] }>();
  for (const stats of flat) {
    const children: TreeNode[] = [];
    nodes.set(stats.path, { node: { ...stats, children }, children });
  }
  const roots: TreeNode[] = [];
  for (const { node } of nodes.values()) {
    const parent = nodes.get(node.path.slice(0, Math.max(0, node.path.lastIndexOf("/"))));
    (parent?.children ?? roots).push(node);
  }
  return roots;
}
