import assert from "node:assert/strict";
import { Program } from "./program.ts";

/** Collects what an OpenTelemetry exporter sends, by path. */
function collector() {
  const bodies = new Map<string, string>();
  const hasAll = Promise.withResolvers<void>();
  const server = Deno.serve({ port: 0, hostname: "127.0.0.1", onListen() {} }, async (request) => {
    const { pathname } = new URL(request.url);
    bodies.set(pathname, `${bodies.get(pathname) ?? ""}${await request.text()}`);
    if (isWhole(bodies)) hasAll.resolve();
    return Response.json({});
  });
  return { bodies, hasAll: hasAll.promise, server };
}

/** Spans of a flush and its store write, and a metric of ours. */
function isWhole(bodies: ReadonlyMap<string, string>): boolean {
  const traces = bodies.get("/v1/traces") ?? "", metrics = bodies.get("/v1/metrics") ?? "";
  return ["tally.flush", "tally.points", "tally.commit"].every((name) => traces.includes(`"${name}"`)) &&
    metrics.includes('"tally_points_total"');
}

Deno.test("OTEL_DENO=true exports spans of flushes and store writes, and the metrics of /metrics", async () => {
  const { hasAll, server } = collector();
  const dataDir = await Deno.makeTempDir();
  try {
    await using program = new Program(["dev", "--port", "0", "--data-dir", dataDir, "--for", "120s"], {
      HOME: Deno.env.get("HOME") ?? "",
      ...(Deno.env.has("DENO_DIR") ? { DENO_DIR: Deno.env.get("DENO_DIR") ?? "" } : {}),
      OTEL_DENO: "true",
      OTEL_EXPORTER_OTLP_PROTOCOL: "http/json",
      OTEL_EXPORTER_OTLP_ENDPOINT: `http://127.0.0.1:${server.addr.port}`,
      OTEL_METRIC_EXPORT_INTERVAL: "500",
    });
    await Promise.race([hasAll, program.finished()]);
    program.signal("SIGINT");
    assert.strictEqual((await program.finished()).code, 0);
    await hasAll;
  } finally {
    await server.shutdown();
    await Deno.remove(dataDir, { recursive: true });
  }
});
