/** Which InfluxDB to use, and as whom. */
import { ConfigError } from "../stream/failures.ts";

/** An InfluxDB 2.x, or 1.8 spoken to by its 2.x interface. */
export interface InfluxConfig {
  /** `http://host:8086`, a path prefix is allowed. */
  readonly url: string;
  /** An API token; for InfluxDB 1.8 `user:password` (it takes no space in them), or empty where it asks for none. */
  readonly token: string;
  /** Organisation; InfluxDB 1.8 ignores it. */
  readonly org: string;
  /** Bucket; for InfluxDB 1.8 `database` or `database/retention-policy`. */
  readonly bucket: string;
  /** How long one request may take, its answer's body included. */
  readonly timeoutMs: number;
}

/**
 * The configuration with its URL in one spelling (no slash at the end).
 *
 * @throws {ConfigError} naming the setting that cannot work; never with the token in it.
 */
export function checkedInfluxConfig(config: InfluxConfig): InfluxConfig {
  const url = URL.parse(config.url);
  if (url === null || !/^https?:$/.test(url.protocol) || url.search !== "" || url.hash !== "") {
    throw new ConfigError(
      `Cannot use INFLUX_URL: it must be like http://host:8086, got ${withoutUserInfo(config.url)}`,
    );
  }
  if (url.username !== "" || url.password !== "") {
    throw new ConfigError(
      `Cannot use INFLUX_URL ${withoutUserInfo(config.url)}: user and password belong in INFLUX_TOKEN as user:password`,
    );
  }
  if (!/^[\x20-\x7e]*$/.test(config.token)) {
    throw new ConfigError("Cannot use INFLUX_TOKEN: it has characters that an HTTP header cannot carry");
  }
  if (config.bucket === "") throw new ConfigError("Cannot use INFLUX_BUCKET: it is empty");
  if (!(config.timeoutMs > 0)) {
    throw new RangeError(`Cannot use InfluxDB: timeoutMs must be > 0, got ${config.timeoutMs}`);
  }
  return { ...config, url: url.href.replace(/\/+$/, "") };
}

function withoutUserInfo(url: string): string {
  return url.replace(/\/\/[^/]*@/, "//");
}
