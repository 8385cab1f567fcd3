/** What every keeper of dead letters keeps to. */
import assert from "node:assert/strict";
import type { DeadLetter } from "../../src/stream/dead_letters.ts";
import type { ContractOptions, MakeWorld, SourceWorld } from "./source_contract.ts";
import { utf8 } from "./log_reading.ts";

/** Registers the laws of `DeadLetters` for one adapter. */
export function deadLettersContract(name: string, makeWorld: MakeWorld, options: ContractOptions = {}): void {
  const law = (text: string, fn: (world: SourceWorld) => Promise<void>) =>
    Deno.test({
      ...options,
      name: `${name}: ${text}`,
      async fn() {
        await using world = await makeWorld({ partitions: 2 });
        await fn(world);
      },
    });

  law("read() of dead letters ends at once where there are none", readsNone);
  law("append() and read() keep every part of a dead letter, in order", keepsLetters);
  law("read() drops repeats of a dead letter's name", dropsRepeats);
  law("read() that follows hands over later letters and ends when aborted", follows);
}

const LATE: DeadLetter = {
  reason: "late",
  detail: "",
  topic: "transactions",
  partition: 0,
  offset: 17,
  timeMs: 1_700_000_000_123,
  value: utf8('{"category":"grocery_pos"}'),
};

const LETTERS: readonly DeadLetter[] = [
  LATE,
  { ...LATE, reason: "invalid", detail: "amount: not finite", offset: 18, value: new Uint8Array([0, 255, 10]) },
  { ...LATE, reason: "future", partition: 1, offset: 17, timeMs: undefined },
  { ...LATE, reason: "invalid", detail: "empty", partition: 1, offset: 18, value: null },
  { ...LATE, reason: "invalid", detail: "empty", partition: 1, offset: 2 ** 40, value: new Uint8Array(0) },
];

async function readsNone(world: SourceWorld): Promise<void> {
  await using letters = await world.deadLetters();
  assert.deepEqual(await Array.fromAsync(letters.read()), []);
}

async function keepsLetters(world: SourceWorld): Promise<void> {
  await using letters = await world.deadLetters();
  await letters.append(LETTERS.slice(0, 2));
  await letters.append(LETTERS.slice(2));
  await letters.append([]);
  assert.deepEqual((await Array.fromAsync(letters.read())).map(plain), LETTERS.map(plain));
  await using again = await world.deadLetters();
  assert.deepEqual(
    (await Array.fromAsync(again.read())).map(plain),
    LETTERS.map(plain),
    "letters outlive their keeper",
  );
}

async function dropsRepeats(world: SourceWorld): Promise<void> {
  await using letters = await world.deadLetters();
  await letters.append(LETTERS.slice(0, 3));
  await letters.append([LATE, ...LETTERS.slice(1)]);
  assert.deepEqual((await Array.fromAsync(letters.read())).map(plain), LETTERS.map(plain));
}

async function follows(world: SourceWorld): Promise<void> {
  await using letters = await world.deadLetters();
  await letters.append(LETTERS.slice(0, 1));
  const stop = new AbortController();
  const seen: DeadLetter[] = [];
  for await (const letter of letters.read({ follow: stop.signal })) {
    seen.push(letter);
    if (seen.length === 1) await letters.append(LETTERS);
    if (seen.length === LETTERS.length) stop.abort();
  }
  assert.deepEqual(seen.map(plain), LETTERS.map(plain));
}

/** Comparable whatever class of bytes an adapter hands over. */
function plain(letter: DeadLetter): Record<string, unknown> {
  return { ...letter, value: letter.value === null ? null : [...letter.value] };
}
