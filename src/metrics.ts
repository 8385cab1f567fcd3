/**
 * Metrics in Prometheus' text format; values are read when asked for, never counted on the way.
 *
 * Forty lines of our own: the usual library brings a digest that we do not use, whose package `deno compile` cannot embed.
 *
 * Source: Prometheus' "Exposition formats", text version 0.0.4.
 */

/** Values of one metric by its labels. */
export interface Sample {
  readonly labels: Readonly<Record<string, string>>;
  readonly value: number;
}

/** One metric. */
export interface MetricFamily {
  /** `tally_<what>[_unit][_total]`. */
  readonly name: string;
  readonly help: string;
  readonly labels: readonly string[];
  readonly samples: () => Iterable<Sample>;
}

const NAME = /^[a-zA-Z_][a-zA-Z0-9_]*$/;

/** Puts families into words. */
export class Metrics {
  readonly #families: readonly MetricFamily[];

  /** @throws {TypeError} when a name cannot stand in the format or stands twice. */
  constructor(families: readonly MetricFamily[]) {
    const seen = new Set<string>();
    for (const { name, labels } of families) {
      const wrong = [name, ...labels].find((word) => !NAME.test(word));
      if (wrong !== undefined) throw new TypeError(`Cannot name a metric or label ${JSON.stringify(wrong)}`);
      if (seen.has(name)) throw new TypeError(`Cannot describe metric ${name} twice`);
      seen.add(name);
    }
    this.#families = families;
  }

  /** All metrics as text. */
  text(): string {
    return this.#families.map(familyText).join("");
  }
}

function familyText({ name, help, labels, samples }: MetricFamily): string {
  const type = name.endsWith("_total") ? "counter" : "gauge";
  const lines = [...samples()].map((sample) => `${name}${labelsText(labels, sample)} ${numberText(sample.value)}\n`);
  return `# HELP ${name} ${help.replaceAll("\\", "\\\\").replaceAll("\n", "\\n")}\n# TYPE ${name} ${type}\n${
    lines.join("")
  }`;
}

function labelsText(names: readonly string[], { labels }: Sample): string {
  const pairs = names.map((name) => `${name}="${escaped(labels[name] ?? "")}"`);
  return pairs.length === 0 ? "" : `{${pairs.join(",")}}`;
}

function escaped(value: string): string {
  return value.replaceAll("\\", "\\\\").replaceAll("\n", "\\n").replaceAll('"', '\\"');
}

function numberText(value: number): string {
  return Number.isFinite(value) || Number.isNaN(value) ? String(value) : value > 0 ? "+Inf" : "-Inf";
}
