// SPDX-License-Identifier: MIT
// The dialogs of the page: adding downloads, the limits of the server. What the server refuses is
// said beside the field that it is about, in the server's words.
import * as fig from "./figures.js";
import { say } from "./rows.js";
import { call } from "./server.js";

const $ = (id) => document.getElementById(id);

// ---- dialogs ----

/** submit is called when it is sent; it stays open where that resolves to false. */
export function openDialog(id, submit) {
  const dialog = $(id);
  dialog.querySelector("form").onsubmit = async (event) => {
    event.preventDefault();
    if ((await submit()) !== false) dialog.close();
  };
  dialog.showModal();
}

for (const button of document.querySelectorAll("dialog [data-close]"))
  button.addEventListener("click", () => button.closest("dialog").close());

/** Says beside a field what is wrong with it; without a message: nothing. */
function complain(id, ...messages) {
  const lines = messages.map((message) => {
    const line = document.createElement("div");
    say(line, message);
    return line;
  });
  $(`${id}-error`).replaceChildren(...lines);
  $(id).setAttribute("aria-invalid", String(lines.length > 0));
  if (lines.length) $(id).focus();
}

/**
 * Says it beside the field that the refusal begins with: with its name in the API, which nobody
 * needs to see here, or with what was typed.
 */
function complainAbout({ message }, fields, otherwise) {
  const typed = (id) => $(id).value.trim();
  const begins = ([id, word]) =>
    message.startsWith(word) || (typed(id) && message.startsWith(`${typed(id)}:`));
  const [id, word] = Object.entries(fields).find(begins) ?? [otherwise, ""];
  const rest = message.startsWith(word)
    ? message.slice(word.length).replace(/^[: ]+/, "")
    : message;
  complain(id, rest.startsWith("is ") ? `'${typed(id)}' ${rest}` : rest);
}

// ---- add ----

const SPECS_AT_ONCE = 500; // a body has 1 MiB at most
const JOB_FIELDS = { dir: "dir", connections: "connections", limit_rate: "limit_rate" };

export async function openAdd() {
  for (const id of ["specs", ...Object.keys(JOB_FIELDS)]) complain(id);
  openDialog("add-dialog", addJobs);
  $("specs").focus();
  const disk = await call("GET", "/v1/disk").catch(() => null);
  if (!disk || disk.free === null) return;
  if (disk.dir) $("dir").placeholder = disk.dir;
  say($("dir-help"), `The disk has ${fig.size(disk.free)} free.`);
}

// Enter begins a new line there.
$("specs").addEventListener("keydown", (event) => {
  if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) $("specs").form.requestSubmit();
});

function requestFor(spec) {
  const request = {
    operation: "model_download",
    model: spec,
    hive_id: "local",
    paused: $("paused").checked,
  };
  const connections = $("connections").value.trim();
  if ($("dir").value.trim()) request.dir = $("dir").value.trim();
  // What is no number is for the server to refuse, in its own words.
  if (connections)
    request.connections = /^\d+$/.test(connections) ? Number(connections) : connections;
  if ($("limit_rate").value.trim()) request.limit_rate = $("limit_rate").value.trim();
  return request;
}

/** What was refused stays in the form, with the reason. */
async function addJobs() {
  const specs = $("specs")
    .value.split("\n")
    .map((line) => line.trim())
    .filter(Boolean);
  for (const id of ["specs", ...Object.keys(JOB_FIELDS)]) complain(id);
  if (!specs.length) {
    complain("specs", "Say what to fetch.");
    return false;
  }
  try {
    return keepRefused(specs, await addAll(specs));
  } catch (refusal) {
    complain("specs", refusal.message);
    return false;
  }
}

/** An answer for each. */
async function addAll(specs) {
  const answers = [];
  for (let i = 0; i < specs.length; i += SPECS_AT_ONCE) {
    const requests = specs.slice(i, i + SPECS_AT_ONCE).map(requestFor);
    answers.push(...(await call("POST", "/v1/jobs", { jobs: requests })).jobs);
  }
  return answers;
}

function keepRefused(specs, answers) {
  const messages = new Set(
    answers.filter((answer) => answer.error).map((answer) => answer.error.message),
  );
  $("specs").value = specs.filter((_, i) => answers[i].error).join("\n");
  if (!messages.size) return true;
  const [first] = messages;
  if (messages.size === 1) complainAbout({ message: first }, JOB_FIELDS, "specs");
  else complain("specs", ...messages);
  return false;
}

// ---- limits ----

export function openLimits({ jobs, limit_rate: limit }) {
  $("all-jobs").value = jobs;
  $("all-limit_rate").value = limit ? exactRate(limit) : "";
  for (const id of ["all-jobs", "all-limit_rate"]) complain(id);
  openDialog("limits-dialog", setLimits);
}

/** As it would be typed. */
function exactRate(bytes) {
  for (const [unit, factor] of [
    ["G", 2 ** 30],
    ["M", 2 ** 20],
    ["K", 2 ** 10],
  ])
    if (bytes % (factor / 4) === 0 && bytes >= factor) return `${bytes / factor}${unit}`;
  return String(bytes);
}

async function setLimits() {
  const jobs = $("all-jobs").value.trim();
  const body = {
    limit_rate: $("all-limit_rate").value.trim() || "0",
    jobs: /^\d+$/.test(jobs) ? Number(jobs) : jobs,
  };
  for (const id of ["all-jobs", "all-limit_rate"]) complain(id);
  try {
    await call("PATCH", "/v1/settings", body);
    return true;
  } catch (refusal) {
    complainAbout(
      refusal,
      { "all-jobs": "jobs", "all-limit_rate": "limit_rate" },
      "all-limit_rate",
    );
    return false;
  }
}
