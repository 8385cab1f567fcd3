/** Actors that the worker tests place in workers; the same module is imported for its definitions. */
import { actor, type Down, serve, transfer } from "../../src/actor/mod.ts";

/** Keeps what it is told, and can be made to fail in every way. */
export const keeper = actor({
  name: "keeper",
  init(args: { readonly fails?: boolean; readonly leaves?: boolean }, cx) {
    if (args.fails === true) throw new RangeError("Cannot start: told to fail");
    if (args.leaves === true) cx.stop();
    return { kept: new Array<number>(), downs: new Array<string>(), ticks: 0, path: cx.path };
  },
  on: {
    keep: (state, value: number) => void state.kept.push(value),
    kept: (state) => [...state.kept],
    later(state, value: number, cx) {
      const reply = cx.defer<number>();
      cx.after(1, "reply", () => reply.resolve(value + state.kept.length));
      return reply;
    },
    reply: (_state, resolve: () => void) => resolve(),
    never: (_state, _payload: void, cx) => cx.defer<string>(),
    every: (_state, periodMs: number, cx) => cx.every(periodMs, "tick"),
    tick: (state) => void state.ticks++,
    ticks: (state) => state.ticks,
    /** Returns the bytes, transferred, each one more. */
    bump(_state, bytes: ArrayBuffer) {
      const view = new Uint8Array(bytes);
      for (let at = 0; at < view.length; at++) view[at] = (view[at] ?? 0) + 1;
      return transfer(bytes, [bytes]);
    },
    /** Works on for a while without giving the thread back. */
    chew(_state, ms: number, cx) {
      const untilMs = cx.clock.elapsedMs() + ms;
      while (cx.clock.elapsedMs() < untilMs);
    },
    uncloneable: () => () => 1,
    boom(): void {
      throw new RangeError("Cannot go on: boom", { cause: new TypeError("Cannot say: why") });
    },
    rejectUnseen() {
      void Promise.reject(new RangeError("Cannot go on: unseen"));
    },
    spin() {
      for (;;);
    },
    closeSelf: () => void globalThis.close(),
    exitDeno: () => void Deno.exit(0),
    leave: (_state, _payload: void, cx) => cx.stop(),
    async adopt(_state, id: string, cx) {
      return (await cx.spawn(keeper2, { id, args: {} })).path;
    },
    watch: (_state, path: string, cx) => cx.watch({ path }, "down"),
    down: (state, { path, exit }: Down) => void state.downs.push(`${path} ${exit.why}`),
    downs: (state) => [...state.downs],
    /** Passes a value on to another actor by its path, and a question too. */
    pass: (_state, { to, value }: { readonly to: string; readonly value: number }, cx) =>
      cx.ref(keeper2, to).tell("keep", value),
    passAsk: (_state, to: string, cx): Promise<number[]> => cx.ref(keeper2, to).ask("kept", { withinMs: 5_000 }),
  },
});

/** A child of `keeper`. */
export const keeper2 = actor({
  name: "keeper2",
  init: (_args: { readonly fails?: boolean }) => ({ kept: new Array<number>() }),
  on: {
    keep: (state, value: number) => void state.kept.push(value),
    kept: (state): number[] => [...state.kept],
    boom(): void {
      throw new RangeError("Cannot go on: boom");
    },
  },
});

/** Served by no worker. */
export const unserved = actor({ name: "unserved", init: () => ({}), on: {} });

serve([keeper, keeper2]);
