/**
 * The HTTP server: the live page and everything that DESIGN's HTTP line promises.
 *
 * I1. Nothing is served that `Views` or the table of files does not hold; every answer is sealed (`reply.ts`).
 * I2. Disposing ends every stream first, then waits for answers under way, at most `DRAIN_MS`,
 *     then cuts every connection.
 */
import type { Clock } from "../clock.ts";
import { RetryableError } from "../stream/failures.ts";
import { Access } from "./access.ts";
import { Assets } from "./assets.ts";
import { Listener, type ListenerOptions } from "./listener.ts";
import { LiveEvents } from "./live_events.ts";
import { MAX_POINTS, PointsAnswers } from "./points_answer.ts";
import { refusal, sealed } from "./reply.ts";
import { route, type Site } from "./routes.ts";
import type { Views } from "./views.ts";

/** How long answers under way may take to end once the server is disposed of, ms. */
export const DRAIN_MS = 800;

/** What to serve, where and to whom. */
export interface WebOptions {
  readonly host: string;
  /** 0 takes a free one. */
  readonly port: number;
  /** Whoever asks must know it. @default everybody may look */
  readonly token?: string;
  readonly clock: Clock;
  readonly views: Views;
  readonly appName: string;
  readonly version: string;
  /** @default 64 */
  readonly maxEventClients?: number;
  /** Points in one answer of `/api/points`. @default 100,000 */
  readonly maxPoints?: number;
  /** Told about a view that failed; the client has then been told 500 or 503. @default console.error */
  readonly onFailure?: (failure: unknown) => void;
}

/** A running server; dispose of it to stop. */
export interface WebServer extends AsyncDisposable {
  readonly port: number;
  /** Where a browser finds the page, without a trailing slash. */
  readonly url: string;
}

/**
 * Starts serving.
 *
 * @throws {Deno.errors.AddrInUse} and the like when the address cannot be taken.
 */
export async function serveWeb(options: WebOptions): Promise<WebServer> {
  const { host, port, clock, onFailure = console.error } = options;
  const assets = await Assets.load();
  const site = siteOf(options, assets, onFailure);
  const answer = async (request: Request) => await sealed(await guard(site, request, onFailure), request.method);
  const listener = await listen({ host, port, clock, answer }, site);
  return {
    port: listener.port,
    url: `http://${urlHost(host)}:${listener.port}`,
    async [Symbol.asyncDispose]() {
      site.events[Symbol.dispose]();
      await ended(listener.underWay, clock);
      await listener.close();
    },
  };
}

/** Resolves when all answers have ended, at most `DRAIN_MS` from now. */
async function ended(answers: readonly Promise<void>[], clock: Clock): Promise<void> {
  const limit = Promise.withResolvers<void>();
  using _timer = clock.after(DRAIN_MS, limit.resolve);
  await Promise.race([Promise.all(answers), limit.promise]);
}

function siteOf(options: WebOptions, assets: Assets, onFailure: (failure: unknown) => void): Site {
  const { views, clock, token, appName, version, maxEventClients = 64, maxPoints = MAX_POINTS } = options;
  const access = new Access(token), points = new PointsAnswers(views, maxPoints);
  const app = { name: appName, version };
  const events = new LiveEvents({ views, clock, app, maxClients: maxEventClients, onFailure });
  return { access, assets, events, points, views };
}

/** A port that is taken must not leave a subscription behind. */
async function listen(options: ListenerOptions, site: Site): Promise<Listener> {
  try {
    return await Listener.open(options);
  } catch (failure) {
    site.events[Symbol.dispose]();
    throw failure;
  }
}

/** Turns what a view throws into an answer that says nothing of the inside. */
async function guard(site: Site, request: Request, onFailure: (failure: unknown) => void): Promise<Response> {
  try {
    return await route(site, request);
  } catch (failure) {
    onFailure(failure);
    if (!(failure instanceof RetryableError)) return refusal(500, "Cannot answer: an error that the log explains");
    const seconds = String(Math.max(1, Math.ceil(failure.retryAfterMs / 1_000)));
    return refusal(503, "Cannot answer now: the store does not answer", { "retry-after": seconds });
  }
}

/** An address that listens everywhere is reached by the loopback name. */
function urlHost(host: string): string {
  if (host === "0.0.0.0" || host === "::") return "localhost";
  return host.includes(":") ? `[${host}]` : host;
}
