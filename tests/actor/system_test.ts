/** What a system tells about itself, and its typed surface. */
import assert from "node:assert/strict";
import {
  actor,
  type AnyDefinition,
  child,
  type Context,
  type Ref,
  type RefOf,
  supervisor,
  toFailure,
} from "../../src/actor/mod.ts";
import { Facts, nest, type Stats } from "../../src/actor/facts.ts";
import { diarist, lab } from "./lab.ts";

Deno.test("System.tree() nests actors by path, in start order, with their figures", async () => {
  await using at = lab();
  const kid = (id: string) => child(diarist, { id, args: { diary: [] } });
  await at.sys.start(
    supervisor({ id: "s", plan: { strategy: "one_for_one" }, children: [kid("b"), kid("a")] }),
  );
  at.sys.ref(diarist, "s/a").tell("note", 1);
  at.sys.ref(diarist, "s/b").tell("boom");
  await at.time.settle();
  const [node] = await at.sys.tree();
  assert.deepEqual([node?.path, node?.role, node?.phase], ["s", "supervisor", "running"]);
  assert.deepEqual(
    node?.children.map(({ path, handled, failed, restarts }) => [path, handled, failed, restarts]),
    [["s/b", 1, 1, 1], ["s/a", 1, 0, 0]],
  );
});

Deno.test("nest() keeps an entry whose parent is missing as a root", () => {
  const stats = (path: string): Stats => ({
    path,
    role: "actor",
    worker: "",
    phase: "running",
    handled: 0,
    failed: 0,
    restarts: 0,
    queued: 0,
    peakQueued: 0,
    refused: 0,
    displaced: 0,
  });
  const shape = nest(["a", "a/b", "x/y/z"].map(stats)).map(({ path, children }) => [path, children.length]);
  assert.deepEqual(shape, [["a", 1], ["x/y/z", 0]]);
});

Deno.test("System.observe() tells until it is disposed of, and buffers nothing", async () => {
  await using at = lab();
  const seen: string[] = [];
  await at.sys.spawn(diarist, { id: "before", args: { diary: [] } });
  {
    using _observer = at.sys.observe((fact) => void seen.push(fact.type));
    await at.sys.spawn(diarist, { id: "during", args: { diary: [] } });
  }
  await at.sys.spawn(diarist, { id: "after", args: { diary: [] } });
  assert.deepEqual(seen, ["started"]);
});

Deno.test("Facts.tell() to an observer that throws reaches the others, and the error is uncaught", () => {
  const facts = new Facts();
  const [seen, uncaught] = [new Array<string>(), new Array<string>()];
  const listen = (event: ErrorEvent): void => {
    event.preventDefault();
    uncaught.push(toFailure(event.error).message);
  };
  globalThis.addEventListener("error", listen);
  facts.observe(() => {
    throw new RangeError("Cannot look: told to fail");
  });
  facts.observe((fact) => void seen.push(fact.type));
  facts.tell({ type: "started", path: "x" });
  globalThis.removeEventListener("error", listen);
  assert.deepEqual([seen, uncaught], [["started"], ["Cannot look: told to fail"]]);
});

Deno.test("Context.spawn() and ref() are typed by the handler table", async () => {
  const typed = actor({
    name: "typed",
    init: (args: { readonly from: number }, cx: Context) => ({ count: args.from, path: cx.path }),
    on: {
      add: (state, amount: number) => void (state.count += amount),
      maybe: (state, amount?: number) => void (state.count += amount ?? 1),
      count: (state): number => state.count,
      later: (_state, _payload: void, cx) => cx.defer<string>(),
    },
  });
  const erased: AnyDefinition = typed;
  assert.equal(erased.name, "typed");
  await using at = lab();
  const ref: RefOf<typeof typed> = await at.sys.spawn(typed, { id: "t", args: { from: 1 } });
  ref.tell("maybe");
  ref.tell("maybe", 2);
  const count: number = await ref.ask("count", { withinMs: 10 });
  assert.equal(count, 4);
  const misuse = (wrong: Ref<(typeof typed)["on"]>): unknown[] => [
    // @ts-expect-error A payload of another type.
    () => wrong.tell("add", "1"),
    // @ts-expect-error No payload where one is needed.
    () => wrong.tell("add"),
    // @ts-expect-error An unknown kind.
    () => wrong.tell("subtract", 1),
    // @ts-expect-error A question without a deadline.
    () => wrong.ask("count"),
    // @ts-expect-error An answer of another type.
    (): Promise<number> => wrong.ask("later", { withinMs: 1 }),
    // @ts-expect-error Arguments of another type.
    () => at.sys.spawn(typed, { id: "t", args: { from: "1" } }),
  ];
  assert.equal(misuse.length, 1);
});
