/** The baseline: the same steps without actors, by plain objects, arrays and promises. */
import { BURST, type Contestant, FAN, WIDTH } from "./contest.ts";

interface Message {
  readonly amount: number;
}

interface Counter {
  count: number;
  sum: number;
}

/** Messages put into a ring and drained by a loop. */
function drained(counters: readonly Counter[], count: number): number {
  const ring = new Array<Message | undefined>(BURST);
  for (let sent = 0; sent < count; sent += BURST) {
    for (let each = 0; each < BURST; each++) ring[each] = { amount: 1 };
    for (let each = 0; each < BURST; each++) {
      const counter = counters[each % counters.length];
      if (counter === undefined) continue;
      counter.count++;
      counter.sum += ring[each]?.amount ?? 0;
    }
  }
  return counters.reduce((sum, counter) => sum + counter.count, 0);
}

function counters(count: number): readonly Counter[] {
  return Array.from({ length: count }, () => ({ count: 0, sum: 0 }));
}

/** No library at all. */
export function bare(): Contestant {
  return {
    name: "baseline: a ring, a loop, promises",
    tell: (count) => Promise.resolve(drained(counters(1), count)),
    async ask(count) {
      let answered = 0;
      for (let asked = 0; asked < count; asked += WIDTH) {
        const answers = Array.from({ length: WIDTH }, (_, each) => Promise.resolve(each));
        answered += (await Promise.all(answers)).length;
      }
      return answered;
    },
    async pingPong(count) {
      let hits = 0;
      const hit = () => void hits++;
      while (hits < count) await Promise.resolve().then(hit);
      return hits;
    },
    fanOut: (count) => Promise.resolve(drained(counters(FAN), count)),
    [Symbol.asyncDispose]: () => Promise.resolve(),
  };
}
