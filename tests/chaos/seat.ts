/** A place for one processor: started, killed, frozen, told to go, and started again. */
import assert from "node:assert/strict";
import { sleep, systemClock } from "../../src/clock.ts";
import type { Installation } from "../e2e/installation.ts";
import type { Program } from "../e2e/program.ts";
import type { Witness } from "./witness.ts";

/** The promise of a drain. */
const DRAIN_MS = 10_000;
/** More than the promise: here only a processor that hangs is a fault of the run. */
const PATIENCE_MS = 3 * DRAIN_MS;
const LOOK_MS = 5;

/** At most one process at a time sits here. */
export class Seat {
  readonly name: string;
  readonly #tally: Installation;
  readonly #witness: Witness;
  #held: { readonly program: Program; readonly watch: Disposable } | undefined;

  constructor(name: string, { tally, witness }: { readonly tally: Installation; readonly witness: Witness }) {
    this.name = name;
    this.#tally = tally;
    this.#witness = witness;
  }

  /** Whether a process sits here. */
  get isTaken(): boolean {
    return this.#held !== undefined;
  }

  /** Starts a processor; resolves once its page is there. */
  async start(): Promise<void> {
    assert.ok(this.#held === undefined, `${this.name} runs already`);
    const program = this.#tally.start("run");
    const url = await program.url();
    this.#held = { program, watch: this.#witness.watch(url) };
  }

  /** Ends the process as a power failure would. */
  async kill(): Promise<void> {
    const program = this.#taken();
    program.signal("SIGKILL");
    this.#leave();
    await program.finished();
  }

  /** Tells it to go, and resolves to how long that took, in ms; it must end in order. */
  async stop(): Promise<number> {
    const program = this.#taken(), fromMs = systemClock.elapsedMs();
    program.signal("SIGTERM");
    const { code, stderr } = await program.finished(PATIENCE_MS);
    this.#leave();
    assert.equal(code, 0, `${this.name} did not end in order: ${stderr.slice(-3_000)}`);
    return systemClock.elapsedMs() - fromMs;
  }

  /** Stops every thread of the process where it is; resolves when they stand. */
  async freeze(): Promise<void> {
    const program = this.#taken();
    program.signal("SIGSTOP");
    while (!(await stateOf(program.pid)).startsWith("T")) await sleep(systemClock, LOOK_MS);
  }

  /** Lets a frozen process go on. */
  thaw(): void {
    this.#taken().signal("SIGCONT");
  }

  /** What the process has said on standard error. */
  get said(): string {
    return this.#held?.program.stderr.text ?? "";
  }

  /** The number of its process. */
  get pid(): number {
    return this.#taken().pid;
  }

  /** Fails when the process has ended by itself. */
  async assertRuns(): Promise<void> {
    if (this.#held === undefined) return;
    const state = await stateOf(this.#held.program.pid);
    assert.ok(state !== "" && state !== "Z", `${this.name} has ended by itself: ${this.said.slice(-3_000)}`);
  }

  #taken(): Program {
    if (this.#held === undefined) throw new TypeError(`Cannot signal ${this.name}: nothing runs there`);
    return this.#held.program;
  }

  #leave(): void {
    this.#held?.watch[Symbol.dispose]();
    this.#held = undefined;
  }
}

/** The letter by which Linux names the state of a process; empty when there is none. */
async function stateOf(pid: number): Promise<string> {
  try {
    return /^State:\s+(\S)/m.exec(await Deno.readTextFile(`/proc/${pid}/status`))?.[1] ?? "";
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return "";
    throw error;
  }
}
