/** What every keeper of amendments keeps to. */
import assert from "node:assert/strict";
import type { Amendments, RecordName } from "../../src/stream/amendments.ts";
import { ConfigError } from "../../src/stream/failures.ts";
import type { ContractOptions } from "./source_contract.ts";

/** A topic of two partitions; each `open` is another process. */
export interface AmendmentsWorld extends AsyncDisposable {
  open(): Promise<Amendments>;
}

/** Registers the laws of `Amendments` for one adapter. */
export function amendmentsContract(
  name: string,
  makeWorld: () => Promise<AmendmentsWorld>,
  options: ContractOptions = {},
): void {
  const law = (text: string, fn: (world: AmendmentsWorld) => Promise<void>) =>
    Deno.test({
      ...options,
      name: `${name}: ${text}`,
      async fn() {
        await using world = await makeWorld();
        await fn(world);
      },
    });

  law("read() and counts() of amendments are empty before the first add()", startsEmpty);
  law("add() names records for every process, each once", addsOnce);
  law("takeTurn() leaves the turn with one process until it is disposed of", takesTurns);
  law("clear() forgets every name and count, and what is named after it stays", clears);
}

const RECORDS: readonly RecordName[] = [
  { partition: 0, offset: 0 },
  { partition: 0, offset: 2 ** 40 },
  { partition: 1, offset: 7 },
];

async function stateOf(world: AmendmentsWorld) {
  await using amendments = await world.open();
  const names = (await Array.fromAsync(amendments.read())).map(({ partition, offset }) => `${partition}:${offset}`);
  const counts = [...await amendments.counts()].filter(([, count]) => count > 0).sort(([a], [b]) => a - b);
  return [names.sort(), counts];
}

async function startsEmpty(world: AmendmentsWorld): Promise<void> {
  assert.deepEqual(await stateOf(world), [[], []]);
}

async function addsOnce(world: AmendmentsWorld): Promise<void> {
  await using amendments = await world.open();
  await amendments.add([]);
  await amendments.add(RECORDS.slice(0, 2));
  await amendments.add(RECORDS);
  await amendments.add(RECORDS);
  assert.deepEqual(await stateOf(world), [["0:0", `0:${2 ** 40}`, "1:7"], [[0, 2], [1, 1]]]);
}

async function clears(world: AmendmentsWorld): Promise<void> {
  await using amendments = await world.open();
  await amendments.clear();
  await amendments.add(RECORDS);
  await amendments.clear();
  assert.deepEqual(await stateOf(world), [[], []]);
  await amendments.add(RECORDS.slice(2));
  assert.deepEqual(await stateOf(world), [["1:7"], [[1, 1]]]);
}

async function takesTurns(world: AmendmentsWorld): Promise<void> {
  await using first = await world.open();
  await using second = await world.open();
  {
    await using turn = await first.takeTurn();
    const [stolen] = await Promise.allSettled([second.takeTurn()]);
    // Whoever asks may be given the turn only if the other is told.
    if (stolen.status === "rejected") {
      assert.deepEqual([stolen.reason instanceof ConfigError, turn.over.aborted], [true, false]);
    } else {
      await aborted(turn.over);
      await stolen.value[Symbol.asyncDispose]();
    }
  }
  await using again = await second.takeTurn();
  assert.equal(again.over.aborted, false);
}

function aborted(signal: AbortSignal): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<void>();
  if (signal.aborted) resolve();
  else signal.addEventListener("abort", () => resolve(), { once: true });
  return promise;
}
