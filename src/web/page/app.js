/** Wires the stream, the models, the questions and the page together. */
import { statesOf } from "./atlas.js";
import { History } from "./history.js";
import { Model } from "./model.js";
import { Page } from "./page.js";
import { Poll } from "./poll.js";
import { formatRoute, parseRoute, questionsOf, RANGES } from "./route.js";
import { pointOf, pointsOf } from "./series.js";
import { follow } from "./stream.js";
import { nextTheme, putOn, theme } from "./theme.js";
import { after } from "./timer.js";
import { withFresh } from "./unusual.js";
import { html, render } from "./vendor/preact.js";

/** How many sampled transactions are shown. */
const SAMPLES = 24;
/** The status of a question that asks for more than one answer may hold; the answer says so in words. */
const TOO_MUCH = 400;

const root = document.getElementById("app");
const route = parseRoute(location.search);
/** All regions together, by the stream; the one that is filtered by, read again and again; hours or days, read seldom. */
const models = {
  all: new Model(windowsIn(route.range)),
  one: new Model(windowsIn(route.range)),
  rolledUp: new Model(RANGES[route.range]),
};
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
  /** Whether hours or days, where they are wanted, have been read. */
  isRead: true,
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
  hasRolledUp: false,
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
      shown.isRead = !isRolledUp() || heard.hasRolledUp;
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
  const { region, category, view } = shown.route;
  if (view === "pipeline") return models.all.view();
  const { categories } = models.all.view(), model = region === "" ? models.all : models.one;
  if (!isRolledUp()) return { ...model.view(category), categories };
  const seen = models.rolledUp.view(category);
  return seen.categories.length > 0 ? seen : { ...seen, categories };
}

function isRolledUp({ range } = shown.route) {
  return RANGES[range].every !== undefined;
}

/** The windows held while a range is on display: with hours and days they are few, to know what is now. */
function windowsIn(/** @type {string} */ range) {
  return RANGES[range].every === undefined ? RANGES[range] : RANGES.live;
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
  const before = shown.route, range = windowsIn(next.range);
  shown.route = next;
  if (next.category !== before.category) {
    heard.answers = { ...heard.answers, regions: undefined, customers: undefined, top: undefined };
  }
  if (next.range !== before.range || next.region !== before.region) {
    models.all.show(range);
    models.one = new Model(range);
    models.rolledUp = new Model(RANGES[next.range]);
    heard.hasRolledUp = false;
    if (heard.standing !== undefined) stand(heard.standing);
    readPast(true);
  }
  if (next.view === "regions") readAtlas();
  ask();
  show();
}

/** Fills the holes before and between what the stream has sent. @param {boolean} isUrgent whether somebody waits for it */
function readPast(isUrgent = false) {
  past.read(() => {
    const { newestMs, window, slideMs } = models.all, region = isRolledUp() ? "" : shown.route.region;
    const range = isRolledUp() ? "live" : shown.route.range, model = region === "" ? models.all : models.one;
    return { model, newestMs, window, slideMs, range, region };
  }, { isUrgent });
}

function ask() {
  poll.want(questionsOf(shown.route, { newestMs: models.all.newestMs, rolledUpMs: models.rolledUp.newestMs }));
}

/** @param {string} url @returns {Promise<any>} the answer; undefined when there is none now */
async function answerOf(url) {
  try {
    const response = await fetch(url);
    return response.ok || response.status === TOO_MUCH ? await response.json() : undefined;
  } catch {
    return undefined; // The stream says that the connection is lost.
  }
}

/** @param {string} name @param {any} answer */
function hearAnswer(name, answer) {
  if (answer.error !== undefined) return change({ problem: answer.error });
  if (name === "rolledUp") {
    models.rolledUp.history(pointsOf(answer));
    heard.hasRolledUp = true;
    return change({ problem: "" });
  }
  heard.answers = { ...heard.answers, [name]: answer };
  // The choice of regions must not shrink to those of a category.
  if (name === "regions" && shown.route.category === "") heard.answers.everyRegion = answer;
  show();
}

/** @param {any[]} fresh points that the stream has brought before they were asked for */
function hearAnomalies(fresh) {
  const known = heard.answers.anomalies ?? [];
  heard.answers = { ...heard.answers, anomalies: withFresh(known, fresh, shown.route.category) };
}

async function readAtlas() {
  if (shown.atlas !== undefined) return;
  const topology = await answerOf("/vendor/us-states.json");
  if (topology !== undefined) change({ atlas: statesOf(topology) });
}

/** @param {import("./model.js").Standing} standing */
function stand(standing) {
  models.one.stand(standing);
  models.rolledUp.stand(standing);
}

/** @param {{ event: string, data: string }} event */
function hear({ event, data }) {
  const { app, samples, points, anomalies, ...standing } = JSON.parse(data), isSnapshot = event === "snapshot";
  const message = { ...standing, points: points.map(pointOf) };
  heard.standing = standing;
  stand(standing);
  heard.samples = [...samples.toReversed(), ...isSnapshot ? [] : heard.samples].slice(0, SAMPLES);
  if (anomalies.length > 0) hearAnomalies(anomalies);
  if (isSnapshot) {
    shown.app = app;
    models.all.snapshot(message);
  } else {
    models.all.delta(message);
  }
  if (isSnapshot || shown.route.region !== "" && !isRolledUp()) readPast();
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
