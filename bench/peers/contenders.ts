/** The peers: how each is started once `install.sh` has put it in place. */
import { fileURLToPath } from "node:url";
import { TelegrafListener } from "./telegraf_listener.ts";

/** A program that does the job on a topic that exists, prints marks and `DONE`, and ends. */
export interface Contender {
  readonly name: string;
  /** What it is and how it is set up, in a few words. */
  readonly title: string;
  readonly command: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
  /** Its windows are those of event time, and their number is checked. @default {true} */
  readonly hasEventTime?: boolean;
  /** Listens to one that prints neither marks nor `DONE` and does not end; made anew for each run. */
  readonly listen?: (records: number) => TelegrafListener;
}

const HERE = fileURLToPath(new URL(".", import.meta.url));
const CACHE = Deno.env.get("TALLY_BENCH_CACHE") ?? `${Deno.env.get("HOME")}/.cache/tally-bench`;
/** What Flink's serializers reach into; its own start scripts say the same. */
const OPENS = ["java.util", "java.lang", "java.time", "java.nio"].map((name) => (
  `--add-opens=java.base/${name}=ALL-UNNAMED`
));
/** The connector and what it needs that Spark does not bring. */
const SPARK_JARS = "spark-sql-kafka|spark-token-provider-kafka|kafka-clients|commons-pool2";

/** All of them, the slowest to install last. @param arguments_ passed to each program */
export function contenders(...arguments_: readonly string[]): readonly Contender[] {
  return [
    { name: "c", title: "C, librdkafka 2.0, by hand", command: [`${CACHE}/c/job`] },
    { name: "go", title: "Go, franz-go 1.22, by hand", command: [`${CACHE}/go/job`] },
    {
      name: "flink",
      title: "Flink 2.2, DataStream, tuned",
      command: java("flink", ["-Xmx3g", ...OPENS], arguments_),
    },
    { name: "kstreams", title: "Kafka Streams 4.3, tuned", command: java("kstreams", ["-Xmx2g"], arguments_) },
    spark("spark35", "Spark Structured Streaming 3.5.3, tuned", arguments_),
    spark("spark41", "Spark Structured Streaming 4.1.1, tuned", arguments_),
    {
      name: "telegraf",
      title: "Telegraf 1.37, windows of its own clock",
      command: [`${CACHE}/telegraf/telegraf-v1.37.2`, "--config", `${HERE}telegraf/telegraf.conf`],
      hasEventTime: false,
      listen: (records) => new TelegrafListener(records),
    },
  ];
}

/** Whether `install.sh` has put it in place. */
export function isInstalled({ name }: Contender): boolean {
  try {
    return Deno.statSync(`${CACHE}/${name}`).isDirectory;
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return false;
    throw error;
  }
}

function java(name: string, options: readonly string[], arguments_: readonly string[]): readonly string[] {
  return ["java", ...options, "-cp", `${CACHE}/${name}/classes:${CACHE}/${name}/libs/*`, "Job", ...arguments_];
}

function spark(name: string, title: string, arguments_: readonly string[]): Contender {
  const bin = `${CACHE}/${name}/venv/bin`;
  const jars = `$(ls ${CACHE}/${name}/libs/*.jar | grep -E '${SPARK_JARS}' | paste -sd,)`;
  const submit = `exec ${bin}/spark-submit --driver-memory 4g --jars "${jars}"`;
  return {
    name,
    title,
    command: ["bash", "-c", `${submit} ${HERE}spark/job.py "$@"`, "bash", ...arguments_],
    env: {
      PATH: `${bin}:${Deno.env.get("PATH")}`,
      PYSPARK_PYTHON: `${bin}/python`,
      SPARK_LOCAL_IP: "127.0.0.1",
      PYTHONUNBUFFERED: "1",
      SPARK_BATCHES: Deno.env.get("SPARK_BATCHES") ?? "6",
    },
  };
}
