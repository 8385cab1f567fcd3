/** Tally's own actors, with supervision, bounded mailboxes and counters on, as the program uses them. */
import { actor, type RefOf, system } from "../../src/actor/mod.ts";
import { systemClock, systemRandom } from "../../src/clock.ts";
import { BURST, type Contestant, FAN, WIDTH } from "./contest.ts";

const WITHIN = { withinMs: 60_000 };

const counter = actor({
  name: "counter",
  init: () => ({ count: 0, sum: 0 }),
  on: {
    add(state, amount: number) {
      state.count++;
      state.sum += amount;
    },
    count: (state) => state.count,
  },
});

interface Ball {
  readonly left: number;
  readonly to: string;
  readonly from: string;
}

const player = actor({
  name: "player",
  init: () => ({ hits: 0 }),
  on: {
    hit(state, { left, to, from }: Ball, cx) {
      state.hits++;
      if (left > 0) cx.ref(player, to).tell("hit", { left: left - 1, to: from, from: to });
    },
    hits: (state) => state.hits,
  },
});

/** A system of its own; each method spawns the actors it needs. */
export function ours(): Contestant {
  const running = system({ clock: systemClock, random: systemRandom });
  let spawned = 0;
  const spawn = (def: typeof counter) => running.spawn(def, { id: `counter-${spawned++}`, args: undefined });
  const spawnPlayer = () => running.spawn(player, { id: `player-${spawned++}`, args: undefined });
  return {
    name: "Tally's actors",
    tell: async (count) => await tellAll([await spawn(counter)], count),
    async ask(count) {
      const ref = await spawn(counter);
      let answered = 0;
      for (let asked = 0; asked < count; asked += WIDTH) {
        const answers = Array.from({ length: WIDTH }, () => ref.ask("count", WITHIN));
        answered += (await Promise.all(answers)).length;
      }
      return answered;
    },
    async pingPong(count) {
      const left = await spawnPlayer(), right = await spawnPlayer();
      left.tell("hit", { left: count - 1, to: right.path, from: left.path });
      for (;;) {
        const hits = await left.ask("hits", WITHIN) + await right.ask("hits", WITHIN);
        if (hits >= count) return hits;
        await new Promise<void>((resolve) => systemClock.yield(resolve));
      }
    },
    async fanOut(count) {
      const refs = [];
      for (let each = 0; each < FAN; each++) refs.push(await spawn(counter));
      return await tellAll(refs, count);
    },
    [Symbol.asyncDispose]: () => running.stop(),
  };
}

/** Tells in turn, in bursts that are each awaited. */
async function tellAll(refs: readonly RefOf<typeof counter>[], count: number): Promise<number> {
  let counted = 0;
  for (let sent = 0; sent < count;) {
    for (const end = sent + BURST; sent < end; sent++) refs[sent % refs.length]?.tell("add", 1);
    const counts = await Promise.all(refs.map((ref) => ref.ask("count", WITHIN)));
    counted = counts.reduce((sum, each) => sum + each, 0);
  }
  return counted;
}
