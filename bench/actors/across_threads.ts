/**
 * Batches of packed records to a worker and back, by actors and by raw `postMessage`.
 *
 * This module is also the worker's: there it serves the actor.
 */
import { actor, child, type RefOf, serve, system, transfer, worker } from "../../src/actor/mod.ts";
import { systemClock, systemRandom } from "../../src/clock.ts";

const RECORD_BYTES = 32, RECORDS_PER_BATCH = 1_024, IN_FLIGHT = 16;
const WITHIN = { withinMs: 60_000 };

const adder = actor({
  name: "adder",
  init: () => ({ count: 0, sum: 0 }),
  on: {
    /** Records whose first field is an amount; the buffer goes back to the asker. */
    batch(state, bytes: ArrayBuffer) {
      const view = new DataView(bytes);
      for (let at = 0; at < view.byteLength; at += RECORD_BYTES) state.sum += view.getFloat64(at, true);
      state.count += view.byteLength / RECORD_BYTES;
      return transfer(bytes, [bytes]);
    },
    count: (state) => state.count,
  },
});

serve([adder]);

/** Sends batches; resolves to the records that the worker has counted since it was made. */
export interface Lane extends AsyncDisposable {
  readonly name: string;
  send(batches: number): Promise<number>;
}

/** By an actor placed in a worker. */
export async function actorLane(): Promise<Lane> {
  const running = system({ clock: systemClock, random: systemRandom });
  const place = await running.start(worker({ id: "worker", url: new URL(import.meta.url) }));
  await running.start(child(adder, { id: "adder", args: undefined, place }));
  const ref = running.ref(adder, "adder");
  let buffers = emptyBuffers();
  return {
    name: "Tally's actors",
    async send(batches) {
      buffers = await Promise.all(buffers.map((buffer) => volley(ref, buffer, batches / IN_FLIGHT)));
      return await ref.ask("count", WITHIN);
    },
    [Symbol.asyncDispose]: () => running.stop(),
  };
}

/** By `postMessage` to a worker that knows no actors. */
export function rawLane(): Lane {
  const source = `let count = 0, sum = 0;
    onmessage = ({ data }) => {
      const view = new DataView(data);
      for (let at = 0; at < view.byteLength; at += ${RECORD_BYTES}) sum += view.getFloat64(at, true);
      count += view.byteLength / ${RECORD_BYTES};
      postMessage({ data, count }, [data]);
    };`;
  const raw = new Worker(`data:text/javascript,${encodeURIComponent(source)}`, { type: "module" });
  let buffers = emptyBuffers();
  return {
    name: "baseline: postMessage",
    send(batches) {
      const { promise, resolve } = Promise.withResolvers<number>();
      const back: ArrayBuffer[] = [];
      let sent = 0, answered = 0;
      const send = (bytes: ArrayBuffer): void => {
        pack(bytes, sent++);
        raw.postMessage(bytes, [bytes]);
      };
      raw.onmessage = ({ data }: MessageEvent<{ data: ArrayBuffer; count: number }>) => {
        if (sent < batches) send(data.data);
        else back.push(data.data);
        if (++answered < batches) return;
        buffers = back;
        resolve(data.count);
      };
      for (const buffer of buffers) send(buffer);
      return promise;
    },
    [Symbol.asyncDispose]() {
      raw.terminate();
      return Promise.resolve();
    },
  };
}

/** Records in so many batches. */
export function recordsIn(batches: number): number {
  return batches * RECORDS_PER_BATCH;
}

function emptyBuffers(): ArrayBuffer[] {
  return Array.from({ length: IN_FLIGHT }, () => new ArrayBuffer(RECORDS_PER_BATCH * RECORD_BYTES));
}

function pack(bytes: ArrayBuffer, amount: number): void {
  const view = new DataView(bytes);
  for (let at = 0; at < view.byteLength; at += RECORD_BYTES) view.setFloat64(at, amount, true);
}

/** Sends one buffer to and fro; it is packed anew each time. */
async function volley(ref: RefOf<typeof adder>, buffer: ArrayBuffer, rounds: number): Promise<ArrayBuffer> {
  let bytes = buffer;
  for (let round = 0; round < rounds; round++) {
    pack(bytes, round);
    bytes = await ref.ask("batch", transfer(bytes, [bytes]), WITHIN);
  }
  return bytes;
}
