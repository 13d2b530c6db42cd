// SPDX-License-Identifier: MIT
// What the server has told of its jobs (GET /v1/events?updates=1): each as it stands, sums over
// all, and their order. Knows nothing of the page.
import { groupOf, hasEnded } from "./figures.js";

const HISTORY_SECONDS = 60;
const LOG_LINES = 200;

/** Live jobs come first, then what went wrong, then what is over. */
const RANKS = { active: 0, queued: 0, paused: 0, failed: 1, done: 2, cancelled: 2 };

function compare(a, b) {
  return (a > b) - (a < b);
}

function byOrder(a, b) {
  if (a.rank !== b.rank) return a.rank - b.rank;
  if (a.rank === 2 && a.ended !== b.ended) return compare(b.ended ?? "", a.ended ?? "");
  if (a.priority !== b.priority) return b.priority - a.priority;
  return compare(a.position, b.position) || compare(a.number, b.number);
}

/** What a job adds to the sums, as src/core/view.c counts it. */
function shareOf(job) {
  const over = job.state === "cancelled" || job.state === "failed";
  const known = !over && job.total !== null;
  const goesOn = known && !hasEnded(job) && job.state !== "paused";
  const remaining = goesOn ? Math.max(0, job.total - job.bytes) : 0;
  return {
    group: groupOf(job),
    bytes: known ? job.bytes : 0,
    total: known ? job.total : 0,
    known: known ? 1 : 0,
    unknown: !over && !known ? 1 : 0,
    unknownBytes: !over && !known ? job.bytes : 0,
    rate: job.rate,
    remaining,
    // A job's ETA rests on a longer average than its rate: the sum of ETAs flickers less so.
    speed: job.eta > 0 && remaining ? Math.floor(remaining / job.eta) : job.rate,
    connections: job.connections,
  };
}

/**
 * No bar runs backwards: a server that was restarted may know a little less than what was shown.
 * Who begins anew after a cancel does begin at nothing.
 */
function keepForward(before, now) {
  const same = before.total === now.total && !hasEnded(before);
  if (same && !hasEnded(now)) now.bytes = Math.max(now.bytes, before.bytes);
}

/** An update has only those files that changed. */
function mergeFiles(before, changed) {
  const files = before.slice();
  for (const file of changed) files[file.index] = file;
  return files;
}

export class Mirror {
  jobs = new Map();
  changed = new Set(); // ids, until somebody has shown them
  counts = { active: 0, queued: 0, paused: 0, failed: 0, done: 0, cancelled: 0 };
  totals = {
    bytes: 0,
    total: 0,
    known: 0,
    unknown: 0,
    unknownBytes: 0,
    rate: 0,
    remaining: 0,
    speed: 0,
    connections: 0,
  };
  settings = { jobs: 0, limit_rate: 0 };
  history = new Array(HISTORY_SECONDS).fill(0);
  log = [];
  logged = 0; // lines so far
  complete = false; // all jobs were told at least once

  #round = 0;
  #listing = false;
  #sorted = [];
  #unsorted = false;

  // ---- what is told ----

  #takers = {
    snapshot: (job) => this.#takeJob(job),
    update: (update) => this.#takeUpdate(update),
    removed: (object) => this.#remove(object.job),
    list: () => this.#beginList(),
    listed: (settings) => this.#endList(settings),
    settings: (settings) => (this.settings = settings),
    log: (line) => this.#takeLine(line),
    error: (line) => this.#takeLine(line),
  };

  take(name, object) {
    this.#takers[name]?.(object);
  }

  #takeJob(job) {
    const before = this.jobs.get(job.job_id);
    job.round = this.#round;
    job.rank = RANKS[groupOf(job)];
    job.retryAt = job.retry ? performance.now() + job.retry.in_ms : 0;
    if (before) this.#keep(before, job);
    job.share = shareOf(job);
    this.#count(before?.share, -1);
    this.#count(job.share, 1);
    this.jobs.set(job.job_id, job);
    this.changed.add(job.job_id);
    if (!before || byOrder(before, job) !== 0) this.#unsorted = true;
  }

  #keep(before, job) {
    keepForward(before, job);
    const count = Math.min(job.files.length, before.files.length);
    for (let i = 0; i < count && !hasEnded(before) && !hasEnded(job); i++)
      if (job.files[i] !== before.files[i]) keepForward(before.files[i], job.files[i]);
  }

  #takeUpdate(update) {
    const before = this.jobs.get(update.job_id);
    if (!before) return;
    this.#takeJob({ ...update, files: mergeFiles(before.files, update.files) });
  }

  #remove(id) {
    this.#count(this.jobs.get(id)?.share, -1);
    if (this.jobs.delete(id)) this.#unsorted = true;
  }

  #count(share, sign) {
    if (!share) return;
    this.counts[share.group] += sign;
    for (const key of Object.keys(this.totals)) this.totals[key] += sign * share[key];
  }

  #beginList() {
    this.#round++;
    this.#listing = true;
    this.log = [];
  }

  /** Who was not told since the list began is gone. */
  #endList(settings) {
    for (const [id, job] of this.jobs)
      if (this.#listing && job.round !== this.#round) this.#remove(id);
    this.#listing = false;
    this.complete = true;
    this.settings = settings;
  }

  #takeLine({ time, level, message, job }) {
    this.logged++;
    this.log.push({ time, level: level ?? "error", message, job });
    if (this.log.length > LOG_LINES) this.log.shift();
  }

  // ---- what there is ----

  /** Jobs in the order in which they are shown. */
  ordered() {
    if (this.#unsorted) this.#sorted = [...this.jobs.values()].sort(byOrder);
    else this.#sorted = this.#sorted.map((job) => this.jobs.get(job.job_id));
    this.#unsorted = false;
    return this.#sorted;
  }

  eta() {
    const { remaining, speed } = this.totals;
    return remaining > 0 && speed >= 1 ? Math.ceil(remaining / speed) : null;
  }

  /** The rate has been this for so many seconds. */
  noteRate(rate, seconds) {
    this.history.push(...new Array(Math.min(seconds, HISTORY_SECONDS)).fill(rate));
    this.history = this.history.slice(-HISTORY_SECONDS);
  }
}
