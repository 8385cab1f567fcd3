/**
 * Which path is answered by what, and who may ask.
 *
 * I1. Every refusal comes from here or from `reply.ts`, as JSON, with one sentence.
 */
import type { Access } from "./access.ts";
import { Assets, takesGzip } from "./assets.ts";
import type { LiveEvents } from "./live_events.ts";
import type { PointsAnswers } from "./points_answer.ts";
import { parsePointsQuery } from "./points_query.ts";
import { json, refusal, tooLarge } from "./reply.ts";
import { parseRegionQuery, parseSeriesQuery } from "./series_query.ts";
import type { Views } from "./views.ts";

/** What the routes answer from. */
export interface Site {
  readonly access: Access;
  readonly assets: Assets;
  readonly events: LiveEvents;
  readonly points: PointsAnswers;
  readonly views: Views;
}

type Handler = (site: Site, request: Request) => Response | Promise<Response>;

interface Route {
  /** `open` needs no token. */
  readonly access: "open" | "token";
  readonly methods: readonly string[];
  readonly handle: Handler;
}

const READ = ["GET", "HEAD"];

const ROUTES: ReadonlyMap<string, Route> = new Map<string, Route>([
  ["/events", guarded((site, request) => site.events.answer(request.method))],
  ["/api/points", guarded(points)],
  ["/api/series", guarded(series)],
  ["/api/regions", guarded(regions)],
  ["/api/pipeline", guarded((site) => json(site.views.pipeline()))],
  ["/api/dead-letters", guarded((site) => json(site.views.deadLetters()))],
  ["/api/ledger", guarded(async (site) => json(await site.views.ledger()))],
  ["/api/actors", guarded(async (site) => json(await site.views.actors()))],
  ["/metrics", guarded(metrics)],
  ["/healthz", { access: "open", methods: READ, handle: health }],
  ["/livez", { access: "open", methods: READ, handle: alive }],
  ["/login", { access: "open", methods: [...READ, "POST"], handle: login }],
]);

/** What the login form needs before anybody has logged in. */
const OPEN_ASSETS = ["/app.css", "/icon.svg"];

/** Answers a request. */
export async function route(site: Site, request: Request): Promise<Response> {
  const path = new URL(request.url).pathname;
  const target = ROUTES.get(path) ?? assetRoute(path);
  const early = tooLarge(request) ?? wrongMethod(target, request);
  if (early !== undefined) return early;
  if (target.access === "token" && !site.access.allows(request)) return site.access.refuse(request);
  return await target.handle(site, request);
}

function guarded(handle: Handler): Route {
  return { access: "token", methods: READ, handle };
}

/** Any other path is a file of the page, or nothing; who may not look is not told which. */
function assetRoute(path: string): Route {
  const handle: Handler = (site, request) => site.assets.answer(path, request) ?? notFound();
  return { access: OPEN_ASSETS.includes(path) ? "open" : "token", methods: READ, handle };
}

function notFound(): Response {
  return refusal(404, `Cannot find this path: there are /, ${[...ROUTES.keys()].join(", ")}`);
}

function wrongMethod(target: Route, request: Request): Response | undefined {
  const { methods } = target, allow = methods.join(", ");
  if (!methods.includes(request.method)) return refusal(405, `Cannot answer this method: use ${allow}`, { allow });
  if (request.method !== "POST" && hasBody(request)) return refusal(413, "Cannot take a body here");
  return undefined;
}

/** By the headers: `Request` hides the body of a GET. */
function hasBody({ headers }: Request): boolean {
  return headers.has("transfer-encoding") || (headers.get("content-length") ?? "0") !== "0";
}

function points(site: Site, request: Request): Promise<Response> {
  return asked(request, (params) => site.points.answer(parsePointsQuery(params), { gzip: takesGzip(request) }));
}

function series(site: Site, request: Request): Promise<Response> {
  return asked(request, (params) => site.points.series(parseSeriesQuery(params), { gzip: takesGzip(request) }));
}

function regions(site: Site, request: Request): Promise<Response> {
  return asked(request, (params) => site.points.regions(parseRegionQuery(params), { gzip: takesGzip(request) }));
}

/** Answers a question; one that cannot be read is a 400. */
async function asked(
  request: Request,
  answer: (params: URLSearchParams) => Response | Promise<Response>,
): Promise<Response> {
  try {
    return await answer(new URL(request.url).searchParams);
  } catch (failure) {
    if (failure instanceof SyntaxError) return refusal(400, failure.message);
    throw failure;
  }
}

async function metrics(site: Site): Promise<Response> {
  const headers = { "content-type": "text/plain; version=0.0.4; charset=utf-8", "cache-control": "no-store" };
  return new Response(await site.views.metrics(), { headers });
}

/** Probes carry no token: without one they learn whether, with one also why. */
function health(site: Site, request: Request): Response {
  const found = site.views.health();
  const told = site.access.allows(request) ? found : { ok: found.ok };
  return json(told, { status: found.ok ? 200 : 503 });
}

/** For who restarts what does not answer: being behind, or without a store, is nothing that a restart mends. */
async function alive({ views }: Site): Promise<Response> {
  const ok = await views.isAlive();
  return json({ ok }, { status: ok ? 200 : 503 });
}

function login(site: Site, request: Request): Response | Promise<Response> {
  if (request.method === "POST") return site.access.logIn(request);
  return site.assets.answer("/login", request) ?? notFound();
}
