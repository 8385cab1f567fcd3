/**
 * What crosses between two threads: one closed union of plain data.
 *
 * I1. Every member survives structured clone; the only foreign values are payloads, arguments and answers.
 */
import type { MailboxOptions, Shutdown } from "./actor.ts";
import type { Answer } from "./ask.ts";
import type { Fact, Stats } from "./facts.ts";
import type { Exit, Failure } from "./failure.ts";
import type { Halt } from "./kernel.ts";

/** One thing said across a thread boundary; a post carries all that one turn had to say. */
export type Frame = MessageFrame | ControlFrame;

/** Frames between actors; either side sends any of them. `via` names the sender's credit account. */
export type MessageFrame =
  | TellFrame
  | {
    readonly type: "ask";
    readonly to: string;
    readonly via: number;
    readonly kind: string;
    readonly payload: unknown;
    readonly question: number;
  }
  | { readonly type: "answer"; readonly question: number; readonly answer: Answer }
  | { readonly type: "credit"; readonly via: number; readonly count: number }
  | { readonly type: "watch"; readonly to: string; readonly watch: number }
  | { readonly type: "unwatch"; readonly watch: number }
  | { readonly type: "down"; readonly watch: number; readonly exit: Exit }
  | { readonly type: "done"; readonly request: number; readonly result: Result };

/** Messages of one kind to one actor: those told one after the other share a frame, which makes them cheap to clone. */
export interface TellFrame {
  readonly type: "tell";
  readonly to: string;
  readonly via: number;
  readonly kind: string;
  readonly payloads: unknown[];
}

/** Frames between the two ends of a link. `start`, `halt`, `close`, `stats`, `ping` go to the worker, the rest comes. */
export type ControlFrame =
  | StartFrame
  | { readonly type: "halt"; readonly request: number; readonly path: string; readonly halt: Halt }
  | { readonly type: "close"; readonly path: string; readonly exit: Exit }
  | { readonly type: "stats"; readonly request: number }
  | { readonly type: "ping" }
  | { readonly type: "pong" }
  | { readonly type: "hello" }
  | { readonly type: "ended"; readonly path: string; readonly exit: Exit }
  | { readonly type: "fatal"; readonly failure: Failure }
  | { readonly type: "fact"; readonly fact: Fact };

/** Begins an incarnation of an actor in the worker; the first one brings the actor into being. */
export interface StartFrame {
  readonly type: "start";
  readonly request: number;
  readonly path: string;
  readonly name: string;
  readonly args: unknown;
  readonly mailbox?: MailboxOptions;
  readonly shutdownMs?: Shutdown;
}

/** What a request comes back with: an exit when it failed, figures when it asked for them. */
export interface Result {
  readonly exit?: Exit;
  readonly stats?: readonly Stats[];
}

/** The foreign values that a frame carries. */
export function cargoOf(frame: Frame): readonly unknown[] {
  switch (frame.type) {
    case "tell":
      return frame.payloads;
    case "ask":
      return [frame.payload];
    case "answer":
      return frame.answer.type === "value" ? [frame.answer.value] : [];
    case "start":
      return [frame.args];
    default:
      return [];
  }
}
