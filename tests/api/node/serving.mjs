// SPDX-License-Identifier: MIT
// The real server in a world of its own, the origin that lies, ways to ask, and a door in between
// that shows every exchange of any client to the contract.
import { spawn } from "node:child_process";
import { createServer, request } from "node:http";
import { mkdirSync, readFileSync } from "node:fs";
import { connect } from "node:net";
import { createInterface } from "node:readline";

const children = new Set();
process.on("exit", () => children.forEach((child) => child.kill("SIGKILL")));

// Starts a program; `line` is what to wait for on that output of its.
async function start(program, args, env, output, line) {
  const child = spawn(program, args, { env, stdio: ["ignore", "pipe", "pipe"] });
  children.add(child);
  child.on("exit", () => children.delete(child));
  const log = [];
  const found = new Promise((resolve, reject) => {
    child.on("exit", (code) => reject(new Error(`${program} ended with ${code}: ${log.join("\n")}`)));
    createInterface(child[output]).on("line", (text) => {
      log.push(text);
      const match = text.match(line);
      if (match) resolve(match);
    });
  });
  child[output === "stdout" ? "stderr" : "stdout"].resume();
  return { child, log, match: await found };
}

export const nap = (ms) => new Promise((resolve) => setTimeout(resolve, ms));

export class Serving {
  constructor(root, programs, contract) {
    Object.assign(this, { root, programs, contract });
    this.doors = [];
    this.env = { PATH: process.env.PATH, HOME: `${root}/home`, LC_ALL: "C.UTF-8" };
    const places = { STATE_HOME: "state", CONFIG_HOME: "config", CACHE_HOME: "cache", RUNTIME_DIR: "run" };
    for (const [name, dir] of Object.entries(places)) this.env[`XDG_${name}`] = `${root}/${dir}`;
    for (const name of Object.keys(process.env))
      if (/^(A|UB|L|T)SAN_OPTIONS$/.test(name)) this.env[name] = process.env[name];
    for (const dir of ["home", "state", "config", "cache", "run", "dir"])
      mkdirSync(`${root}/${dir}`, { mode: 0o700, recursive: true });
    this.dir = `${root}/dir`;
    this.socket = `${root}/run/server.sock`;
  }

  async start(args) {
    const origin = await start(this.programs.origin, [], this.env, "stdout", /^(http:\S+)$/);
    this.origin = origin.match[1];
    const all = ["serve", "--socket", this.socket, "--listen", "127.0.0.1:0", "-d", this.dir, ...args];
    const server = await start(this.programs.haul, all, this.env, "stderr", /listening on http:\S+:(\d+)/);
    this.server = server;
    this.port = Number(server.match[1]);
    this.token = readFileSync(`${this.root}/state/haul/token`, "utf8").trim();
  }

  // Exit code, after SIGTERM.
  async stop() {
    this.doors.forEach((door) => door.close());
    const ended = new Promise((resolve) => this.server.child.on("exit", resolve));
    this.server.child.kill("SIGTERM");
    return ended;
  }

  file(name, options) {
    return `${this.origin}/file/${name}?${options}`;
  }

  // From now on the file of that name is so, whatever its address says.
  async setFile(name, options) {
    const answer = await fetch(`${this.origin}/control/set?path=/file/${name}&${options}`);
    if (!answer.ok) throw new Error(await answer.text());
  }

  // Asks over the Unix socket, or TCP where `tcp` is set; hands the exchange to the contract. The
  // answer is that of a stream, too, read until `until` says that it is enough.
  ask(method, path, { body, headers = {}, tcp, token = this.token, until } = {}) {
    const sent = body === undefined || typeof body === "string" ? body : JSON.stringify(body);
    const all = { Host: "localhost", ...headers };
    const typed = Object.keys(all).some((name) => name.toLowerCase() === "content-type");
    if ((method === "POST" || method === "PATCH") && !typed) all["Content-Type"] = "application/json";
    if (all["Content-Type"] === "") delete all["Content-Type"];
    if (tcp && token) all.Authorization = `Bearer ${token}`;
    if (sent !== undefined && !("Content-Length" in all)) all["Content-Length"] = Buffer.byteLength(sent);
    const where = tcp ? { host: "127.0.0.1", port: this.port } : { socketPath: this.socket };
    const options = { ...where, method, path, headers: all, agent: false };
    return new Promise((resolve, reject) => {
      const r = request(options, (answer) => {
        const x = { method, path, sent, status: answer.statusCode, headers: answer.headers };
        read(answer, until).then((text) => {
          r.destroy();
          x.type = answer.headers["content-type"];
          x.body = text;
          this.contract.check(x);
          if (x.type === "application/json" && text) x.json = JSON.parse(text);
          resolve(x);
        }, reject);
      });
      r.on("error", (e) => reject(new Error(`${method} ${path} ${JSON.stringify(all)}: ${e.message}`)));
      if ("Content-Length" in headers) r.flushHeaders(); // more is announced than will come
      else r.end(sent);
    });
  }

  async add(name, options, fields = {}) {
    const body = { operation: "model_download", model: this.file(name, options), ...fields };
    const x = await this.ask("POST", "/v1/jobs", { body });
    if (x.status !== 201) throw new Error(`${name}: ${x.body}`);
    return x.json.job_id;
  }

  async await(id, state) {
    for (let i = 0; i < 1000; i++) {
      const x = await this.ask("GET", `/v1/jobs/${id}`);
      if (x.json.state === state) return x.json;
      await nap(10);
    }
    throw new Error(`${id} does not become ${state}`);
  }

  async awaitEntry(name) {
    for (let i = 0; i < 300; i++) {
      const x = await this.ask("GET", "/v1/models");
      if (x.json.models.some((m) => m.name === name)) return;
      await nap(10);
    }
    throw new Error(`${name} does not get into the library`);
  }

  // A door for clients that are not ours: what goes through is checked and kept in `passed`.
  async door(at, passed, tcp) {
    const where = tcp ? { host: "127.0.0.1", port: this.port } : { socketPath: this.socket };
    const door = createServer(async (q, a) => {
      let sent = "";
      for await (const chunk of q.setEncoding("utf8")) sent += chunk;
      const r = request({ ...where, method: q.method, path: q.url, headers: q.headers, agent: false });
      r.on("error", () => a.destroy());
      a.on("close", () => r.destroy());
      r.on("response", (answer) => {
        const x = { method: q.method, path: q.url, sent, status: answer.statusCode, headers: answer.headers };
        passed.push(x);
        x.type = answer.headers["content-type"];
        a.writeHead(answer.statusCode, answer.headers);
        answer.pipe(a);
        x.done = read(answer).then((text) => {
          x.body = text;
          this.contract.check(x);
        });
      });
      r.end(sent || undefined);
    });
    this.doors.push(door);
    await new Promise((resolve) => door.listen(at, resolve));
    return door.address();
  }

  // What is no HTTP that a client of Node's would send; all that came until it was cut off.
  raw(text) {
    const s = connect(this.socket);
    const answer = read(s);
    s.write(text);
    return answer;
  }
}

// All text of a stream; cut short by `until`, or by the other side.
function read(stream, until) {
  return new Promise((resolve) => {
    let text = "";
    const decoder = new TextDecoder();
    const end = () => resolve(text);
    stream.on("data", (chunk) => {
      text += decoder.decode(chunk, { stream: true });
      if (until?.(text)) end();
    });
    for (const name of ["end", "close", "error", "aborted"]) stream.on(name, end);
  });
}
