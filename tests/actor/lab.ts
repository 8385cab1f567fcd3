/** What the tests of the framework share: a system on virtual time, its facts, and an actor that writes a diary. */
import {
  actor,
  type Down,
  type Exit,
  type Fact,
  type Plan,
  type System,
  system,
  type Virtual,
  virtual,
} from "../../src/actor/mod.ts";

/** A system on virtual time with everything it told. */
export interface Lab extends AsyncDisposable {
  readonly sys: System;
  readonly time: Virtual;
  readonly facts: Fact[];
  /** Facts of one type, as short lines. */
  lines(...types: Fact["type"][]): string[];
}

/** Opens a lab. */
export function lab(plan: Plan = { strategy: "one_for_one" }, seed = 1): Lab {
  const time = virtual({ seed });
  const sys = system({ ...time, plan });
  const facts: Fact[] = [];
  sys.observe((fact) => void facts.push(fact));
  return {
    sys,
    time,
    facts,
    lines: (...types) => facts.filter(({ type }) => types.includes(type)).map(lineOf),
    async [Symbol.asyncDispose]() {
      const stopped = sys.stop();
      await time.advance(60_000);
      await stopped;
    },
  };
}

function lineOf(fact: Fact): string {
  switch (fact.type) {
    case "deadLetter":
      return `${fact.to} ${fact.kind} ${fact.reason} ${fact.count}`;
    case "failed":
    case "stopped":
      return `${fact.path} ${fact.exit.why}`;
    case "backoff":
      return `${fact.path} ${fact.delayMs}`;
    case "gaveUp":
    case "stopFailed":
      return `${fact.path} ${fact.failure.message}`;
    case "restarted":
      return `${fact.path} ${fact.restarts}`;
    case "started":
      return fact.path;
  }
}

/** Arguments of `diarist`. */
export interface DiaristArgs {
  readonly diary: string[];
  /** How often `init` throws before it succeeds; counted down in place. */
  readonly failures?: { left: number };
  /** What `stop` waits for. */
  readonly lastWords?: Promise<void>;
  readonly stopThrows?: boolean;
}

/** Writes down what happens to it and does what it is told. */
export const diarist = actor({
  name: "diarist",
  init(args: DiaristArgs, cx) {
    const id = cx.path.split("/").at(-1) ?? "";
    if (args.failures !== undefined && args.failures.left > 0) {
      args.failures.left--;
      args.diary.push(`fail ${id}`);
      throw new RangeError(`Cannot start ${id}: told to fail`);
    }
    args.diary.push(`init ${id}`);
    return { ...args, id, notes: new Array<number>() };
  },
  on: {
    note(state, value: number) {
      state.notes.push(value);
    },
    notes: (state) => [...state.notes],
    boom(_state, message?: string) {
      throw new RangeError(`Cannot go on: ${message ?? "boom"}`);
    },
    async boomLater(_state, gate: Promise<void>) {
      await gate;
      throw new RangeError("Cannot go on: boom later");
    },
    async hold(state, gate: Promise<void>) {
      await gate;
      state.notes.push(-1);
    },
    leave(_state, exit: Exit, cx) {
      cx.stop(exit);
    },
    watch(_state, path: string, cx) {
      cx.watch({ path }, "down");
    },
    unwatch(_state, path: string, cx) {
      cx.unwatch({ path });
    },
    async holdThenUnwatch(_state, { until, path }: { readonly until: Promise<void>; readonly path: string }, cx) {
      await until;
      cx.unwatch({ path });
    },
    down(state, down: Down) {
      state.diary.push(`down ${down.path} ${down.exit.why}`);
    },
    every(_state, periodMs: number, cx) {
      cx.every(periodMs, "tick");
    },
    after(_state, delayMs: number, cx) {
      cx.after(delayMs, "tick");
    },
    cancel(_state, _payload: void, cx) {
      cx.cancel("tick");
    },
    tick(state, _payload: void, cx) {
      state.diary.push(`tick ${state.id} ${cx.clock.elapsedMs()}`);
      state.notes.push(0);
    },
  },
  async stop(state, exit) {
    await state.lastWords;
    state.diary.push(`stop ${state.id} ${exit.why}`);
    if (state.stopThrows) throw new RangeError(`Cannot stop ${state.id}: told to fail`);
  },
});

/** A promise and the means to settle it by hand. */
export function gate(): PromiseWithResolvers<void> {
  return Promise.withResolvers<void>();
}

/** The names of the children that the tests give their diarists. */
export const ABC = ["a", "b", "c"] as const;
