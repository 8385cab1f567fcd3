/**
 * Server-sent events by `fetch`.
 *
 * `EventSource` hides the status and the heartbeats: with it the page could neither say why it is refused nor notice
 * that a connection has silently died.
 */

const RETRY_MS = [500, 1_000, 2_000, 4_000, 8_000];
/** Two heartbeats and a half. */
const SILENCE_MS = 40_000;

/**
 * @typedef {{ phase: "connecting" } | { phase: "live" } | { phase: "reconnecting", reason: string }
 *   | { phase: "refused" }} Connection
 * @typedef {{ event: string, data: string }} ServerEvent
 * @typedef {(delayMs: number, fn: () => void) => () => void} After
 */

/**
 * Follows `url` until stopped; comes back by itself, later each time it fails.
 *
 * @param {string} url
 * @param {{ after: After, onEvent: (event: ServerEvent) => void, onConnection: (connection: Connection) => void }} options
 * @returns {() => void} stops
 */
export function follow(url, options) {
  const { after, onConnection } = options;
  let failures = 0, stopped = false, cancel = () => {};
  async function run() {
    const attempt = new AbortController();
    cancel = () => attempt.abort();
    const live = () => (failures = 0, onConnection({ phase: "live" }));
    const outcome = await attempted(url, { ...options, attempt, live });
    if (stopped) return;
    onConnection(outcome);
    if (outcome.phase === "refused") return;
    const delayMs = RETRY_MS[Math.min(failures++, RETRY_MS.length - 1)] ?? 0;
    cancel = after(delayMs, run);
  }
  onConnection({ phase: "connecting" });
  run();
  return () => {
    stopped = true;
    cancel();
  };
}

/**
 * One connection from its first to its last byte.
 *
 * @param {string} url
 * @param {{ after: After, onEvent: (event: ServerEvent) => void, attempt: AbortController, live: () => void }} options
 * @returns {Promise<Connection>}
 */
async function attempted(url, { after, onEvent, attempt, live }) {
  const die = () => attempt.abort();
  let quiet = after(SILENCE_MS, die);
  try {
    const response = await fetch(url, { signal: attempt.signal, headers: { accept: "text/event-stream" } });
    if (response.status === 401) {
      await response.body?.cancel();
      return { phase: "refused" };
    }
    if (!response.ok || response.body === null) return { phase: "reconnecting", reason: await reasonOf(response) };
    live();
    for await (const event of parse(response.body)) {
      quiet();
      quiet = after(SILENCE_MS, die);
      if (event.data !== "") onEvent(event);
    }
    return { phase: "reconnecting", reason: "the server closed the connection" };
  } catch {
    // The browser's own words for a lost connection differ and say less.
    return { phase: "reconnecting", reason: "the server cannot be reached" };
  } finally {
    quiet();
  }
}

/** @param {Response} response */
async function reasonOf(response) {
  const text = await response.text();
  try {
    return String(JSON.parse(text).error);
  } catch {
    return `the server answered ${response.status}`;
  }
}

/**
 * Splits a stream into events; a comment comes out as an event without data.
 *
 * @param {ReadableStream<Uint8Array>} body
 * @returns {AsyncGenerator<ServerEvent>}
 */
export async function* parse(body) {
  const reader = body.getReader(), decoder = new TextDecoder();
  let rest = "";
  try {
    for (;;) {
      const { done, value } = await reader.read();
      if (done) return;
      const blocks = (rest + decoder.decode(value, { stream: true })).split("\n\n");
      rest = blocks.pop() ?? "";
      for (const block of blocks) yield eventOf(block);
    }
  } finally {
    await reader.cancel();
  }
}

/** @param {string} block */
function eventOf(block) {
  let event = "message";
  const data = [];
  for (const line of block.split("\n")) {
    if (line.startsWith("event:")) event = line.slice(6).trim();
    if (line.startsWith("data:")) data.push(line.slice(5).trimStart());
  }
  return { event, data: data.join("\n") };
}
