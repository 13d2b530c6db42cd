// SPDX-License-Identifier: MIT
// How figures, states and errors are said: the same as in the terminal UI (src/tui/format.c,
// src/tui/remedy.c). Pure functions.

const UNITS = ["KiB", "MiB", "GiB", "TiB", "PiB", "EiB"];
const NAME_MAX = 160;
const NAME_TAIL = 60;
const STALL_SHOWN_MS = 3000; // a job that got no byte for so long says so instead of a rate

// ---- text ----

/** The server has done this already; a name is worth looking at twice before it is shown. */
export function clean(text) {
  return text.replace(
    /[\p{Cc}\p{Bidi_Control}\u200b-\u200d\u2028\u2029\u2060-\u2064\ufeff]/gu,
    "\ufffd",
  );
}

/** Cut in the middle: the end of a name tells the parts of a model apart. */
export function shorten(text) {
  const letters = Array.from(text);
  if (letters.length <= NAME_MAX) return text;
  const head = letters.slice(0, NAME_MAX - NAME_TAIL - 1).join("");
  return `${head}…${letters.slice(-NAME_TAIL).join("")}`;
}

export function plural(count, word) {
  return `${count} ${word}${count === 1 ? "" : "s"}`;
}

// ---- sizes, rates, times ----

function unitOf(bytes, round) {
  let unit = 1024;
  let i = 0;
  for (; i + 1 < UNITS.length && round((bytes / unit) * 10) >= 10000; i++) unit *= 1024;
  return { unit, name: UNITS[i] };
}

function tenths(bytes, unit, round) {
  return (round((bytes / unit) * 10) / 10).toFixed(1);
}

export function size(bytes, round = Math.round) {
  if (bytes < 1024) return `${bytes} B`;
  const { unit, name } = unitOf(bytes, round);
  return `${tenths(bytes, unit, round)} ${name}`;
}

/** The first figure is cut, not rounded: all is only said of all. */
export function pair(done, total) {
  if (total === null) return done ? `${size(done)} so far` : "size unknown";
  if (done >= total) return size(total);
  if (total < 1024) return `${done} of ${total} B`;
  const { unit, name } = unitOf(total, Math.round);
  if (done === 0 || (done >= 1024 && unitOf(done, Math.floor).unit === unit))
    return `${tenths(done, unit, Math.floor)} of ${tenths(total, unit, Math.round)} ${name}`;
  return `${size(done, Math.floor)} of ${size(total)}`;
}

export function rate(bytes) {
  return `${size(bytes)}/s`;
}

/** Cut likewise. */
export function percent(done, total) {
  if (total === null) return "--";
  if (!total) return "0%";
  if (done >= total) return "100%";
  return `${Math.floor((done / total) * 100)}%`;
}

export function span(seconds) {
  const s = Math.max(0, Math.min(Math.ceil(seconds), 360000));
  const two = (n) => String(n).padStart(2, "0");
  if (s < 60) return `${s}s`;
  if (s < 3600) return `${Math.floor(s / 60)}m${two(s % 60)}s`;
  return `${Math.floor(s / 3600)}h${two(Math.floor(s / 60) % 60)}m`;
}

function rounded(seconds) {
  const step = seconds < 120 ? 1 : seconds < 600 ? 5 : 60;
  return Math.round(seconds / step) * step;
}

export function eta(seconds) {
  if (seconds === null) return "?";
  const s = rounded(seconds);
  const two = (n) => String(n).padStart(2, "0");
  const hours = Math.floor(s / 3600);
  const minutes = Math.floor(s / 60) % 60;
  if (hours > 99) return ">99h";
  if (hours >= 24) return `${Math.floor(hours / 24)}d ${two(hours % 24)}h`;
  if (hours > 0) return `${hours}:${two(minutes)}:${two(s % 60)}`;
  return `${minutes}:${two(s % 60)}`;
}

export function clock(time) {
  return new Date(time).toLocaleTimeString("en-GB");
}

// ---- states ----

/** The letter carries the meaning, colour only helps. */
const STATES = {
  queued: { letter: "Q", words: "queued" },
  resolving: { letter: "D", words: "asking the source" },
  running: { letter: "D", words: "downloading" },
  verifying: { letter: "V", words: "verifying" },
  paused: { letter: "P", words: "paused" },
  completed: { letter: "C", words: "complete" },
  failed: { letter: "X", words: "failed" },
  cancelled: { letter: "-", words: "cancelled" },
};

/** Which of the tabs a job belongs to. */
const GROUPS = {
  queued: "queued",
  resolving: "active",
  running: "active",
  verifying: "active",
  paused: "paused",
  completed: "done",
  failed: "failed",
  cancelled: "cancelled",
};

export function groupOf(job) {
  return GROUPS[job.state] ?? "queued";
}

export function hasEnded(job) {
  return job.state === "completed" || job.state === "failed" || job.state === "cancelled";
}

export function waitsToRetry(job) {
  return job.retry !== null && !hasEnded(job) && job.state !== "paused";
}

function retryWords(job, now) {
  const left = span((job.retryAt - now) / 1000);
  const why = job.retry.why ? `: ${job.retry.why}` : "";
  // Try 0: nothing went wrong, the host itself asked to be left alone for a while.
  if (!job.retry.try) return `host busy, ${left}${why}`;
  return `retry ${job.retry.try}/${job.retry.max} in ${left}${why}`;
}

export function jobState(job, now) {
  if (waitsToRetry(job)) return { letter: "R", words: retryWords(job, now) };
  if (job.state === "paused" && job.blocked_by_disk)
    return { letter: "P", words: "paused: the disk is full" };
  return STATES[job.state] ?? { letter: "?", words: job.state };
}

export function fileState(job, file) {
  if (file.state === "skipped") return { letter: "C", words: "was there already" };
  if (file.state === "running" && file.retry_wait)
    return { letter: "R", words: "waiting to try again" };
  if (file.state !== "waiting") return STATES[file.state] ?? { letter: "?", words: file.state };
  if (job.state === "paused") return STATES.paused;
  return hasEnded(job) ? { letter: "-", words: "not fetched" } : STATES.queued;
}

export function activity(job) {
  if (job.state !== "running" || waitsToRetry(job)) return { rate: "", eta: "" };
  if (job.idle_ms >= STALL_SHOWN_MS)
    return { rate: `idle ${span(Math.floor(job.idle_ms / 1000))}`, eta: "" };
  return { rate: rate(job.rate), eta: job.eta === null ? "" : `${eta(job.eta)} left` };
}

/** What a bar shows. Verifying is a phase with a bar of its own. */
export function progress(item) {
  const { state, bytes, total, hashed } = item;
  // An empty file is all there, too.
  if (state === "completed" || state === "skipped") return { done: bytes || 1, total: bytes || 1 };
  if (state === "verifying" && hashed > 0 && hashed < total) return { done: hashed, total };
  return { done: bytes, total };
}

// ---- errors ----

const CHECKED_AGAINST = {
  publisher: "against the digest of the publisher",
  pinned: "against the digest that was asked for",
  etag: "against the server's ETag",
};

export function checked(file) {
  const how = CHECKED_AGAINST[file.verified];
  return how ? `verified ${how}` : "";
}

/** By the codes of src/core/error.h. The error's own message comes first and knows more. */
const REMEDIES = {
  internal: "This is a defect of haul. The log below says what happened before; please report it.",
  usage: "The options do not fit this source. Remove the job and add it again.",
  bad_spec: "Check the spelling. URL, hf:ORG/NAME, ollama:NAME and github:OWNER/REPO are known.",
  ambiguous: "Say which one: add :QUANT or /GLOB to the name and add it again.",
  not_found:
    "Check the name, the revision and the file. A private one also says not found without a token.",
  unauthorized:
    "A model: accept its licence, and give the server a token (HF_TOKEN, GITHUB_TOKEN). Any other " +
    "URL: give the login in the server's ~/.netrc or as a header. Then press Retry.",
  network: "Check the connection and the proxy, then press Retry. What has been fetched is kept.",
  timeout: "The other server did not answer in time. Press Retry to go on where it stopped.",
  tls:
    "The other server's certificate was not accepted. Check the clock and --cacert; use " +
    "--insecure only where you know why.",
  http_status: "The other server has a problem. Press Retry later; what has been fetched is kept.",
  rate_limited:
    "The other server asks for a pause. Press Retry later, or set a token for a higher limit.",
  checksum:
    "What arrived is not what was promised. Press Retry to fetch it again; if it fails twice, " +
    "the source or a proxy is at fault.",
  disk_full: "Free some space, then press Retry (or Resume, if it is paused).",
  disk: "Check the name, the permissions and the health of the disk, then press Retry.",
  exists: "A different file has that name. Move it away and press Retry.",
  busy: "Another process writes that file. Wait for it, then press Retry.",
  server: "Check that the job server runs and that the address and token are right.",
  cancelled: "It was cancelled. Press Retry to start it again.",
};

export function remedy({ code, message }) {
  if (message.endsWith("; add it again")) return "Remove it and add it again, with what it needs.";
  return REMEDIES[code] ?? "Press Retry to try again.";
}
