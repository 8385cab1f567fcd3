/**
 * Who may look: a bearer token for programs, a cookie for browsers.
 *
 * I1. Secrets are compared in constant time, as digests of one length.
 * I2. The cookie is a MAC under the token, not the token: it survives a restart, tells nobody the token, and a new
 *     token ends every session. Scripts cannot read it (`HttpOnly`), other sites cannot send it (`SameSite=Strict`).
 * I3. No address ever carries a secret: addresses end up in logs and histories.
 */
import { createHash, createHmac, timingSafeEqual } from "node:crypto";
import { refusal } from "./reply.ts";

/** The largest login form, in bytes. */
export const MAX_FORM_BYTES = 4_096;

/** Decides who may look; without a token everybody may. */
export class Access {
  readonly #token: string | undefined;
  readonly #cookie: { readonly name: string; readonly value: string } | undefined;

  constructor(token: string | undefined) {
    if (token === "") throw new RangeError("Cannot protect the web: the token is empty");
    this.#token = token;
    if (token === undefined) return;
    // Browsers share cookies between the ports of a host: a name of its own keeps two servers from logging each other out.
    const mac = (purpose: string) => createHmac("sha256", token).update(purpose).digest("base64url");
    this.#cookie = { name: `tally_${mac("cookie name").slice(0, 8)}`, value: mac("cookie value") };
  }

  /** Whether the request carries the token or the cookie. */
  allows(request: Request): boolean {
    if (this.#token === undefined || this.#cookie === undefined) return true;
    const bearer = /^bearer +(.+)$/i.exec(request.headers.get("authorization") ?? "")?.[1];
    if (bearer !== undefined) return sameSecret(bearer, this.#token);
    const cookie = cookieOf(request, this.#cookie.name);
    return cookie !== undefined && sameSecret(cookie, this.#cookie.value);
  }

  /** Refuses: a browser that asks for the page is sent to the login form. */
  refuse(request: Request): Response {
    const wantsPage = new URL(request.url).pathname === "/" && request.headers.get("accept")?.includes("text/html");
    if (wantsPage) return new Response(null, { status: 303, headers: { location: "/login" } });
    return refusal(401, "Cannot answer: send the token as `Authorization: Bearer …`, or log in at /login", {
      "www-authenticate": "Bearer",
    });
  }

  /** Takes the login form (`token=…`): sets the cookie, or goes back to the form. */
  async logIn(request: Request): Promise<Response> {
    const form = await formOf(request);
    if (form instanceof Response) return form;
    if (this.#token === undefined || this.#cookie === undefined) return seeOther("/");
    if (!sameSecret(form.get("token") ?? "", this.#token)) return seeOther("/login#wrong");
    const secure = request.headers.get("x-forwarded-proto") === "https" ? "; Secure" : "";
    return seeOther("/", `${this.#cookie.name}=${this.#cookie.value}; HttpOnly; SameSite=Strict; Path=/${secure}`);
  }
}

function sameSecret(given: string, right: string): boolean {
  const digest = (text: string) => createHash("sha256").update(text).digest();
  return timingSafeEqual(digest(given), digest(right));
}

function cookieOf(request: Request, name: string): string | undefined {
  for (const pair of (request.headers.get("cookie") ?? "").split(";")) {
    const [key, value] = pair.split("=");
    if (key?.trim() === name) return value?.trim();
  }
  return undefined;
}

function seeOther(location: string, cookie?: string): Response {
  const headers = new Headers({ location, "cache-control": "no-store" });
  if (cookie !== undefined) headers.set("set-cookie", cookie);
  return new Response(null, { status: 303, headers });
}

/** Reads at most `MAX_FORM_BYTES`, whatever length the request claims. */
async function formOf(request: Request): Promise<URLSearchParams | Response> {
  const decoder = new TextDecoder();
  let text = "", sizeBytes = 0;
  for await (const chunk of request.body ?? []) {
    sizeBytes += chunk.byteLength;
    if (sizeBytes > MAX_FORM_BYTES) return refusal(413, `Cannot log in: the form is over ${MAX_FORM_BYTES} bytes`);
    text += decoder.decode(chunk, { stream: true });
  }
  return new URLSearchParams(text);
}
