/** A process that processes the log in the folder it is given, until it is killed. */
import { systemClock } from "../../src/clock.ts";
import { EmbeddedLog } from "../../src/sqlite/embedded_log.ts";
import { RememberingMember } from "../contracts/log_reading.ts";
import { TOPIC } from "./log_world.ts";

const log = new EmbeddedLog(Deno.args[0] ?? "", { clock: systemClock });
await log.source({ topic: TOPIC, group: "g" }).join(new RememberingMember());
console.log("joined");
// A listener on standard input, which never ends, keeps the process alive.
await Deno.stdin.read(new Uint8Array(1));
await new Promise<void>((resolve) => Deno.addSignalListener("SIGTERM", resolve));
