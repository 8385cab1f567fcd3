/** nact: functional actors after Akka. Its mailboxes have no bound. */
import { dispatch, query, type Ref, spawn, start, stop } from "nact";
import { BURST, type Contestant, FAN, WIDTH } from "./contest.ts";

type Ask = Ref<number>;
type Message = { readonly kind: "add"; readonly amount: number } | { readonly kind: "count"; readonly sender: Ask };
type Ball = { readonly kind: "hit"; readonly left: number; readonly to: Ref<Ball>; readonly from: Ref<Ball> } | {
  readonly kind: "hits";
  readonly sender: Ask;
};

interface Counted {
  readonly count: number;
  readonly sum: number;
}

const WITHIN_MS = 60_000;

/** A system of its own. */
export function nact(): Contestant {
  const system = start();
  const counter = () =>
    spawn(system, (state: Counted | undefined, message: Message) => {
      const { count, sum } = state ?? { count: 0, sum: 0 };
      if (message.kind === "add") return { count: count + 1, sum: sum + message.amount };
      dispatch(message.sender, count);
      return state;
    });
  const player = () =>
    spawn(system, (hits: number | undefined, ball: Ball) => {
      const count = hits ?? 0;
      if (ball.kind === "hits") {
        dispatch(ball.sender, count);
        return hits;
      }
      if (ball.left > 0) dispatch(ball.to, { kind: "hit", left: ball.left - 1, to: ball.from, from: ball.to });
      return count + 1;
    });
  return {
    name: "nact 7.6",
    tell: async (count) => await tellAll([counter()], count),
    async ask(count) {
      const ref = counter();
      let answered = 0;
      for (let asked = 0; asked < count; asked += WIDTH) {
        answered += (await Promise.all(Array.from({ length: WIDTH }, () => countOf(ref)))).length;
      }
      return answered;
    },
    async pingPong(count) {
      const left = player(), right = player();
      dispatch(left, { kind: "hit", left: count - 1, to: right, from: left });
      for (;;) {
        const hits = await hitsOf(left) + await hitsOf(right);
        if (hits >= count) return hits;
      }
    },
    fanOut: async (count) => await tellAll(Array.from({ length: FAN }, counter), count),
    [Symbol.asyncDispose]() {
      stop(system);
      return Promise.resolve();
    },
  };
}

async function tellAll(refs: readonly Ref<Message>[], count: number): Promise<number> {
  let counted = 0;
  for (let sent = 0; sent < count;) {
    for (const end = sent + BURST; sent < end; sent++) {
      const ref = refs[sent % refs.length];
      if (ref !== undefined) dispatch(ref, { kind: "add", amount: 1 });
    }
    counted = (await Promise.all(refs.map(countOf))).reduce((sum, each) => sum + each, 0);
  }
  return counted;
}

function countOf(ref: Ref<Message>): Promise<number> {
  return query(ref, (sender: Ask): Message => ({ kind: "count", sender }), WITHIN_MS);
}

function hitsOf(ref: Ref<Ball>): Promise<number> {
  return query(ref, (sender: Ask): Ball => ({ kind: "hits", sender }), WITHIN_MS);
}
