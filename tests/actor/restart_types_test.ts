/** Which exits start a child again. */
import assert from "node:assert/strict";
import { child, type Exit, type Restart, supervisor } from "../../src/actor/mod.ts";
import { diarist, lab } from "./lab.ts";

const EXITS: readonly Exit[] = [
  { why: "normal" },
  { why: "shutdown" },
  { why: "crash", failure: { name: "RangeError", message: "Cannot go on: boom" } },
];
const LIVES: Record<Restart, readonly string[]> = {
  permanent: ["normal", "shutdown", "crash"],
  transient: ["crash"],
  temporary: [],
};

for (const restart of ["permanent", "transient", "temporary"] as const) {
  for (const exit of EXITS) {
    const lives = LIVES[restart].includes(exit.why);
    Deno.test(`restart: a ${restart} child is ${lives ? "" : "not "}started again after exit ${exit.why}`, async () => {
      await using at = lab();
      const diary: string[] = [];
      const ref = await at.sys.spawn(diarist, { id: "x", args: { diary }, restart });
      if (exit.why === "crash") ref.tell("boom");
      else ref.tell("leave", exit);
      await at.time.settle();
      const ended = ["init x", `stop x ${exit.why}`];
      assert.deepEqual(diary, lives ? [...ended, "init x"] : ended);
      assert.deepEqual(at.lines("stopped"), lives ? [] : [`x ${exit.why}`]);
    });
  }
}

Deno.test("restart: a temporary sibling stopped for one_for_all is not started again", async () => {
  await using at = lab();
  const diary: string[] = [];
  const children = [
    child(diarist, { id: "a", args: { diary }, restart: "temporary" }),
    child(diarist, { id: "b", args: { diary } }),
  ];
  await at.sys.start(supervisor({ id: "s", plan: { strategy: "one_for_all" }, children }));
  at.sys.ref(diarist, "s/b").tell("boom");
  await at.time.settle();
  assert.deepEqual(diary, ["init a", "init b", "stop b crash", "stop a shutdown", "init b"]);
});
