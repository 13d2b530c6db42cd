// SPDX-License-Identifier: MIT
// Talking to the job server: the token, calls, and the stream of events, which is opened again for
// as long as the page is. EventSource could not send the token, and a token in a URL ends in logs.

const TOKEN_KEY = "haul-token";
const FIRST_WAIT = 500;
const LONGEST_WAIT = 15000;
const SILENCE_MAX = 30000; // the server says something every 10 s

// ---- the token ----

let token = sessionStorage.getItem(TOKEN_KEY) ?? "";

export function hasToken() {
  return token !== "";
}

export function setToken(text) {
  token = text;
  sessionStorage.setItem(TOKEN_KEY, text);
}

/** Takes it from "/#token=…" and out of the address bar and the history. */
export function takeTokenFromAddress() {
  const given = new URLSearchParams(location.hash.slice(1)).get("token");
  if (given === null) return false;
  setToken(given.trim());
  history.replaceState(null, "", location.pathname + location.search);
  return true;
}

// ---- calls ----

/** What the server, or the way to it, has against a request. */
export class Refusal extends Error {
  constructor(status, code, message) {
    super(message);
    this.status = status; // 0: there was no answer
    this.code = code;
  }
}

function headers(more) {
  // What no header can hold is no token, and fetch would throw over it.
  const bearer = token && /^[\x21-\x7e]+$/.test(token) ? `Bearer ${token}` : "Bearer -";
  return token ? { Authorization: bearer, ...more } : more;
}

async function refusalOf(response) {
  const answer = await response.json().catch(() => ({}));
  const message = answer.error?.message ?? `the server answers with status ${response.status}`;
  return new Refusal(response.status, answer.error?.code ?? "server", message);
}

async function request(path, options) {
  let response;
  try {
    response = await fetch(path, { cache: "no-store", ...options });
  } catch (error) {
    if (error.name === "AbortError") throw error;
    throw new Refusal(0, "server", "the job server cannot be reached");
  }
  if (!response.ok) throw await refusalOf(response);
  return response;
}

/** Resolves to the answer's JSON; rejects with a Refusal. */
export async function call(method, path, body) {
  const send = body === undefined && method !== "POST" ? undefined : JSON.stringify(body ?? {});
  const more = send === undefined ? {} : { "Content-Type": "application/json" };
  const response = await request(path, { method, headers: headers(more), body: send });
  return response.json();
}

// ---- text/event-stream ----

/** Reads it as it arrives, in pieces of any size (HTML Living Standard §9.2.6). */
export class EventParser {
  #take;
  #line = "";
  #afterCr = false;
  #event = { name: "", id: "", data: [] };

  constructor(take) {
    this.#take = take;
  }

  feed(piece) {
    const text = this.#afterCr && piece.startsWith("\n") ? piece.slice(1) : piece;
    if (piece) this.#afterCr = piece.endsWith("\r");
    const lines = text.split(/\r\n|\r|\n/);
    lines[0] = this.#line + lines[0];
    this.#line = lines.pop();
    for (const line of lines) this.#takeLine(line);
  }

  #takeLine(line) {
    if (line === "") {
      this.#dispatch();
      return;
    }
    const colon = line.indexOf(":");
    const field = colon < 0 ? line : line.slice(0, colon);
    const value = colon < 0 ? "" : line.slice(colon + 1).replace(/^ /, "");
    if (field === "data") this.#event.data.push(value);
    else if (field === "event") this.#event.name = value;
    else if (field === "id") this.#event.id = value;
  }

  #dispatch() {
    const { name, id, data } = this.#event;
    if (data.length) this.#take(name, data.join("\n"), id);
    this.#event = { name: "", id, data: [] };
  }
}

// ---- the stream ----

/**
 * The server's events, for ever. take(name, object) gets each; tell(how, refusal) hears how it
 * stands: "live", "lost" (it is being tried again), "unauthorized" (it waits for retry()).
 */
export class Stream {
  #path;
  #take;
  #tell;
  #lastId = "";
  #live = false;
  #retry = () => {};
  heardAt = 0; // wall time of the last word, be it only that it is there

  constructor(path, take, tell) {
    this.#path = path;
    this.#take = take;
    this.#tell = tell;
  }

  async run() {
    for (let wait = FIRST_WAIT; ; wait = Math.min(2 * wait, LONGEST_WAIT)) {
      const refusal = await this.#read();
      if (this.#live) wait = FIRST_WAIT;
      this.#live = false;
      const unauthorized = refusal.status === 401;
      this.#tell(unauthorized ? "unauthorized" : "lost", refusal);
      // Not all at once, when a server comes back to many pages.
      if (await this.#pause(unauthorized ? Infinity : wait * (0.75 + Math.random() / 2)))
        wait = FIRST_WAIT / 2;
    }
  }

  /** Tries at once instead of later. */
  retry() {
    this.#retry(true);
  }

  #pause(ms) {
    return new Promise((resolve) => {
      this.#retry = resolve;
      if (ms !== Infinity) setTimeout(resolve, ms, false);
    });
  }

  /** Until it ends; resolves to why. */
  async #read() {
    const abort = new AbortController();
    let silence = setTimeout(() => abort.abort(), SILENCE_MAX);
    try {
      const more = this.#lastId ? { "Last-Event-ID": this.#lastId } : {};
      const options = { headers: headers(more), signal: abort.signal };
      const response = await request(this.#path, options);
      this.#live = true;
      this.#tell("live");
      const reader = response.body.pipeThrough(new TextDecoderStream()).getReader();
      const parser = new EventParser((name, data, id) => this.#event(name, data, id));
      for (;;) {
        const { done, value } = await reader.read();
        if (done) return new Refusal(0, "server", "the job server has closed the connection");
        clearTimeout(silence);
        silence = setTimeout(() => abort.abort(), SILENCE_MAX);
        this.heardAt = Date.now();
        parser.feed(value);
      }
    } catch (error) {
      if (error instanceof Refusal) return error;
      return new Refusal(0, "server", "the connection to the job server broke");
    } finally {
      clearTimeout(silence);
      abort.abort();
    }
  }

  #event(name, data, id) {
    if (!name) return; // [DONE]
    this.#lastId = id;
    try {
      this.#take(name, JSON.parse(data));
    } catch (error) {
      reportError(error); // a defect of the page, which must not look like one of the line
    }
  }
}
