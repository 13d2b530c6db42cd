// SPDX-License-Identifier: MIT
// A place for one test: a folder, the real `haul serve` in it, the origin that lies, and a page of
// a real Chromium. The browser and the origin are shared by all tests.
import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, mkdirSync, mkdtempSync, readFileSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { after, before, test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { chromium } from "playwright-core";

const PATIENCE = 20000; // of a person; nothing is measured
const LOG_SHOWN = 40; // lines, after a failure
const FLAGS = [
  "--no-sandbox",
  "--disable-gpu",
  "--disable-quic",
  "--no-first-run",
  "--disable-background-networking",
  "--disable-component-update",
  "--disable-sync",
];

export async function until(what, condition) {
  for (const end = Date.now() + PATIENCE; Date.now() < end; await sleep(50)) {
    const value = await condition();
    if (value) return value;
  }
  return assert.fail(`never came true: ${what}`);
}

async function stop(process, signal) {
  if (process.exitCode !== null || process.signalCode !== null) return;
  const exit = once(process, "exit");
  process.kill(signal);
  await exit;
}

/** What the first line that matches captures. All lines are kept. */
function lineOf(stream, pattern, kept) {
  const lines = createInterface({ input: stream });
  return new Promise((resolve, reject) => {
    lines.on("line", (line) => {
      kept.push(line);
      if (pattern.test(line)) resolve(line.match(pattern)[1]);
    });
    lines.on("close", () => reject(new Error(`no line like ${pattern}`)));
  });
}

// ---- shared by all tests ----

let browser;
let originProcess;
let originUrl;

before(async () => {
  originProcess = spawn(process.env.HAUL_ORIGIN, [], { stdio: ["ignore", "pipe", "inherit"] });
  originUrl = await lineOf(originProcess.stdout, /^(http:\S+?)\/?$/, []);
  browser = await chromium.launch({ executablePath: process.env.CHROMIUM, args: FLAGS });
});

after(async () => {
  await browser?.close();
  if (originProcess) await stop(originProcess, "SIGTERM");
});

export const origin = {
  /** "/file/NAME" with options of the origin, as a URL. */
  link: (path) => originUrl + path,
  /** From now on the path has these options. */
  set: (path, options) =>
    fetch(`${originUrl}/control/set?path=${encodeURIComponent(path)}&${options}`),
};

// ---- one test ----

class Scene {
  #env;
  #haul;
  #options;
  #context;
  noise = []; // what a page that is well never does
  requests = []; // URLs
  log = []; // the server's

  constructor(options) {
    this.root = mkdtempSync(join(tmpdir(), "haul-web-"));
    this.dir = join(this.root, "dir");
    this.#options = options;
    this.#env = { PATH: process.env.PATH, LC_ALL: "C.UTF-8" };
    for (const [name, value] of Object.entries(process.env))
      if (/^(LD_LIBRARY_PATH|.SAN_OPTIONS|..SAN_OPTIONS)$/.test(name)) this.#env[name] = value;
    const homes = {
      HOME: "home",
      XDG_STATE_HOME: "state",
      XDG_RUNTIME_DIR: "run",
      XDG_CONFIG_HOME: "config",
      XDG_CACHE_HOME: "cache",
    };
    for (const [name, folder] of Object.entries(homes)) {
      this.#env[name] = join(this.root, folder);
      mkdirSync(this.#env[name], { mode: 0o700 });
    }
    mkdirSync(this.dir);
  }

  async begin() {
    Object.assign(this.#env, await this.#options.env?.());
    await this.startServer(0);
    const { context = {}, noToken } = this.#options;
    this.#context = await browser.newContext({
      viewport: { width: 1280, height: 900 },
      ...context,
    });
    this.#context.setDefaultTimeout(PATIENCE);
    this.page = await this.#context.newPage();
    this.#listen();
    await this.page.goto(this.url + (noToken ? "" : `#token=${this.token}`));
    if (!noToken) await this.page.locator("#work").waitFor();
  }

  async close() {
    await this.#context?.close();
  }

  async end() {
    await this.close();
    if (this.#haul) await this.stopServer();
    rmSync(this.root, { recursive: true, force: true });
  }

  /** A page does none of these by itself, whatever names it shows. */
  #listen() {
    this.page.on("dialog", (dialog) => {
      this.noise.push(`dialog: ${dialog.message()}`);
      dialog.dismiss();
    });
    this.page.on("pageerror", (error) => this.noise.push(`error: ${error.stack}`));
    this.page.on("console", (message) => this.noise.push(`${message.type()}: ${message.text()}`));
    this.page.on("request", (request) => this.requests.push(request.url()));
    this.page.on("popup", () => this.noise.push("popup"));
  }

  /** Nothing but what the test says is expected. */
  checkQuiet() {
    const { expected = /(?!)/ } = this.#options;
    assert.deepEqual(
      this.noise.filter((line) => !expected.test(line)),
      [],
    );
  }

  // ---- the server ----

  async startServer(port) {
    const args = ["serve", "--listen", `127.0.0.1:${port}`, "-d", this.dir, "--retry-wait", "0.2"];
    this.#haul = spawn(process.env.HAUL_BIN, [...args, ...(this.#options.args ?? [])], {
      env: this.#env,
      cwd: this.root,
      stdio: ["ignore", "ignore", "pipe"],
    });
    const address = await lineOf(this.#haul.stderr, /listening on (http:\S+)/, this.log);
    this.port = Number(new URL(address).port);
    this.url = `http://127.0.0.1:${this.port}/`;
    this.token = readFileSync(join(this.root, "state/haul/token"), "utf8").trim();
  }

  /** Resolves to its exit status. */
  async stopServer(signal = "SIGTERM") {
    await stop(this.#haul, signal);
    return this.#haul.exitCode;
  }

  async api(method, path, body) {
    const response = await fetch(new URL(path, this.url), {
      method,
      headers: { Authorization: `Bearer ${this.token}`, "Content-Type": "application/json" },
      body: body && JSON.stringify(body),
    });
    return response.json();
  }

  /** By the API; each is a spec, or an object with more fields. */
  async add(...specs) {
    const jobs = specs.map((spec) => ({
      operation: "model_download",
      ...(typeof spec === "string" ? { model: spec } : spec),
    }));
    const answer = await this.api("POST", "/v1/jobs", { jobs });
    for (const job of answer.jobs) assert.ok(job.job_id, JSON.stringify(job));
    return answer.jobs.map((job) => job.job_id);
  }

  has(name) {
    return existsSync(join(this.dir, name));
  }

  files() {
    return readdirSync(this.dir).sort();
  }

  // ---- the page, as a person finds things in it ----

  row(name) {
    return this.page
      .getByRole("listitem")
      .filter({ has: this.page.getByRole("heading", { name }) });
  }

  button(name) {
    return this.page.getByRole("button", { name, exact: true });
  }

  /** The bar of a job or file. */
  bar(name) {
    return this.page.getByRole("progressbar", { name });
  }

  async barValue(name) {
    return (await this.bar(name).count()) ? this.bar(name).evaluate((bar) => bar.value) : 0;
  }

  shows(name, text) {
    return this.row(name).filter({ hasText: text }).first().waitFor();
  }

  focusedName() {
    return this.page.evaluate(
      () => document.activeElement.ariaLabel ?? document.activeElement.textContent,
    );
  }
}

/** A test of the page. What went before a failure is printed, and the page as it was is kept. */
export function scene(sentence, options, body) {
  test(sentence, async (t) => {
    const s = new Scene(options);
    try {
      await s.begin();
      await body(s);
      s.checkQuiet();
      await s.close();
      assert.equal(await s.stopServer(), 0, "the server's exit");
    } catch (error) {
      const picture = `failed-${sentence.replace(/\W+/g, "-")}.png`;
      await s.page?.screenshot({ path: picture }).catch(() => {});
      for (const line of [...s.noise, ...s.log.slice(-LOG_SHOWN), `see ${picture}`])
        t.diagnostic(line);
      throw error;
    } finally {
      await s.end();
    }
  });
}
