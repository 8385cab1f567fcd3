/** Wires the stream, the model and the view together. */
import { html, render } from "./vendor/preact.js";
import { HISTORY_MS, Model } from "./model.js";
import { follow } from "./stream.js";
import { after } from "./timer.js";
import { Page } from "./view.js";

/** Between two reads of history, ms: a server that is catching up sends snapshots faster than history can be read. */
const HISTORY_PAUSE_MS = 2_000;

const model = new Model();
const state = {
  /** @type {import("./stream.js").Connection} */
  connection: { phase: "connecting" },
  app: { name: "Tally", version: "" },
  paused: false,
  problem: "",
  view: model.view(),
};

let frame = 0;
function show() {
  frame ||= requestAnimationFrame(() => {
    frame = 0;
    if (!state.paused) state.view = model.view();
    render(html`<${Page} ...${state} onPause=${pause} />`, document.getElementById("app"));
  });
}

function pause() {
  state.paused = !state.paused;
  show();
}

const history = { reading: false, wanted: false };

/** Fills the holes before and between what the stream has sent. */
async function readHistory() {
  history.wanted = true;
  if (history.reading) return;
  history.reading = true;
  while (history.wanted) {
    history.wanted = false;
    state.problem = await readRange(HISTORY_MS);
    show();
    await new Promise((resolve) => after(HISTORY_PAUSE_MS, () => resolve(undefined)));
  }
  history.reading = false;
}

/**
 * Reads the last `rangeMs` of event time, or half of it when that is too much for one answer.
 *
 * @param {number} rangeMs
 * @returns {Promise<string>} what went wrong, or nothing
 */
async function readRange(rangeMs) {
  if (model.newestMs === undefined) return "";
  const fromMs = Math.max(0, model.newestMs - rangeMs);
  try {
    const response = await fetch(`/api/points?measurement=transactions_avg&from=${fromMs}`);
    if (response.status === 400 && rangeMs > 30_000) return await readRange(Math.floor(rangeMs / 2));
    const answer = await response.json();
    if (!response.ok) return String(answer.error);
    model.history(answer);
    return "";
  } catch {
    // The stream says that the connection is lost, and a new snapshot reads history again.
    return "Cannot read earlier points: the answer broke off";
  }
}

follow("/events", {
  after,
  onConnection(connection) {
    if (connection.phase === "refused") return location.assign("/login");
    state.connection = connection;
    show();
  },
  onEvent({ event, data }) {
    const message = JSON.parse(data);
    if (event === "snapshot") {
      state.app = message.app;
      model.snapshot(message);
      readHistory();
    } else {
      model.delta(message);
    }
    show();
  },
});
show();
