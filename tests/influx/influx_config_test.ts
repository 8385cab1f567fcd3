import assert from "node:assert/strict";
import { checkedInfluxConfig, type InfluxConfig } from "../../src/influx/influx_config.ts";

const CONFIG: InfluxConfig = { url: "http://host:8086", token: "t", org: "o", bucket: "b", timeoutMs: 3_000 };

Deno.test("checkedInfluxConfig() brings URLs to one spelling", () => {
  const urlOf = (url: string) => checkedInfluxConfig({ ...CONFIG, url }).url;
  assert.strictEqual(urlOf("http://host:8086"), "http://host:8086");
  assert.strictEqual(urlOf("HTTP://Host:8086//"), "http://host:8086");
  assert.strictEqual(urlOf("https://host/influx/"), "https://host/influx");
});

Deno.test("checkedInfluxConfig() refuses URLs that cannot work, without repeating a password", () => {
  for (const url of ["", "host:8086", "ftp://host", "http://", "http://host?a=b", "http://host#a", "u:s3cret@host"]) {
    assert.throws(() => checkedInfluxConfig({ ...CONFIG, url }), { name: "ConfigError", message: /INFLUX_URL/ }, url);
  }
  for (const url of ["http://user:s3cret@host:8086", "ftp://user:s3cret@host", "http://user:s3cret@host:x"]) {
    assert.throws(() => checkedInfluxConfig({ ...CONFIG, url }), (error: Error) => {
      assert.doesNotMatch(error.message, /s3cret/);
      return error.name === "ConfigError";
    });
  }
});

Deno.test("checkedInfluxConfig() refuses a token that no header can carry, without repeating it", () => {
  for (const token of ["s3cret\n", "s3crét", "s3cret\0"]) {
    assert.throws(() => checkedInfluxConfig({ ...CONFIG, token }), (error: Error) => {
      assert.match(error.message, /INFLUX_TOKEN/);
      assert.doesNotMatch(error.message, /s3c/);
      return error.name === "ConfigError";
    });
  }
  assert.strictEqual(checkedInfluxConfig({ ...CONFIG, token: "" }).token, "");
});

Deno.test("checkedInfluxConfig() refuses an empty bucket and a time-out that is none", () => {
  assert.throws(() => checkedInfluxConfig({ ...CONFIG, bucket: "" }), {
    name: "ConfigError",
    message: /INFLUX_BUCKET/,
  });
  for (const timeoutMs of [0, -1, NaN]) {
    assert.throws(() => checkedInfluxConfig({ ...CONFIG, timeoutMs }), RangeError);
  }
});
