/** XState: actors from transition functions. A message is handled before `send` returns; there is no mailbox to wait in. */
import { type AnyActorRef, createActor, fromTransition } from "xstate";
import { BURST, type Contestant, FAN, WIDTH } from "./contest.ts";

interface Counted {
  readonly count: number;
  readonly sum: number;
}

type Add = { readonly type: "add"; readonly amount: number };
type Asked = { readonly type: "count"; readonly answer: (count: number) => void };
type Hit = { readonly type: "hit"; readonly left: number; readonly to: AnyActorRef; readonly from: AnyActorRef };

const counterLogic = fromTransition((state: Counted, event: Add | Asked): Counted => {
  if (event.type === "add") return { count: state.count + 1, sum: state.sum + event.amount };
  event.answer(state.count);
  return state;
}, { count: 0, sum: 0 });

const playerLogic = fromTransition((hits: number, event: Hit): number => {
  if (event.left > 0) event.to.send({ type: "hit", left: event.left - 1, to: event.from, from: event.to });
  return hits + 1;
}, 0);

type Counter = ReturnType<typeof counter>;

function counter() {
  return createActor(counterLogic).start();
}

/** Actors that stand alone, as XState's own root actors do. */
export function xstate(): Contestant {
  return {
    name: "XState 5.33",
    tell: async (count) => await tellAll([counter()], count),
    async ask(count) {
      const actor = counter();
      let answered = 0;
      for (let asked = 0; asked < count; asked += WIDTH) {
        answered += (await Promise.all(Array.from({ length: WIDTH }, () => countOf(actor)))).length;
      }
      return answered;
    },
    pingPong(count) {
      const left = createActor(playerLogic).start(), right = createActor(playerLogic).start();
      left.send({ type: "hit", left: count - 1, to: right, from: left });
      return Promise.resolve(left.getSnapshot().context + right.getSnapshot().context);
    },
    fanOut: async (count) => await tellAll(Array.from({ length: FAN }, counter), count),
    [Symbol.asyncDispose]: () => Promise.resolve(),
  };
}

async function tellAll(actors: readonly Counter[], count: number): Promise<number> {
  let counted = 0;
  for (let sent = 0; sent < count;) {
    for (const end = sent + BURST; sent < end; sent++) actors[sent % actors.length]?.send({ type: "add", amount: 1 });
    counted = (await Promise.all(actors.map(countOf))).reduce((sum, each) => sum + each, 0);
  }
  return counted;
}

function countOf(actor: Counter): Promise<number> {
  return new Promise((answer) => actor.send({ type: "count", answer }));
}
