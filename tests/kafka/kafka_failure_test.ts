import assert from "node:assert/strict";
import { AuthenticationError, NetworkError, ProtocolError, ResponseError } from "@platformatic/kafka";
import { codesOf, portError } from "../../src/kafka/kafka_failure.ts";
import { ConfigError, FencedError, RetryableError } from "../../src/stream/failures.ts";

const OFFSET_COMMIT = 8;

function answered(...codes: number[]): ResponseError {
  const errors = codes.map((code, index): [string, [number, null]] => [`/${index}`, [code, null]]);
  return new ResponseError(OFFSET_COMMIT, 8, Object.fromEntries(errors), {});
}

Deno.test("portError() tells fenced, retryable, wrong configuration and wrong argument apart", () => {
  const kinds = [22, 25, 27, 82, 6, 14, 16, 3, 29, 30, 58, 12].map((code) => portError(answered(code), "commit").name);
  assert.deepEqual(kinds, [
    ...Array(4).fill("FencedError"),
    ...Array(3).fill("RetryableError"),
    ...Array(4).fill("ConfigError"),
    "RangeError",
  ]);
});

Deno.test("portError() is fenced as soon as one partition is", () => {
  assert.ok(portError(answered(7, 22), "commit") instanceof FencedError);
});

Deno.test("portError() makes a broken connection retryable, also in the middle of a login", () => {
  const broken = new NetworkError("Connection closed");
  assert.ok(portError(broken, "fetch") instanceof RetryableError);
  const login = portError(new AuthenticationError("No mechanism.", { cause: broken }), "fetch");
  assert.ok(login instanceof RetryableError);
  assert.match(login.message, /^Cannot fetch: No mechanism \(Connection closed\); .*KAFKA_SSL$/);
  assert.ok(portError(new AuthenticationError("Wrong password."), "fetch") instanceof ConfigError);
});

Deno.test("portError() passes on what is an error of a port already, and keeps every other as the cause", () => {
  const own = new FencedError("Cannot commit: over");
  assert.equal(portError(own, "commit"), own);
  const cause = new TypeError("x");
  assert.equal(portError(cause, "commit").cause, cause);
});

Deno.test("codesOf() finds protocol errors in errors of several parts, and none in others", () => {
  const nested = new AggregateError([new NetworkError("x"), new AggregateError([new ProtocolError(22), answered(27)])]);
  assert.deepEqual(codesOf(nested), [22, 27]);
  assert.deepEqual([codesOf(new NetworkError("x")), codesOf(undefined), codesOf("22")], [[], [], []]);
});
