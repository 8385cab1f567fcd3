/** Wires the stream, the models, the questions and the page together. */
import { statesOf } from "./atlas.js";
import { History } from "./history.js";
import { Model } from "./model.js";
import { Page } from "./page.js";
import { Poll } from "./poll.js";
import { formatRoute, parseRoute, questionsOf, RANGES } from "./route.js";
import { pointOf } from "./series.js";
import { follow } from "./stream.js";
import { nextTheme, putOn, theme } from "./theme.js";
import { after } from "./timer.js";
import { html, render } from "./vendor/preact.js";

/** How many sampled transactions are shown. */
const SAMPLES = 24;

const root = document.getElementById("app");
const route = parseRoute(location.search);
/** All regions together, by the stream; and the one that is filtered by, by reading it again and again. */
const models = { all: new Model(RANGES[route.range]), one: new Model(RANGES[route.range]) };
/** What is on display. */
const shown = {
  route,
  /** @type {import("./stream.js").Connection} */
  connection: { phase: "connecting" },
  app: { name: "Tally", version: "" },
  paused: false,
  problem: "",
  theme: theme(),
  atlas: undefined,
  view: models.all.view(),
};
/** What has come in; a page that is paused goes on to collect it. */
const heard = {
  /** @type {any} how everything stood at the last event, without its points */
  standing: undefined,
  /** @type {any[]} newest first */
  samples: [],
  /** @type {Record<string, any>} answers of the polled questions by their names */
  answers: {},
};
const past = new History({ after, onRead: (problem) => change({ problem }) });
const poll = new Poll({ after, ask: answerOf, onAnswer: hearAnswer });
const acts = { go, onPause: () => change({ paused: !shown.paused }), onTheme: () => change({ theme: nextTheme() }) };

/** @type {any} what the last frame was made of */
let display = { samples: [], answers: {} };
let frame = 0;

function show() {
  frame ||= requestAnimationFrame(() => {
    frame = 0;
    if (!shown.paused) {
      display = { samples: heard.samples, answers: heard.answers };
      shown.view = viewed();
    }
    render(html`<${Page} ...${shown} ...${display} ...${acts} />`, root);
  });
}

/** @param {Partial<typeof shown>} changes */
function change(changes) {
  Object.assign(shown, changes);
  show();
}

function viewed() {
  const { region, category, view } = shown.route, isPipeline = view === "pipeline";
  const model = region === "" || isPipeline ? models.all : models.one;
  return { ...model.view(isPipeline ? "" : category), categories: models.all.view().categories };
}

/** Shows another state of the page and puts it into the address. @param {Partial<import("./route.js").Route>} to */
function go(to) {
  const next = { ...shown.route, ...to };
  if (next.view === "category" && next.category === "") next.category = shown.view.rows[0]?.category ?? "";
  globalThis.history.pushState(null, "", formatRoute(next));
  take(next);
  if (to.view !== undefined) scrollTo(0, 0);
}

/** @param {import("./route.js").Route} next */
function take(next) {
  const before = shown.route, range = RANGES[next.range];
  shown.route = next;
  if (next.category !== before.category) heard.answers = { ...heard.answers, regions: undefined };
  if (next.range !== before.range || next.region !== before.region) {
    models.all.show(range);
    models.one = new Model(range);
    if (heard.standing !== undefined) models.one.stand(heard.standing);
    readPast(true);
  }
  if (next.view === "regions") readAtlas();
  ask();
  show();
}

/** Fills the holes before and between what the stream has sent. @param {boolean} isUrgent whether somebody waits for it */
function readPast(isUrgent = false) {
  past.read(() => {
    const { range, region } = shown.route, { newestMs, window, slideMs } = models.all;
    return { model: region === "" ? models.all : models.one, newestMs, window, slideMs, range, region };
  }, { isUrgent });
}

function ask() {
  poll.want(questionsOf(shown.route, { newestMs: models.all.newestMs }));
}

/** @param {string} url @returns {Promise<unknown>} the answer, or undefined */
async function answerOf(url) {
  try {
    const response = await fetch(url);
    return response.ok ? await response.json() : undefined;
  } catch {
    return undefined; // The stream says that the connection is lost.
  }
}

/** @param {string} name @param {any} answer */
function hearAnswer(name, answer) {
  heard.answers = { ...heard.answers, [name]: answer };
  // The choice of regions must not shrink to those of a category.
  if (name === "regions" && shown.route.category === "") heard.answers.everyRegion = answer;
  show();
}

async function readAtlas() {
  if (shown.atlas !== undefined) return;
  const topology = await answerOf("/vendor/us-states.json");
  if (topology !== undefined) change({ atlas: statesOf(topology) });
}

/** @param {{ event: string, data: string }} event */
function hear({ event, data }) {
  const { app, samples, points, ...standing } = JSON.parse(data), isSnapshot = event === "snapshot";
  const message = { ...standing, points: points.map(pointOf) };
  heard.standing = standing;
  heard.samples = [...samples.toReversed(), ...isSnapshot ? [] : heard.samples].slice(0, SAMPLES);
  models.one.stand(standing);
  if (isSnapshot) {
    shown.app = app;
    models.all.snapshot(message);
  } else {
    models.all.delta(message);
  }
  if (isSnapshot || shown.route.region !== "") readPast();
  ask();
  show();
}

putOn(shown.theme);
root.replaceChildren();
addEventListener("popstate", () => take(parseRoute(location.search)));
follow("/events", {
  after,
  onConnection(connection) {
    if (connection.phase === "refused") return location.assign("/login");
    change({ connection });
  },
  onEvent: hear,
});
if (route.view === "regions") readAtlas();
ask();
show();
