/** Gives permissions up as a pipeline with these backends does, and prints what is left here and in a worker from before. */
import type { Config } from "../../src/config.ts";
import { giveUpPermissions } from "../../src/cli/permissions.ts";

const [kafka, influx, webhook] = Deno.args.map((arg) => arg === "true");
const code =
  `self.onmessage = () => self.postMessage(["net", "write"].map((name) => Deno.permissions.querySync({ name }).state));`;
const worker = new Worker(`data:text/javascript,${encodeURIComponent(code)}`, { type: "module" });
const told = Promise.withResolvers<unknown>();
worker.onmessage = ({ data }) => told.resolve(data);

const settings: Pick<Config, "kafka" | "influx" | "webhook"> = {
  kafka: kafka
    ? { brokers: [], instanceId: undefined, sessionTimeoutMs: 6_000, checksCrcs: false, ssl: false, sasl: undefined }
    : undefined,
  webhook: webhook ? { url: "", secret: undefined } : undefined,
  influx: influx ? { url: "", token: "", org: "", bucket: "" } : undefined,
};
giveUpPermissions(settings);
worker.postMessage("ask");
const stateOf = (name: "net" | "write") => Deno.permissions.querySync({ name }).state;
console.log(JSON.stringify({ net: stateOf("net"), write: stateOf("write"), worker: await told.promise }));
worker.terminate();
