/**
 * What messages cost, inside an isolate and across threads.
 *
 * Every figure is completed work: the receiver's own count is compared with what was sent before a rate is printed.
 * Not measured: contention by other programs, memory, handlers that do real work.
 *
 *     deno run -A bench/actors.ts
 */
import { actor, child, type RefOf, serve, type System, system, transfer, worker } from "../src/actor/mod.ts";
import { systemClock, systemRandom } from "../src/clock.ts";

const RECORD_BYTES = 32;
const RECORDS_PER_BATCH = 1024;
const BATCHES = 4_000;
const IN_FLIGHT = 16;

/** Adds up what it is told. */
const adder = actor({
  name: "adder",
  init: () => ({ count: 0, sum: 0 }),
  on: {
    add(state, amount: number) {
      state.count++;
      state.sum += amount;
    },
    /** A packed batch: 32-byte records whose first field is an amount; the buffer goes back to the asker. */
    batch(state, bytes: ArrayBuffer) {
      const view = new DataView(bytes);
      for (let at = 0; at < view.byteLength; at += RECORD_BYTES) state.sum += view.getFloat64(at, true);
      state.count += view.byteLength / RECORD_BYTES;
      return transfer(bytes, [bytes]);
    },
    count: (state) => state.count,
  },
});

/** Sends the ball back until it has been hit often enough. */
const player = actor({
  name: "player",
  init: () => ({ hits: 0 }),
  on: {
    hit(state, ball: { readonly left: number; readonly to: string; readonly from: string }, cx) {
      state.hits++;
      if (ball.left > 0) cx.ref(player, ball.to).tell("hit", { left: ball.left - 1, to: ball.from, from: ball.to });
    },
    hits: (state) => state.hits,
  },
});

serve([adder]);

const inWorker = "WorkerGlobalScope" in globalThis;
if (import.meta.main && !inWorker) await main();

async function main(): Promise<void> {
  await using sys = system({ clock: systemClock, random: systemRandom });
  console.log(`deno ${Deno.version.deno}, ${navigator.hardwareConcurrency} cores`);
  rate("baseline: ring of messages drained by a loop", 20_000_000, await timed(() => rawRing(20_000_000)));
  await tells(sys);
  await asks(sys);
  await pingPong(sys);
  await spawns(sys);
  await packed(sys);
  await rawPacked();
}

async function tells(sys: System): Promise<void> {
  const ref = await sys.spawn(adder, { id: "tells", args: undefined });
  await burstsOfTells("tell, bursts of 2048, each ended by an ask", 8_000_000, ref);
}

async function burstsOfTells(name: string, count: number, ref: RefOf<typeof adder>): Promise<void> {
  const burst = 2048;
  const run = async () => {
    let got = 0;
    for (let sent = 0; sent < count;) {
      const end = Math.min(count, sent + burst);
      for (; sent < end; sent++) if (ref.tell("add", 1) !== "accepted") throw new RangeError("Cannot tell: refused");
      got = await ref.ask("count", { withinMs: 60_000 });
    }
    return got;
  };
  await best({ name, count, run, wanted: (rounds) => count * rounds });
}

async function asks(sys: System): Promise<void> {
  const count = 400_000, width = 64;
  const ref = await sys.spawn(adder, { id: "asks", args: undefined });
  const run = async () => {
    let answered = 0;
    for (let asked = 0; asked < count; asked += width) {
      const answers: Promise<number>[] = [];
      for (let each = 0; each < width; each++) answers.push(ref.ask("count", { withinMs: 5_000 }));
      answered += (await Promise.all(answers)).length;
    }
    return answered;
  };
  await best({ name: "ask, 64 at a time", count, run, wanted: () => count });
}

async function pingPong(sys: System): Promise<void> {
  const count = 2_000_000;
  const left = await sys.spawn(player, { id: "left", args: undefined });
  const right = await sys.spawn(player, { id: "right", args: undefined });
  const run = async () => {
    left.tell("hit", { left: count - 1, to: right.path, from: left.path });
    const hits = async () => (await ask(left)) + (await ask(right));
    const before = await hits();
    while (await hits() < before - before % count + count) await turnOfTheLoop();
    return await hits();
  };
  await best({ name: "ping-pong, messages between two actors", count, run, wanted: (rounds) => count * rounds });
}

function ask(ref: RefOf<typeof player>): Promise<number> {
  return ref.ask("hits", { withinMs: 60_000 });
}

async function spawns(sys: System): Promise<void> {
  const count = 20_000;
  let round = 0;
  const run = async () => {
    round++;
    const started = [];
    for (let each = 0; each < count; each++) {
      started.push(sys.spawn(adder, { id: `spawn-${round}-${each}`, args: undefined, restart: "temporary" }));
    }
    return (await Promise.all(started)).length;
  };
  await best({ name: "spawn", count, run, wanted: () => count });
}

async function packed(sys: System): Promise<void> {
  const place = await sys.start(worker({ id: "worker", url: new URL(import.meta.url) }));
  await sys.start(child(adder, { id: "packed", args: undefined, place }));
  const ref = sys.ref(adder, "packed");
  let buffers = emptyBuffers();
  const run = async () => {
    buffers = await Promise.all(buffers.map((buffer) => volley(ref, buffer, BATCHES / buffers.length)));
    return await ref.ask("count", { withinMs: 5_000 });
  };
  const count = BATCHES * RECORDS_PER_BATCH;
  await best({
    name: "packed 32-byte records to a worker, 1024 a batch",
    count,
    run,
    wanted: (rounds) => count * rounds,
  });
  const single = await sys.spawn(adder, { id: "single", args: undefined, place });
  await burstsOfTells("tell to a worker, bursts of 2048, each one object", 400_000, single);
}

/** The same packed batches to a worker that knows no actors. */
async function rawPacked(): Promise<void> {
  const source = `let count = 0, sum = 0;
    onmessage = ({ data }) => {
      const view = new DataView(data);
      for (let at = 0; at < view.byteLength; at += ${RECORD_BYTES}) sum += view.getFloat64(at, true);
      count += view.byteLength / ${RECORD_BYTES};
      postMessage({ data, count }, [data]);
    };`;
  const worker = new Worker(`data:text/javascript,${encodeURIComponent(source)}`, { type: "module" });
  const run = () => {
    const { promise, resolve } = Promise.withResolvers<number>();
    let [sent, answered] = [0, 0];
    const send = (bytes: ArrayBuffer): void => {
      pack(bytes, sent++);
      worker.postMessage(bytes, [bytes]);
    };
    worker.onmessage = ({ data }: MessageEvent<{ data: ArrayBuffer; count: number }>) => {
      if (sent < BATCHES) send(data.data);
      if (++answered === BATCHES) resolve(data.count);
    };
    for (const buffer of emptyBuffers()) send(buffer);
    return promise;
  };
  const count = BATCHES * RECORDS_PER_BATCH;
  await best({ name: "baseline: the same by raw postMessage", count, run, wanted: (rounds) => count * rounds });
  worker.terminate();
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
    bytes = await ref.ask("batch", transfer(bytes, [bytes]), { withinMs: 5_000 });
  }
  return bytes;
}

function rawRing(count: number): number {
  const ring = new Array<{ amount: number } | undefined>(4096);
  let sum = 0;
  for (let sent = 0; sent < count;) {
    for (let each = 0; each < 2048; each++) ring[each] = { amount: 1 };
    for (let each = 0; each < 2048; each++, sent++) sum += ring[each]?.amount ?? 0;
  }
  return sum;
}

interface Measured {
  readonly name: string;
  readonly count: number;
  /** Returns the receiver's own count. */
  run(): Promise<number>;
  /** What the receiver must have counted after so many rounds. */
  wanted(rounds: number): number;
}

/** Best of three, each verified. */
async function best({ name, count, run, wanted }: Measured): Promise<void> {
  let leastMs = Infinity;
  for (let round = 1; round <= 3; round++) {
    let got = 0;
    leastMs = Math.min(leastMs, await timed(async () => void (got = await run())));
    if (got !== wanted(round)) throw new RangeError(`Cannot trust ${name}: ${got} completed, not ${wanted(round)}`);
  }
  rate(name, count, leastMs);
}

async function timed(run: () => unknown): Promise<number> {
  const fromMs = systemClock.elapsedMs();
  await run();
  return systemClock.elapsedMs() - fromMs;
}

function rate(name: string, count: number, ms: number): void {
  console.log(
    `${name.padEnd(52)} ${(count / ms / 1000).toFixed(2).padStart(8)} M/s  (${count} in ${ms.toFixed(0)} ms)`,
  );
}

function turnOfTheLoop(): Promise<void> {
  return new Promise((resolve) => systemClock.yield(resolve));
}
