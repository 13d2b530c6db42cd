// SPDX-License-Identifier: MIT
// The job list in the page. A row is written to when its job has changed, and no more rows are made
// than somebody asked to see. Text gets in as text only: a name may come from anybody.
import * as fig from "./figures.js";

const ROWS_STEP = 100;
const BAR_MAX = 1000;

/** The one way for text into the page. */
export function say(node, text) {
  const fit = fig.clean(text);
  if (node.textContent !== fit) node.textContent = fit;
}

export function name(node, text) {
  const fit = fig.clean(text);
  if (node.getAttribute("aria-label") !== fit) node.setAttribute("aria-label", fit);
}

/** Shows so much of a total; null: nobody knows how much there will be. */
export function fillBar(bar, { done, total }) {
  if (total === null) bar.removeAttribute("value");
  else bar.value = total > 0 ? Math.floor((Math.min(done, total) / total) * BAR_MAX) : 0;
}

function fromTemplate(id) {
  return document.getElementById(id).content.firstElementChild.cloneNode(true);
}

function part(root, className) {
  return root.querySelector(`.${className}`);
}

export function titleOf(job) {
  return fig.shorten(job.name || job.source);
}

/** Which buttons a job has. */
const ACTIONS = {
  pause: (job) => !fig.hasEnded(job) && job.state !== "paused",
  resume: (job) => job.state === "paused",
  retry: (job) => job.state === "failed" || job.state === "cancelled",
  cancel: (job) => !fig.hasEnded(job),
  drop: (job) => fig.hasEnded(job),
};

// ---- what a bar and its figures say ----

function showFigures(row, item, state) {
  const shown = fig.progress(item);
  const empty = shown.total === null && !item.bytes && state.letter !== "D";
  fillBar(part(row, "bar"), empty ? { done: 0, total: 0 } : shown);
  row.dataset.letter = state.letter;
  say(part(row, "letter"), state.letter);
  say(part(row, "percent"), empty ? "" : fig.percent(shown.done, shown.total));
  say(part(row, "size"), empty ? "" : fig.pair(item.bytes, item.total));
}

function showFile(row, job, file) {
  const state = fig.fileState(job, file);
  showFigures(row, file, state);
  say(part(row, "name"), fig.shorten(file.name));
  name(part(row, "bar"), file.name);
  const rate = file.state === "running" && file.rate > 0 ? fig.rate(file.rate) : "";
  say(part(row, "state"), [state.words, rate, fig.checked(file)].filter(Boolean).join(", "));
}

function showTrouble(box, error) {
  box.hidden = !error;
  if (!error) return;
  say(part(box, "message"), error.message);
  say(part(box, "remedy"), fig.remedy(error));
}

function hashedOf(job) {
  return job.files.reduce((sum, file) => sum + file.hashed, 0);
}

// ---- a row ----

class Row {
  element = fromTemplate("job-template");
  #files = [];
  #filesMax = ROWS_STEP;
  #fold = part(this.element, "fold");
  #details = part(this.element, "details");
  #moreFiles = part(this.element, "more-files");

  constructor(id, unfolded) {
    this.element.dataset.id = id;
    this.#details.id = `details-${id}`;
    this.#fold.setAttribute("aria-controls", this.#details.id);
    this.unfold(unfolded);
  }

  unfold(on) {
    this.#fold.setAttribute("aria-expanded", String(on));
    this.#details.hidden = !on;
  }

  get unfolded() {
    return !this.#details.hidden;
  }

  showMoreFiles() {
    this.#filesMax += ROWS_STEP;
  }

  update(job, cancelling) {
    const state = cancelling
      ? { letter: "-", words: "cancelling …" }
      : fig.jobState(job, performance.now());
    const { rate, eta } = fig.activity(job);
    const title = titleOf(job);
    const hashed = job.state === "verifying" ? hashedOf(job) : 0;
    showFigures(this.element, { ...job, hashed }, state);
    say(part(this.element, "number"), `#${job.number}`);
    say(part(this.element, "title"), title);
    say(part(this.element, "state"), state.words);
    say(part(this.element, "rate"), rate);
    say(part(this.element, "eta"), eta);
    name(
      part(this.element, "bar"),
      `${title}, ${job.state === "verifying" ? "verified" : "fetched"}`,
    );
    name(this.#fold, `Details of ${title}`);
    showTrouble(part(this.element, "trouble"), job.error);
    this.#showButtons(job, title, cancelling);
    if (this.unfolded) this.#showDetails(job);
  }

  /** Who has pressed one that goes away is put on the next one, not at the top of the page. */
  #showButtons(job, title, cancelling) {
    const focused = document.activeElement;
    for (const button of this.element.querySelectorAll("button[data-action]")) {
      button.hidden = !ACTIONS[button.dataset.action](job);
      button.setAttribute("aria-disabled", String(cancelling));
      name(button, `${button.textContent} ${title}`);
    }
    if (focused?.hidden && this.element.contains(focused)) this.focus();
  }

  focus() {
    (this.element.querySelector("button[data-action]:not([hidden])") ?? this.#fold).focus();
  }

  #showDetails(job) {
    say(part(this.element, "source"), job.source);
    say(part(this.element, "dir"), job.dir);
    say(
      part(this.element, "count"),
      `${job.files_done} of ${fig.plural(job.file_count, "file")} done`,
    );
    const most = job.connections_max ? ` of ${job.connections_max} at most` : "";
    say(part(this.element, "connections"), `${job.connections}${most}`);
    say(part(this.element, "limit"), job.limit_rate ? fig.rate(job.limit_rate) : "none");
    this.#showFiles(job);
  }

  #showFiles(job) {
    const count = Math.min(job.files.length, this.#filesMax);
    while (this.#files.length > count) this.#files.pop().remove();
    while (this.#files.length < count) {
      this.#files.push(fromTemplate("file-template"));
      part(this.element, "files").append(this.#files.at(-1));
    }
    this.#files.forEach((row, i) => showFile(row, job, job.files[i]));
    this.#moreFiles.hidden = count === job.files.length;
    say(this.#moreFiles, `Show more of ${job.files.length} files`);
  }
}

// ---- the list ----

export class Rows {
  #list;
  #more;
  #fallback;
  #jobOf;
  #rows = new Map();
  #unfolded = new Set();
  #max = ROWS_STEP;
  cancelling = new Set(); // ids

  /**
   * act(action, job) is called for a button; jobOf(id) finds the job; fallback gets the focus when
   * the last row has gone.
   */
  constructor({ list, more, fallback }, jobOf, act) {
    this.#list = list;
    this.#more = more;
    this.#fallback = fallback;
    this.#jobOf = jobOf;
    list.addEventListener("click", (event) => this.#clicked(event.target.closest("button"), act));
  }

  #clicked(button, act) {
    const id = button?.closest(".job").dataset.id;
    const job = this.#jobOf(id);
    if (!job) return;
    const row = this.#rows.get(id);
    if (button.classList.contains("fold")) this.#fold(row, id);
    else if (button.classList.contains("more-files")) row.showMoreFiles();
    else if (button.getAttribute("aria-disabled") !== "true") act(button.dataset.action, job);
    this.update(id);
  }

  #fold(row, id) {
    row.unfold(!row.unfolded);
    if (row.unfolded) this.#unfolded.add(id);
    else this.#unfolded.delete(id);
  }

  showMore() {
    this.#max += ROWS_STEP;
  }

  /** Writes the job into its row, if it has one. */
  update(id) {
    const row = this.#rows.get(id);
    const job = this.#jobOf(id);
    if (row && job) row.update(job, this.cancelling.has(id));
  }

  /** The focus goes so many rows down. */
  step(by) {
    const children = this.#list.children;
    const at = this.#indexOf(document.activeElement);
    const next = children[at < 0 ? 0 : Math.max(0, Math.min(at + by, children.length - 1))];
    if (next) this.#rows.get(next.dataset.id).focus();
  }

  /** Those whose words change by time alone. */
  tick() {
    for (const id of this.#rows.keys()) {
      const job = this.#jobOf(id);
      if (job && fig.waitsToRetry(job)) this.update(id);
    }
  }

  /** Rows for these jobs, in this order. Nothing that is in its place is touched. */
  place(jobs) {
    const shown = jobs.slice(0, this.#max);
    const focused = document.activeElement;
    const index = this.#indexOf(focused);
    this.#removeOthers(new Set(shown.map((job) => job.job_id)));
    let at = this.#list.firstElementChild;
    for (const job of shown) at = this.#putBefore(at, this.#rowOf(job));
    this.#more.hidden = shown.length === jobs.length;
    say(
      this.#more,
      `Show ${Math.min(ROWS_STEP, jobs.length - shown.length)} more of ${jobs.length} jobs`,
    );
    this.#keepFocus(focused, index);
  }

  #indexOf(node) {
    const element = node?.closest(".job");
    return element ? [...this.#list.children].indexOf(element) : -1;
  }

  #removeOthers(ids) {
    for (const [id, row] of this.#rows) {
      if (ids.has(id)) continue;
      row.element.remove();
      this.#rows.delete(id);
    }
  }

  #rowOf(job) {
    let row = this.#rows.get(job.job_id);
    if (!row) {
      row = new Row(job.job_id, this.#unfolded.has(job.job_id));
      row.update(job, this.cancelling.has(job.job_id));
      this.#rows.set(job.job_id, row);
    }
    return row.element;
  }

  /** One job that has moved down must not move all those that it has passed. */
  #putBefore(at, element) {
    if (at && at.nextElementSibling === element) {
      at.remove();
      return element.nextElementSibling;
    }
    if (at === element) return at.nextElementSibling;
    this.#list.insertBefore(element, at);
    return at;
  }

  /** A row that moves or goes takes the focus with it: back to it, or to its neighbour. */
  #keepFocus(focused, index) {
    if (index < 0 || focused === document.activeElement) return;
    if (focused.isConnected) {
      focused.focus({ preventScroll: true });
      return;
    }
    const next = this.#list.children[Math.min(index, this.#list.children.length - 1)];
    if (next) this.#rows.get(next.dataset.id).focus();
    else this.#fallback.focus();
  }
}
