import { breaches } from "./laws.ts";
import { scenarioOf } from "./scenario.ts";
import { type Mutation, MUTATIONS } from "./rules.ts";
import { SplitWorld } from "./split_model.ts";

/**
 * `deno run tests/model/main.ts --from N --count M [--mutation NAME]`: plays a range of seeds, each also with several
 * processes that share a topic, and prints the first that fails.
 */
function main(args: readonly string[]): number {
  const option = (name: string) => args[args.indexOf(`--${name}`) + 1];
  const from = args.includes("--from") ? Number(option("from")) : 0;
  const count = args.includes("--count") ? Number(option("count")) : 1000;
  const mutation = args.includes("--mutation")
    ? MUTATIONS.find((name): name is Mutation => name === option("mutation"))
    : undefined;
  let failed = 0;
  for (let seed = from; seed < from + count; seed++) {
    const shared = mutation === undefined ? new SplitWorld(seed).run() : [];
    const found = [...breaches(seed, { mutation }), ...shared.map((line) => `shared: ${line}`)];
    if (found.length === 0) continue;
    failed++;
    if (failed > 1 && !args.includes("--all")) continue;
    const { protocol, events, topic, processes, staticMembers } = scenarioOf(seed, { mutation });
    console.log(
      `seed ${seed} (${protocol}, ${
        topic.keyed ? "keyed" : "unkeyed"
      }, ${processes} processes, static ${staticMembers}) breaks ${found.length}:`,
    );
    for (const line of found.slice(0, 6)) console.log(`  ${line}`);
    console.log(`  events ${JSON.stringify(events)}`);
  }
  console.log(`${failed} of ${count} seeds from ${from} break a law${mutation ? ` under ${mutation}` : ""}`);
  return failed === 0 ? 0 : 1;
}

if (import.meta.main) Deno.exit(main(Deno.args));
