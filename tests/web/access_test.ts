import assert from "node:assert/strict";
import { MAX_FORM_BYTES } from "../../src/web/access.ts";
import { ASSETS } from "../../src/web/assets.ts";
import { EventReader, openSite, type TestSite } from "./site.ts";

const sanitized = { sanitizeOps: true, sanitizeResources: true };
const TOKEN = "a token nobody guesses".replaceAll(" ", "-");
const bearer = (token: string) => ({ headers: { authorization: `Bearer ${token}` } });
const GUARDED = [
  "/events",
  "/api/points?measurement=transactions_avg",
  "/api/ledger",
  "/api/actors",
  "/metrics",
  "/app.js",
];

async function logIn(site: TestSite, body: BodyInit) {
  return await site.get("/login", { method: "POST", body });
}

Deno.test("Access.allows() takes the right token and nothing else", sanitized, async () => {
  await using site = await openSite({ token: TOKEN });
  const wrong = [undefined, "", TOKEN.slice(1), `${TOKEN}x`, TOKEN.toUpperCase(), "é"];
  for (const path of GUARDED) {
    assert.equal((await site.get(path, { ...bearer(TOKEN), method: "HEAD" })).status, 200, path);
    for (const token of wrong) {
      const init = token === undefined ? {} : bearer(encodeURIComponent(token));
      const { status, headers } = await site.get(path, init);
      assert.deepEqual([status, headers.get("www-authenticate")], [401, "Bearer"], `${path} ${token}`);
    }
  }
});

Deno.test("Access.allows() takes no token from the address, another scheme or another cookie", sanitized, async () => {
  await using site = await openSite({ token: TOKEN });
  const tries: [string, HeadersInit][] = [
    [`/api/ledger?token=${TOKEN}`, {}],
    ["/api/ledger", { authorization: TOKEN }],
    ["/api/ledger", { authorization: `Basic ${btoa(`x:${TOKEN}`)}` }],
    ["/api/ledger", { cookie: `token=${TOKEN}` }],
  ];
  for (const [path, headers] of tries) assert.equal((await site.get(path, { headers })).status, 401, path);
});

Deno.test("Access without a token lets everybody look, whatever they send", sanitized, async () => {
  await using site = await openSite();
  assert.equal((await site.get("/api/ledger")).status, 200);
  assert.equal((await site.get("/api/ledger", bearer("anything"))).status, 200);
});

Deno.test("Access.refuse() sends a browser to the login form, which is open", sanitized, async () => {
  await using site = await openSite({ token: TOKEN });
  const { status, headers } = await site.get("/", { headers: { accept: "text/html" } });
  assert.deepEqual([status, headers.get("location")], [303, "/login"]);
  for (const path of ["/login", "/app.css", "/icon.svg"]) assert.equal((await site.get(path)).status, 200, path);
  assert.equal((await site.get("/")).status, 401);
});

Deno.test("Access.refuse() does not tell a stranger which paths exist", sanitized, async () => {
  await using site = await openSite({ token: TOKEN });
  assert.equal((await site.get("/missing")).text, (await site.get("/api/ledger")).text);
});

Deno.test("Access.logIn() sets a cookie that opens every path and tells nobody the token", sanitized, async () => {
  await using site = await openSite({ token: TOKEN });
  const { status, headers } = await logIn(site, new URLSearchParams({ token: TOKEN }));
  const set = headers.get("set-cookie") ?? "";
  assert.deepEqual([status, headers.get("location")], [303, "/"]);
  assert.match(set, /^tally_[\w-]{8}=[\w-]{43}; HttpOnly; SameSite=Strict; Path=\/$/);
  assert.ok(!set.includes(TOKEN));
  const cookie = `other=1; ${set.split(";")[0]}`;
  for (const path of [...GUARDED, ...Object.keys(ASSETS)]) {
    assert.equal((await site.get(path, { method: "HEAD", headers: { cookie } })).status, 200, path);
  }
  await using events = await EventReader.connect(site, { headers: { cookie } });
  assert.equal((await events.next())?.event, "snapshot");
});

Deno.test("Access.logIn() behind TLS keeps the cookie to TLS", sanitized, async () => {
  await using site = await openSite({ token: TOKEN });
  const body = new URLSearchParams({ token: TOKEN }), headers = { "x-forwarded-proto": "https" };
  const answer = await site.get("/login", { method: "POST", body, headers });
  assert.match(answer.headers.get("set-cookie") ?? "", /; Secure$/);
});

Deno.test("Access.logIn() with a wrong token goes back to the form without a cookie", sanitized, async () => {
  await using site = await openSite({ token: TOKEN });
  for (const body of ["", "token=", "token=wrong", `other=${TOKEN}`, "\xff%zz&&=", "token=<script>"]) {
    const { status, headers, text } = await logIn(site, body);
    const seen = [status, headers.get("location"), headers.get("set-cookie"), text];
    assert.deepEqual(seen, [303, "/login#wrong", null, ""], body);
  }
});

Deno.test("Access: a cookie under another token opens nothing", sanitized, async () => {
  await using other = await openSite({ token: "another" });
  const set = (await logIn(other, "token=another")).headers.get("set-cookie") ?? "";
  await using site = await openSite({ token: TOKEN });
  assert.equal((await site.get("/api/ledger", { headers: { cookie: set.split(";")[0] ?? "" } })).status, 401);
});

Deno.test("Access.logIn() reads a form of the largest size and refuses one byte more", sanitized, async () => {
  await using site = await openSite({ token: TOKEN });
  const form = (sizeBytes: number) => `token=${TOKEN}&pad=`.padEnd(sizeBytes, "x");
  const statuses = [await logIn(site, form(MAX_FORM_BYTES)), await logIn(site, form(MAX_FORM_BYTES + 1))]
    .map((answer) => answer.status);
  assert.deepEqual(statuses, [303, 413]);
});

Deno.test("routes: /healthz without the token says whether, not why", sanitized, async () => {
  await using site = await openSite({ token: TOKEN });
  site.views.currentHealth = { ok: false, problems: ["Partition 3 stands still"] };
  const blind = await site.get("/healthz"), known = await site.get("/healthz", bearer(TOKEN));
  assert.deepEqual([blind.status, JSON.parse(blind.text)], [503, { ok: false }]);
  assert.deepEqual([known.status, JSON.parse(known.text)], [503, site.views.currentHealth]);
});
