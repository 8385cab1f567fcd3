/**
 * Answers: JSON, one line of text for what went wrong, and the headers that every answer carries.
 *
 * I1. No answer repeats anything that the request said.
 */

/** The largest request target, in characters. */
export const MAX_TARGET_CHARS = 2_048;
/** The largest sum of header names and values, in characters. */
export const MAX_HEADER_CHARS = 16_384;

const SECURITY_HEADERS = {
  "content-security-policy":
    "default-src 'self'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'; object-src 'none'",
  "x-content-type-options": "nosniff",
  "referrer-policy": "no-referrer",
  "cross-origin-opener-policy": "same-origin",
  "cross-origin-resource-policy": "same-origin",
};

/** An answer in JSON that no cache keeps. */
export function json(value: unknown, init: ResponseInit = {}): Response {
  const headers = new Headers(init.headers);
  headers.set("content-type", "application/json; charset=utf-8");
  headers.set("cache-control", "no-store");
  return new Response(`${JSON.stringify(value)}\n`, { ...init, headers });
}

/** A refusal: `{"error": reason}`. */
export function refusal(status: number, reason: string, headers: HeadersInit = {}): Response {
  return json({ error: reason }, { status, headers });
}

/** The answer as it leaves: with the security headers, and without a body when the method was HEAD. */
export async function sealed(response: Response, method: string): Promise<Response> {
  const headers = new Headers(response.headers);
  for (const [name, value] of Object.entries(SECURITY_HEADERS)) headers.set(name, value);
  const { status, body } = response;
  if (method !== "HEAD") return new Response(body, { status, headers });
  await body?.cancel();
  return new Response(null, { status, headers });
}

/** Why a request is refused before anything reads it, or undefined. */
export function tooLarge(request: Request): Response | undefined {
  const { pathname, search } = new URL(request.url);
  if (pathname.length + search.length > MAX_TARGET_CHARS) {
    return refusal(414, `Cannot read request: the address is longer than ${MAX_TARGET_CHARS} characters`);
  }
  let chars = 0;
  for (const [name, value] of request.headers) chars += name.length + value.length;
  if (chars > MAX_HEADER_CHARS) {
    return refusal(431, `Cannot read request: the headers are longer than ${MAX_HEADER_CHARS} characters`);
  }
  return undefined;
}
