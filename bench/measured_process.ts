/**
 * Runs a command to its end and tells what it cost.
 *
 * CPU time is the kernel's own count of the whole process tree, told by the shell that waited for it. Peak RSS is the
 * highest sum over the tree, looked at ten times a second, or the highest mark of a single process where that is more.
 */
import { sleep, systemClock } from "../src/clock.ts";

/** So many records had been counted at that moment. */
export interface Mark {
  readonly records: number;
  /** Wall ms. */
  readonly atMs: number;
}

/** What to run. */
export interface MeasuredCommand {
  readonly command: readonly string[];
  /** The whole environment. */
  readonly env: Readonly<Record<string, string>>;
  readonly cwd?: string;
  /** It is killed, tree and all, when this has passed. */
  readonly withinMs: number;
  /** The caller ends it with a signal: its exit code says nothing. @default {false} */
  readonly isEndedBySignal?: boolean;
  readonly onStart?: (process: RunningProcess) => void;
  /** Called with each line of its output and errors. */
  readonly onLine?: (line: string, process: RunningProcess) => void;
}

/** A command under way. */
export interface RunningProcess {
  /** Ids of the command and all its children, now; the command's own comes first. */
  pids(): readonly number[];
  /** Aborted when the command has ended. */
  readonly ended: AbortSignal;
}

/** What a command cost. */
export interface Cost {
  /** From start to exit. */
  readonly seconds: number;
  readonly cpuSeconds: number;
  readonly peakRssMib: number;
  readonly startedAtMs: number;
  readonly endedAtMs: number;
  /** Lines `P RECORDS WALL_MS` that it printed. */
  readonly marks: readonly Mark[];
  /** The pairs of its line `DONE key=value …`. */
  readonly done: ReadonlyMap<string, string>;
  /** The last lines of its output. */
  readonly tail: readonly string[];
}

/** A command that failed or took too long; the message holds the end of its output. */
export class CommandError extends Error {
  override readonly name = "CommandError";
}

const SAMPLE_MS = 100;
const TAIL_LINES = 40;
/** The last lines that the shell prints are its own times, then those of its children. */
const SHELL = '"$@"; code=$?; echo TIMES; times; exit $code';
const TIMES = /^(\d+)m([\d.]+)s (\d+)m([\d.]+)s$/;

/** Runs a command. @throws {CommandError} (rejects) */
export async function measured(command: MeasuredCommand): Promise<Cost> {
  const startedAtMs = systemClock.nowMs(), fromMs = systemClock.elapsedMs();
  const child = new Deno.Command("bash", {
    args: ["-c", SHELL, "bash", ...command.command],
    env: command.env,
    clearEnv: true,
    ...(command.cwd === undefined ? {} : { cwd: command.cwd }),
    stdin: "null",
    stdout: "piped",
    stderr: "piped",
  }).spawn();
  const ended = new AbortController();
  const process: RunningProcess = { pids: () => treeOf(child.pid).slice(1), ended: ended.signal };
  command.onStart?.(process);
  const said = new Said();
  const hear = (line: string) => {
    said.hear(line);
    command.onLine?.(line, process);
  };
  using _limit = systemClock.after(command.withinMs, () => killTree(child.pid));
  const peak = peakRssMib(process);
  const [{ code }] = await Promise.all([child.status, lines(child.stdout, hear), lines(child.stderr, hear)]);
  const seconds = (systemClock.elapsedMs() - fromMs) / 1_000;
  ended.abort();
  if (code !== 0 && command.isEndedBySignal !== true) {
    const tail = said.tail.join("\n");
    throw new CommandError(
      `Cannot run ${command.command.slice(0, 6).join(" ")}: exit code ${code} after ${seconds.toFixed(1)} s\n${tail}`,
    );
  }
  return {
    seconds,
    cpuSeconds: said.cpuSeconds,
    peakRssMib: await peak,
    startedAtMs,
    endedAtMs: systemClock.nowMs(),
    marks: said.marks,
    done: said.done,
    tail: said.tail,
  };
}

/** Kills a process and all its children. */
export function killTree(pid: number): void {
  for (const each of treeOf(pid).toReversed()) {
    try {
      Deno.kill(each, "SIGKILL");
    } catch (error) {
      if (!(error instanceof Deno.errors.NotFound)) throw error; // It has ended by itself.
    }
  }
}

/** What a command has said so far. */
class Said {
  readonly marks: Mark[] = [];
  readonly done = new Map<string, string>();
  readonly tail: string[] = [];
  cpuSeconds = 0;

  hear(line: string): void {
    const [word = "", ...rest] = line.split(" ");
    if (word === "P") this.marks.push({ records: Number(rest[0]), atMs: Number(rest[1]) });
    else if (word === "DONE") {
      for (const pair of rest) {
        const [key = "", value = ""] = pair.split("=");
        this.done.set(key, value);
      }
    } else if (this.tail.at(-1) === "TIMES" || TIMES.test(this.tail.at(-1) ?? "")) {
      this.cpuSeconds = cpuSecondsOf(line);
    }
    this.tail.push(line);
    if (this.tail.length > TAIL_LINES) this.tail.shift();
  }
}

/** User and system time of a line such as `0m1.234s 0m0.567s`. */
function cpuSecondsOf(line: string): number {
  const [userMinutes = 0, user = 0, systemMinutes = 0, system = 0] = (TIMES.exec(line) ?? []).slice(1).map(Number);
  return (userMinutes + systemMinutes) * 60 + user + system;
}

async function lines(stream: ReadableStream<Uint8Array>, hear: (line: string) => void): Promise<void> {
  const utf8 = new TextDecoder();
  let rest = "";
  for await (const chunk of stream) {
    const parts = (rest + utf8.decode(chunk, { stream: true })).split("\n");
    rest = parts.pop() ?? "";
    for (const part of parts) hear(part);
  }
  if (rest !== "") hear(rest);
}

async function peakRssMib({ pids, ended }: RunningProcess): Promise<number> {
  let peakKib = 0;
  while (!ended.aborted) {
    const statuses = pids().map(statusOf);
    const sumKib = statuses.reduce((sum, { rssKib }) => sum + rssKib, 0);
    peakKib = Math.max(peakKib, sumKib, ...statuses.map(({ highKib }) => highKib));
    await sleep(systemClock, SAMPLE_MS, ended);
  }
  return peakKib / 1_024;
}

function statusOf(pid: number): { readonly rssKib: number; readonly highKib: number } {
  const text = read(`/proc/${pid}/status`);
  const kib = (name: string) => Number(new RegExp(`${name}:\\s+(\\d+) kB`).exec(text)?.[1] ?? 0);
  return { rssKib: kib("VmRSS"), highKib: kib("VmHWM") };
}

/** A process and its descendants, parents first. */
function treeOf(root: number): readonly number[] {
  const children = new Map<number, number[]>();
  for (const { name } of Deno.readDirSync("/proc")) {
    if (!/^\d+$/.test(name)) continue;
    const stat = read(`/proc/${name}/stat`);
    // The command's name stands in parentheses and may hold anything.
    const parent = Number(stat.slice(stat.lastIndexOf(")") + 2).split(" ")[1]);
    const siblings = children.get(parent) ?? [];
    siblings.push(Number(name));
    children.set(parent, siblings);
  }
  const tree = [root];
  for (let at = 0; at < tree.length; at++) tree.push(...children.get(tree[at] ?? 0) ?? []);
  return tree;
}

/** A file of a process; empty when it has ended. */
function read(path: string): string {
  try {
    return Deno.readTextFileSync(path);
  } catch {
    return "";
  }
}
