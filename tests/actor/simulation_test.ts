/** Whole trees under random orders, crashes, stops and schedules: nothing is lost unseen, and a seed repeats its run. */
import assert from "node:assert/strict";
import { actor, child, type Plan, supervisor, system, virtual } from "../../src/actor/mod.ts";

const STRATEGIES = ["one_for_one", "one_for_all", "rest_for_one"] as const;
const IDS = ["a", "b", "c", "d"] as const;

interface Run {
  readonly sent: number;
  readonly handled: number;
  readonly deadLetters: number;
  readonly asked: number;
  readonly settled: number;
  readonly history: string;
}

/** One random run: a supervisor with four actors that crash, wait, leave and are asked, on a shuffled schedule. */
async function run(seed: number): Promise<Run> {
  const time = virtual({ seed });
  const below = (bound: number): number => Math.floor(time.random() * bound);
  const sys = system({ ...time, pick: below });
  const count = { sent: 0, handled: 0, asked: 0, settled: 0 };
  const history: string[] = [];
  sys.observe((fact) => void history.push(JSON.stringify(fact.type === "failed" ? fact.path : fact)));
  const subject = actor({
    name: "subject",
    init: async (_args: void, cx) => {
      if (below(4) === 0) await null;
      if (below(10) === 0) throw new RangeError("Cannot start: bad luck");
      cx.every(7, "tick");
      return {};
    },
    on: {
      work: () => void count.handled++,
      async wait(_state, ms: number, cx) {
        count.handled++;
        await new Promise<void>((resolve) => cx.clock.after(ms, resolve));
      },
      crash() {
        count.handled++;
        throw new RangeError("Cannot go on: crash");
      },
      question: () => ++count.handled,
      tick: () => {},
    },
  });
  const plan: Plan = {
    strategy: STRATEGIES[seed % 3] ?? "one_for_one",
    intensity: { max: 1_000, withinMs: 1e6 },
    backoff: { minMs: 1, maxMs: 20 },
  };
  const mailbox = { capacity: 5, whenFull: (["refuse", "dropOldest", "dropNewest"] as const)[seed % 3] ?? "refuse" };
  const children = IDS.map((id) => child(subject, { id, args: undefined, mailbox, shutdownMs: 5 }));
  while (!await sys.start(supervisor({ id: "s", plan, children })).then(() => true, () => false));
  const step = (): void => {
    const ref = sys.ref(subject, `s/${IDS[below(4)]}`);
    count.sent++;
    const dice = below(20);
    if (dice === 0) ref.tell("crash");
    else if (dice < 4) ref.tell("wait", below(30));
    else if (dice < 8) {
      count.asked++;
      ref.ask("question", { withinMs: 1 + below(20) }).then(() => count.settled++, () => count.settled++);
    } else ref.tell("work");
  };
  for (let steps = 0; steps < 400; steps++) {
    step();
    if (below(3) === 0) await time.advance(below(4));
  }
  const stopped = sys.stop();
  await time.advance(1_000);
  await stopped;
  await time.settle();
  const late = history.filter((line) => line.includes("lateReply")).length;
  return { ...count, deadLetters: sys.deadLetterCount() - late, history: history.join("\n") };
}

Deno.test("sim: every message is handled or a dead letter, every question settles, whatever crashes", async () => {
  for (let seed = 1; seed <= 60; seed++) {
    const { sent, handled, deadLetters, asked, settled } = await run(seed);
    assert.deepEqual({ seed, total: handled + deadLetters, settled }, { seed, total: sent, settled: asked });
  }
});

Deno.test("sim: a seed repeats its run to the letter", async () => {
  for (const seed of [1, 2, 3]) assert.equal((await run(seed)).history, (await run(seed)).history);
});
