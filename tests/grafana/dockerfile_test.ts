/** What can be said of the Dockerfile without a Docker engine. */
import assert from "node:assert/strict";
import { composeFile, ROOT, serviceOf } from "./compose_file.ts";

interface Instruction {
  readonly name: string;
  readonly rest: string;
}

Deno.test("Dockerfile: builds with a pinned Deno, and ends without a shell and without root", async () => {
  const instructions = await dockerfile();
  assert.deepEqual(valuesOf(instructions, "FROM"), [
    "denoland/deno:2.9.6 AS build",
    "gcr.io/distroless/cc-debian12:nonroot",
  ]);
  assert.deepEqual(valuesOf(instructions, "USER"), ["nonroot"]);
  // Without a shell only the form of a JSON array works.
  const last = instructions.slice(instructions.findLastIndex(({ name }) => name === "FROM"));
  for (const { name, rest } of last.filter(({ name }) => name === "ENTRYPOINT" || name === "CMD")) {
    assert.ok(Array.isArray(JSON.parse(rest)), name);
  }
  assert.ok(!last.some(({ name }) => name === "RUN"));
});

Deno.test("Dockerfile: copies nothing that .dockerignore holds back, and all that the compile task names", async () => {
  const ignore = (await Deno.readTextFile(new URL(".dockerignore", ROOT))).split("\n").filter((line) =>
    !line.startsWith("#")
  );
  assert.equal(ignore[0], "*");
  const letIn = ignore.filter((line) => line.startsWith("!")).map((line) => line.slice(1));
  const copied = valuesOf(await dockerfile(), "COPY").filter((rest) => !rest.startsWith("--from"))
    .flatMap((rest) => rest.split(" ").slice(0, -1));
  assert.deepEqual(copied.toSorted(), letIn.toSorted());
  const { tasks } = JSON.parse(await Deno.readTextFile(new URL("deno.json", ROOT)));
  const command: string = tasks.compile.command;
  const named = [...command.matchAll(/--include (\S+)/g)].map(([, path = ""]) => path).concat("src/main.ts");
  for (const path of named) assert.ok(letIn.includes(path.split("/")[0] ?? ""), path);
  assert.match(command, /--output dist\/tally /);
});

Deno.test("Dockerfile: the health check is the one of docker-compose.yml and asks the program itself", async () => {
  const [check = ""] = valuesOf(await dockerfile(), "HEALTHCHECK");
  const test = ["/usr/local/bin/tally", "health", "--live"];
  assert.deepEqual(JSON.parse(check.slice(check.indexOf("["))), test);
  assert.deepEqual(serviceOf(await composeFile(), "tally").healthcheck.test, ["CMD", ...test]);
});

async function dockerfile(): Promise<readonly Instruction[]> {
  const text = await Deno.readTextFile(new URL("Dockerfile", ROOT));
  return text.split("\n").filter((line) => line !== "" && !line.startsWith("#")).map((line) => {
    const [name = "", ...words] = line.split(" ");
    return { name, rest: words.join(" ") };
  });
}

function valuesOf(instructions: readonly Instruction[], name: string): readonly string[] {
  return instructions.filter((each) => each.name === name).map(({ rest }) => rest);
}
