/** `deno task soak --for 60m`: a processor under an even load with the live page open; nothing may grow. */
import assert from "node:assert/strict";
import { Command } from "commander";
import { sleep, systemClock } from "../../src/clock.ts";
import { positiveNumber, wholeNumber } from "../../src/cli/time_option.ts";
import { parseDurationMs } from "../../src/duration.ts";
import { serviceWorld } from "../e2e_services/services_world.ts";
import { Installation, lastLedger, reachedPosition } from "../e2e/installation.ts";
import { assertBalanced } from "../e2e/comparison.ts";
import { influx, kafka } from "../services/services.ts";
import { cpuSecondsOf, listenerOn } from "./cpu_time.ts";
import { whenInterrupted } from "./interrupted.ts";
import { fitLine, isFlat } from "./linear_fit.ts";
import { PageReader } from "./page_reader.ts";
import { type Gauge, gauge } from "./process_gauge.ts";

interface SoakOptions {
  readonly for: string;
  readonly rate: number;
  readonly every: number;
  readonly embedded?: boolean;
}

/**
 * What is measured, and by how much it may rise in the second half whatever it scatters. Of memory, what fills up to its
 * bound for longer than a soak lasts: totals by region, six hours of them in 10 MiB.
 */
const MEASURES = [
  { name: "resident memory, MiB", of: ({ residentMiB }: Gauge) => residentMiB, slack: 2 },
  { name: "open files", of: ({ openFiles }: Gauge) => openFiles, slack: 1 },
  { name: "threads", of: ({ threads }: Gauge) => threads, slack: 1 },
  { name: "actors", of: ({ actors }: Gauge) => actors, slack: 0 },
  { name: "messages waiting", of: ({ queued }: Gauge) => queued, slack: 10 },
  { name: "lag, records", of: ({ lag }: Gauge) => lag, slack: 0 },
] as const;
const HOUR_MS = 3_600_000;

async function soak(options: SoakOptions): Promise<void> {
  const forMs = parseDurationMs(options.for);
  if (forMs === undefined) throw new TypeError(`Cannot soak for ${options.for}: it is not a duration such as 60m`);
  await using stack = new AsyncDisposableStack();
  using _interrupted = whenInterrupted(stack);
  const { tally, servers } = await setting(options, stack);
  await tally.run("topic", "create");
  const producer = tally.start("produce", "--rate", `${options.rate}`, "--seed", "1");
  const processor = tally.start("run");
  const url = await processor.url();
  await reachedPosition(url, options.rate);
  const gauges: Gauge[] = [];
  const pids = { processor: processor.pid, producer: producer.pid, "page reader and looks": Deno.pid, ...servers };
  const before = await cpuSeconds(pids);
  let events = 0, cores = before;
  {
    await using page = new PageReader(url);
    const fromMs = systemClock.elapsedMs();
    for (let atMs = 0; atMs < forMs; atMs = systemClock.elapsedMs() - fromMs) {
      gauges.push(await gauge(processor.pid, url, atMs));
      await sleep(systemClock, options.every * 1_000);
    }
    events = page.events;
    const seconds = (systemClock.elapsedMs() - fromMs) / 1_000, after = await cpuSeconds(pids);
    cores = after.map(([name, used], at) => [name, (used - (before[at]?.[1] ?? NaN)) / seconds]);
  }
  producer.signal("SIGINT");
  await producer.finished();
  processor.signal("SIGINT");
  const { code, stdout, stderr } = await processor.finished();
  report(gauges, { events, code });
  console.log(`\nCPU, in cores: ${cores.map(([name, used]) => `${name} ${used.toFixed(2)}`).join(", ")}`);
  assert.equal(code, 0, `the processor did not end in order: ${stderr.slice(-3_000)}`);
  assertBalanced(lastLedger(stdout));
}

/** An installation, and the processes of its servers by their names. */
interface Setting {
  readonly tally: Installation;
  readonly servers: Readonly<Record<string, number>>;
}

async function setting({ embedded }: SoakOptions, stack: AsyncDisposableStack): Promise<Setting> {
  if (embedded) return { tally: stack.use(await Installation.create()), servers: {} };
  const services = { kafka: stack.use(await kafka({ own: true })), influx: stack.use(await influx({ own: true })) };
  const portOf = (address = "") => Number(address.slice(address.lastIndexOf(":") + 1));
  const servers = {
    broker: await listenerOn(portOf(services.kafka.brokers[0])),
    store: await listenerOn(portOf(services.influx.url)),
  };
  return { tally: stack.use(await serviceWorld(services)).tally, servers };
}

function cpuSeconds(pids: Readonly<Record<string, number>>): Promise<(readonly [name: string, seconds: number])[]> {
  return Promise.all(Object.entries(pids).map(async ([name, pid]) => [name, await cpuSecondsOf(pid)] as const));
}

function report(gauges: readonly Gauge[], { events, code }: { readonly events: number; readonly code: number }): void {
  const half = gauges.slice(Math.floor(gauges.length / 2));
  const [first, last] = [gauges[0], gauges.at(-1)];
  if (first === undefined || last === undefined) throw new RangeError("Cannot report: nothing was measured");
  const perSecond = (last.position - first.position) / ((last.atMs - first.atMs) / 1_000);
  const sick = gauges.filter(({ isHealthy }) => !isHealthy).length;
  console.log(
    `${gauges.length} looks, ${Math.round(perSecond).toLocaleString("en")} records/s acknowledged, ` +
      `${events} events on the page, ${sick} looks unhealthy, exit code ${code}\n`,
  );
  console.log(
    "| | first | least | mean | most | second half: a hour ± scatter | flat |\n|---|---|---|---|---|---|---|",
  );
  for (const { name, of, slack } of MEASURES) {
    const all = gauges.map(of), fit = fitLine(half.map((one) => [one.atMs / HOUR_MS, of(one)]));
    const flat = isFlat(fit, slack);
    if (!flat || sick > 0 || code !== 0) Deno.exitCode = 1;
    const numbers = [
      of(first),
      Math.min(...all),
      all.reduce((sum, one) => sum + one, 0) / all.length,
      Math.max(...all),
    ];
    const sign = fit.slope < 0 ? "" : "+";
    console.log(
      `| ${name} | ${numbers.map((n) => Math.round(n).toLocaleString("en")).join(" | ")} | ` +
        `${sign}${fit.slope.toFixed(1)} ± ${fit.scatter.toFixed(1)} | ${flat ? "yes" : "NO"} |`,
    );
  }
}

await new Command("soak")
  .description("an even load with the live page open; prints what grows")
  .option("--for <duration>", "how long", "60m")
  .option("--rate <n>", "records a second", positiveNumber, 20_000)
  .option("--every <n>", "seconds between two looks", wholeNumber, 5)
  .option("--embedded", "log and store in files instead of Kafka and InfluxDB")
  .action(soak)
  .parseAsync();
