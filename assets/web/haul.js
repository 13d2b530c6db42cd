// SPDX-License-Identifier: MIT
// The page of the job server: the list, the sums above it, the dialogs and the keys. What it shows
// comes by the stream of events into a mirror, and from there into the page at most four times a
// second; what it does are calls of the API. docs/web.md has the whole.
import { openAdd, openDialog, openLimits } from "./dialogs.js";
import * as fig from "./figures.js";
import { Mirror } from "./mirror.js";
import { Rows, fillBar, name, say, titleOf } from "./rows.js";
import { Stream, call, hasToken, setToken, takeTokenFromAddress } from "./server.js";

const PAINT_EVERY = 250;
const NEWS_AFTER = 1000; // what happens within this time is told in one sentence
const NEWS_NAMES = 3;
const CONFIRM_CANCEL = 2 ** 30; // as in the terminal UI
const CALLS_AT_ONCE = 4; // browsers have six connections for a server, one is the stream's
const KEYS_OFF = "haul-keys-off";

const $ = (id) => document.getElementById(id);

const mirror = new Mirror();
const stream = new Stream("/v1/events?updates=1", takeEvent, showLink);
const rows = new Rows(
  { list: $("jobs"), more: $("more"), fallback: $("add") },
  (id) => mirror.jobs.get(id),
  (action, job) => ACTIONS[action](job),
);
let link = "";

// ---- painting ----

let paintedAt = -Infinity;
let paintDue = false;

function wantPaint() {
  if (paintDue) return;
  paintDue = true;
  const wait = Math.max(0, paintedAt + PAINT_EVERY - performance.now());
  setTimeout(() => requestAnimationFrame(paint), wait);
}

function paint() {
  paintDue = false;
  paintedAt = performance.now();
  if (!mirror.complete) return;
  showTotals();
  showCounts();
  for (const id of mirror.changed) rows.update(id);
  mirror.changed.clear();
  placeRows();
  if ($("log").open && mirror.logged !== logShown) showLog();
}

function matches(job, tab, words) {
  if (tab !== "all" && fig.groupOf(job) !== tab) return false;
  const text = `${job.name} ${job.source}`.toLowerCase();
  return words.every((word) => text.includes(word));
}

function placeRows() {
  const tab = document.querySelector("#tabs input:checked").value;
  const words = $("filter").value.toLowerCase().split(/\s+/).filter(Boolean);
  const jobs = mirror.ordered();
  const shown =
    tab === "all" && !words.length ? jobs : jobs.filter((job) => matches(job, tab, words));
  rows.place(shown);
  $("empty").hidden = shown.length > 0;
  say(
    $("empty"),
    jobs.length ? "No download is like that." : "Nothing here yet. Press Add, or the key a.",
  );
}

/** Sums only over what is known, and says what is not. */
function sumsText(t, total) {
  const known = total === null ? "" : `${fig.percent(t.bytes, total)}, ${fig.pair(t.bytes, total)}`;
  const soFar = t.unknownBytes ? ` (${fig.size(t.unknownBytes)} so far)` : "";
  const unknown = t.unknown ? `${fig.plural(t.unknown, "download")} of unknown size${soFar}` : "";
  const connections = t.connections ? fig.plural(t.connections, "connection") : "";
  const limit = mirror.settings.limit_rate ? `limit ${fig.rate(mirror.settings.limit_rate)}` : "";
  return [known, unknown, connections, limit].filter(Boolean).join(", ");
}

function showTotals() {
  const t = mirror.totals;
  const total = t.known ? t.total : null;
  const eta = t.unknown ? null : mirror.eta();
  const share = t.unknown ? "" : `${fig.percent(t.bytes, total)} `;
  fillBar($("total"), { done: t.bytes, total: total ?? 0 });
  say($("sums"), sumsText(t, total));
  say($("rate"), fig.rate(t.rate));
  say($("eta"), eta === null ? "" : `${fig.eta(eta)} left`);
  document.title = mirror.counts.active ? `${share}${fig.rate(t.rate)} - haul` : "haul";
}

function showCounts() {
  const c = mirror.counts;
  for (const input of document.querySelectorAll("#tabs input")) {
    const count = input.value === "all" ? mirror.jobs.size : c[input.value];
    say(input.parentElement.querySelector("b"), String(count));
    input.parentElement.dataset.some = String(count > 0);
  }
  $("clear").hidden = c.done + c.cancelled === 0;
}

function showPlot() {
  const top = Math.max(...mirror.history, 1);
  const points = mirror.history.map((rate, x) => `${x} ${(24 - (rate / top) * 23).toFixed(2)}`);
  $("plot").firstElementChild.setAttribute("d", `M0 24 L${points.join(" L")} L59 24 Z`);
  const now = fig.rate(mirror.history.at(-1));
  name($("plot"), `Rate of the last minute: now ${now}, highest ${fig.rate(top > 1 ? top : 0)}`);
}

let logShown = 0;

function showLog() {
  logShown = mirror.logged;
  const lines = mirror.log.map((line) => {
    const item = document.createElement("li");
    const job = mirror.jobs.get(line.job);
    item.dataset.level = line.level;
    say(
      item,
      `${fig.clock(line.time)} ${line.level} ${job ? `#${job.number} ` : ""}${line.message}`,
    );
    return item;
  });
  $("log")
    .querySelector("ol")
    .replaceChildren(...lines.reverse());
}

let secondAt = performance.now();

/** Or later: in a tab that nobody looks at a browser takes its time. */
function everySecond() {
  const seconds = Math.round((performance.now() - secondAt) / 1000);
  secondAt += 1000 * seconds;
  mirror.noteRate(link === "live" ? mirror.totals.rate : 0, seconds);
  showPlot();
  if (link === "live") rows.tick();
}

// ---- what the server tells ----

function takeEvent(event, object) {
  mirror.take(event, object);
  if (event === "job") noteNews(object);
  wantPaint();
}

const news = [];
const NEWS = {
  completed: (job) => `${job.name} is complete`,
  failed: (job) => `${job.name} failed: ${mirror.jobs.get(job.job)?.error?.message ?? ""}`,
  cancelled: (job) => `${job.name} is cancelled`,
};

/** For who does not see the list: what has ended, and how; not every figure. */
function noteNews(job) {
  if (!NEWS[job.state]) return;
  if (!news.length) setTimeout(tellNews, NEWS_AFTER);
  news.push(NEWS[job.state](job));
}

function tellNews() {
  const told = news.splice(0);
  const more = told.length - NEWS_NAMES;
  const rest = more > 0 ? `. ${fig.plural(more, "more download")} ended` : "";
  say($("news"), told.slice(0, NEWS_NAMES).join(". ") + rest);
}

/** See Stream for `how`. */
function showLink(how, refusal) {
  const before = link;
  link = how;
  document.body.dataset.link = how;
  const asks = how === "unauthorized";
  $("ask").hidden = !asks;
  for (const id of ["work", "add", "limits"]) $(id).hidden = asks;
  if (before === "unauthorized" && !asks) $("add").focus();
  if (how === "live" && $("lost").contains(document.activeElement)) $("add").focus();
  if (asks) askForToken();
  else if (how === "lost") showLost(before, refusal);
  else if (before === "lost") $("lost").replaceChildren("The server answers again.");
  if (how === "live") setTimeout(() => link === "live" && $("lost").replaceChildren(), 4000);
}

function showLost(before, refusal) {
  if (before === "lost") return; // said already; a screen reader would say it again
  const again = document.createElement("button");
  again.type = "button";
  say(again, "Try now");
  again.addEventListener("click", () => stream.retry());
  const since = mirror.complete ? ` All that is shown is as of ${fig.clock(stream.heardAt)}.` : "";
  const text = document.createElement("p");
  say(text, `No connection: ${refusal.message}.${since} The page goes on trying.`);
  $("lost").replaceChildren(text, again);
}

// ---- the token ----

function askForToken() {
  say(
    $("token-error"),
    hasToken() ? "The server refuses this token. Is it that of this server, and whole?" : "",
  );
  $("token").setAttribute("aria-invalid", String(hasToken()));
  $("token").value = "";
  $("token").focus();
}

$("ask").addEventListener("submit", (event) => {
  event.preventDefault();
  setToken($("token").value.trim());
  stream.retry();
});

addEventListener("hashchange", () => {
  if (takeTokenFromAddress()) stream.retry();
});

// ---- calls ----

function notice(text) {
  say($("notice").firstElementChild, text);
  $("notice").hidden = false;
}

$("notice")
  .querySelector("button")
  .addEventListener("click", () => ($("notice").hidden = true));

/** A refusal is shown; resolves to whether there was none. */
async function attempt(what, method, path, body) {
  try {
    await call(method, path, body);
    $("notice").hidden = true;
    return true;
  } catch (refusal) {
    notice(`${what}: ${refusal.message}`);
    return false;
  }
}

function act(job, action) {
  return attempt(titleOf(job), "POST", `/v1/jobs/${job.job_id}/${action}`);
}

const ACTIONS = {
  pause: (job) => act(job, "pause"),
  resume: (job) => act(job, "resume"),
  retry: (job) => act(job, "retry"),
  drop: (job) => act(job, "drop"),
  cancel: askOrCancel,
};

// ---- cancel ----

/** What a cancel deletes: not files that are whole. */
function partialBytes(job) {
  const whole = (file) => file.state === "completed" || file.state === "skipped";
  if (!job.files.length) return job.bytes;
  return job.files.reduce((sum, file) => sum + (whole(file) ? 0 : file.bytes), 0);
}

function askOrCancel(job) {
  const bytes = partialBytes(job);
  if (bytes < CONFIRM_CANCEL) {
    cancel(job);
    return;
  }
  say(
    $("cancel-text"),
    `${titleOf(job)}: this deletes ${fig.size(bytes)} of partial data. A pause would keep it.`,
  );
  openDialog("cancel-dialog", () => void cancel(job));
}

/** The answer comes when the transfer has stopped and the partial file is gone. */
async function cancel(job) {
  rows.cancelling.add(job.job_id);
  rows.update(job.job_id);
  await attempt(titleOf(job), "DELETE", `/v1/jobs/${job.job_id}`);
  rows.cancelling.delete(job.job_id);
  rows.update(job.job_id);
}

// ---- drop what has finished ----

async function dropAll() {
  const ended = mirror.ordered().filter((job) => ["done", "cancelled"].includes(fig.groupOf(job)));
  const worker = async () => {
    for (let job = ended.pop(); job; job = ended.pop()) if (!(await act(job, "drop"))) return;
  };
  $("filter").focus(); // the button goes away with what it removes
  await Promise.all(Array.from({ length: CALLS_AT_ONCE }, worker));
}

$("clear").addEventListener("click", dropAll);

// ---- keys ----

const KEYS = {
  a: () => $("add").hidden || openAdd(),
  "/": () => $("filter").focus(),
  "?": () => $("help").click(),
  j: () => rows.step(1),
  k: () => rows.step(-1),
};

function takesText(node) {
  return node.matches("textarea, select, input:not([type=radio], [type=checkbox])");
}

addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.metaKey || event.altKey || event.isComposing) return;
  if (takesText(event.target) || document.querySelector("dialog[open]")) return;
  if (!KEYS[event.key] || localStorage.getItem(KEYS_OFF)) return;
  event.preventDefault();
  KEYS[event.key]();
});

$("keys").checked = !localStorage.getItem(KEYS_OFF);
$("keys").addEventListener("change", () => {
  if ($("keys").checked) localStorage.removeItem(KEYS_OFF);
  else localStorage.setItem(KEYS_OFF, "1");
});
$("help").addEventListener("click", () => openDialog("help-dialog", () => true));

// ---- begin ----

$("add").addEventListener("click", openAdd);
$("limits").addEventListener("click", () => openLimits(mirror.settings));
$("find").addEventListener("submit", (event) => event.preventDefault());
$("find").addEventListener("input", wantPaint);
$("log").addEventListener("toggle", wantPaint);
$("more").addEventListener("click", () => {
  rows.showMore();
  wantPaint();
});
addEventListener("online", () => link === "lost" && stream.retry());
setInterval(everySecond, 1000);
showPlot();
takeTokenFromAddress();
stream.run();
