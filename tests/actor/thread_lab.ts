/** A system on real time with a worker, and a way to wait for facts instead of sleeping. */
import {
  type Address,
  type Fact,
  type Plan,
  type System,
  system,
  worker,
  type WorkerOptions,
} from "../../src/actor/mod.ts";
import { systemClock, systemRandom } from "../../src/clock.ts";

/** Many restarts, so that a test meets its own limits only. */
export const PATIENT: Plan = { strategy: "one_for_one", intensity: { max: 20, withinMs: 60_000 } };

/** A system with everything it told. */
export interface ThreadLab extends AsyncDisposable {
  readonly sys: System;
  readonly facts: Fact[];
  /** Resolves with the first fact, past or future, that fits. */
  seen<T extends Fact["type"]>(type: T, path: string): Promise<Extract<Fact, { type: T }>>;
  /** Starts a worker that serves `served.ts`, with a quick heartbeat. */
  place(options?: Partial<WorkerOptions>): Promise<Address>;
}

/** Opens a lab. */
export function threadLab(plan: Plan = PATIENT): ThreadLab {
  const sys = system({ clock: systemClock, random: systemRandom, plan });
  const facts: Fact[] = [];
  const waiting = new Set<(fact: Fact) => void>();
  sys.observe((fact) => {
    facts.push(fact);
    for (const each of waiting) each(fact);
  });
  return {
    sys,
    facts,
    seen<T extends Fact["type"]>(type: T, path: string) {
      const { promise, resolve } = Promise.withResolvers<Extract<Fact, { type: T }>>();
      const look = (fact: Fact): void => {
        if (!isOf(fact, type) || ("path" in fact ? fact.path : fact.to) !== path) return;
        waiting.delete(look);
        resolve(fact);
      };
      waiting.add(look);
      facts.forEach(look);
      return promise;
    },
    place: (options = {}) =>
      sys.start(worker({
        id: "w",
        url: new URL("./served.ts", import.meta.url),
        heartbeatMs: 50,
        startWithinMs: 120_000,
        missedBeats: 12,
        ...options,
      })),
    [Symbol.asyncDispose]: () => sys.stop(),
  };
}

function isOf<T extends Fact["type"]>(fact: Fact, type: T): fact is Extract<Fact, { type: T }> {
  return fact.type === type;
}
