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

const route = parseRoute(location.search);
/** All regions together, by the stream; and the one region that is filtered by, by reading it again and again. */
const models = { all: new Model(RANGES[route.range]), one: new Model(RANGES[route.range]) };
const past = new History({
  after,
  onRead(problem) {
    shown.problem = problem;
    show();
  },
});
const shown = {
  route,
  /** @type {import("./stream.js").Connection} */
  connection: { phase: "connecting" },
  app: { name: "Tally", version: "" },
  paused: false,
  problem: "",
  theme: theme(),
  /** @type {any[]} newest first */
  samples: [],
  /** @type {Record<string, any>} */
  answers: {},
  atlas: undefined,
  view: models.all.view(),
};
/** What came in while the page was paused. */
const waiting = { samples: shown.samples, answers: shown.answers };

let frame = 0;
function show() {
  frame ||= requestAnimationFrame(() => {
    frame = 0;
    if (!shown.paused) Object.assign(shown, waiting, { view: viewed() });
    render(
      html`<${Page} ...${shown} go=${go} onPause=${pause} onTheme=${changeTheme} />`,
      document.getElementById("app"),
    );
  });
}

function viewed() {
  const { region, category, view } = shown.route;
  const model = region === "" || view === "pipeline" ? models.all : models.one;
  const found = model.view(view === "pipeline" ? "" : category);
  return { ...found, categories: models.all.view().categories };
}

function pause() {
  shown.paused = !shown.paused;
  show();
}

function changeTheme() {
  shown.theme = nextTheme();
  show();
}

/** Shows another state of the page and puts it into the address. @param {Partial<import("./route.js").Route>} change */
function go(change) {
  const next = { ...shown.route, ...change };
  if (next.view === "category" && next.category === "") next.category = shown.view.rows[0]?.category ?? "";
  globalThis.history.pushState(null, "", formatRoute(next));
  take(next);
  if (change.view !== undefined) document.getElementById("main")?.scrollIntoView();
}

/** @param {import("./route.js").Route} next */
function take(next) {
  const before = shown.route;
  shown.route = next;
  if (next.range !== before.range) { for (const model of Object.values(models)) model.show(RANGES[next.range]); }
  if (next.region !== before.region) {
    models.one = new Model(RANGES[next.range]);
    if (standing !== undefined) models.one.stand(standing);
  }
  if (next.range !== before.range) models.one = new Model(RANGES[next.range]);
  if (next.category !== before.category) delete waiting.answers.regions;
  if (next.range !== before.range || next.region !== before.region) readPast();
  if (next.view === "regions") readAtlas();
  ask();
  show();
}

/** @type {any} */
let standing;

/** Fills the holes before and between what the stream has sent. */
function readPast() {
  past.read(() => {
    const { range, region } = shown.route, { newestMs, window } = models.all;
    return { model: region === "" ? models.all : models.one, newestMs, window, range, region };
  });
}

const poll = new Poll({
  after,
  async ask(url) {
    try {
      const response = await fetch(url);
      return response.ok ? await response.json() : undefined;
    } catch {
      return undefined; // The stream says that the connection is lost.
    }
  },
  onAnswer(name, answer) {
    waiting.answers = { ...waiting.answers, [name]: answer };
    if (name === "regions" && shown.route.category === "") waiting.answers.everyRegion = answer;
    show();
  },
});

function ask() {
  poll.want(questionsOf(shown.route, { newestMs: models.all.newestMs }));
}

async function readAtlas() {
  if (shown.atlas !== undefined) return;
  const response = await fetch("/vendor/us-states.json");
  if (!response.ok) return;
  shown.atlas = statesOf(await response.json());
  show();
}

/** @param {{ event: string, data: string }} event */
function hear({ event, data }) {
  const { app, samples, points, ...rest } = JSON.parse(data), message = { ...rest, points: points.map(pointOf) };
  standing = rest;
  waiting.samples = [...samples.toReversed(), ...event === "snapshot" ? [] : waiting.samples].slice(0, SAMPLES);
  models.one.stand(rest);
  if (event === "snapshot") {
    shown.app = app;
    models.all.snapshot(message);
  } else {
    models.all.delta(message);
  }
  if (event === "snapshot" || shown.route.region !== "") readPast();
  ask();
  show();
}

putOn(shown.theme);
document.getElementById("app").replaceChildren();
addEventListener("popstate", () => take(parseRoute(location.search)));
follow("/events", {
  after,
  onConnection(connection) {
    if (connection.phase === "refused") return location.assign("/login");
    shown.connection = connection;
    show();
  },
  onEvent: hear,
});
if (route.view === "regions") readAtlas();
ask();
show();
