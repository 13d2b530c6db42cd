// SPDX-License-Identifier: MIT
// Provokes every error that docs/openapi.json has for every route; the contract looks at each.
import { spawn } from "node:child_process";
import { nap } from "./serving.mjs";

const NOBODY = "job-0000000000000000";
const REFUSED = "http://127.0.0.1:1/x";
const job = (model) => ({ operation: "model_download", model });

export class Refusals {
  constructor(serving, contract) {
    Object.assign(this, { serving, contract });
  }

  // The status, and the code, have to be those.
  async expect(method, path, status, code, options) {
    const x = await this.serving.ask(method, path, options);
    const got = x.json?.error?.code;
    if (x.status !== status || (code && got !== code))
      this.contract.fault(`${method} ${path}`, `${x.status} ${got}, not ${status} ${code}: ${x.body}`);
    return x;
  }

  // A path of that template on things that are there.
  #path(op) {
    return op.path.replace("/v1/models/{id}", "/v1/models/m.bin").replace("{id}", this.done).replace("{file}", "0");
  }

  // Before anything else is looked at.
  async atTheDoor() {
    for (const op of this.contract.operations) {
      const method = op.method.toUpperCase();
      const path = this.#path(op);
      if (op.responses["401"]) {
        await this.expect(method, path, 401, "unauthorized", { tcp: true, token: "" });
        await this.expect(method, path, 401, "unauthorized", { tcp: true, token: "x".repeat(64) });
      }
      await this.expect(method, path, 403, "forbidden", { headers: { Host: "evil.example" } });
      await this.expect(method, path, 403, "forbidden", { tcp: true, headers: { Origin: "http://evil.example" } });
      if (op.responses["415"])
        for (const type of ["", "text/plain", "application/x-www-form-urlencoded"])
          await this.expect(method, path, 415, "media_type", { headers: { "Content-Type": type } });
      if (op.responses["413"])
        await this.expect(method, path, 413, "too_large", { headers: { "Content-Length": (1 << 20) + 1 } });
    }
  }

  // Methods that a path does not know, by the server's own table.
  async methods(routes) {
    const paths = new Set(this.contract.operations.map((op) => this.#path(op)));
    for (const path of paths) {
      const known = routes.filter((r) => r.pattern.test(path)).map((r) => r.method);
      for (const method of ["GET", "POST", "PUT", "PATCH", "DELETE"]) {
        if (known.includes(method)) continue;
        const x = await this.expect(method, path, 405, "method", {});
        if (x.headers.allow !== known.join(", ")) this.contract.fault(path, `Allow: ${x.headers.allow}`);
      }
    }
    for (const path of ["/v1/jobs/1/stream", "/v1/events"]) await this.expect("HEAD", path, 405, "", {});
    await this.expect("GET", "/v1/nothing", 404, "not_found", {});
    await this.expect("POST", `/v1/jobs/${this.done}/eat`, 404, "not_found", {});
  }

  async bodies() {
    const bad = ["{", "[]", '{"nonsense":1}', '{"jobs":"many"}'];
    for (const op of this.contract.operations) {
      const takes = op.requestBody?.content["application/json"].schema;
      if (!takes?.$ref && !takes?.oneOf) continue;
      for (const body of bad) await this.expect(op.method.toUpperCase(), this.#path(op), 400, "usage", { body });
    }
    for (const path of ["/v1/jobs", "/v1/resolve"]) {
      await this.expect("POST", path, 400, "bad_spec", { body: job("no such form") });
      await this.expect("POST", path, 403, "unauthorized", { body: job("file:/etc/passwd") });
      await this.expect("POST", path, 404, "not_found", { body: { ...job(REFUSED), hive_id: "mars" } });
      await this.expect("POST", path, 400, "usage", { body: { ...job(REFUSED), checksum_list: "no digest" } });
    }
    await this.expect("POST", "/v1/jobs", 403, "unauthorized", { tcp: true, body: { ...job(REFUSED), dir: "/etc" } });
    await this.expect("POST", "/v1/clean", 403, "unauthorized", { tcp: true, body: { dir: "/etc" } });
  }

  async unknown() {
    for (const op of this.contract.operations) {
      const end = op.path.replace("/v1/models/{id}", "/v1/models/nobody");
      const path = end.replace("{id}", NOBODY).replace("{file}", "0");
      if (op.responses["404"] && op.path.includes("{"))
        await this.expect(op.method.toUpperCase(), path, 404, "not_found", {});
    }
    for (const [method, end] of [["DELETE", ""], ["POST", "/cancel"]])
      await this.expect(method, `/v1/jobs/${this.done}${end}`, 404, "not_cancellable", {});
    await this.expect("GET", `/v1/jobs/${this.done}/files/1`, 404, "not_found", {});
    for (const [method, end] of [["GET", ""], ["DELETE", ""], ["POST", "/verify"]])
      await this.expect(method, `/v1/models/${encodeURIComponent("http")}${end}`, 400, "ambiguous", {});
  }

  async conflicts() {
    const { serving } = this;
    const running = await serving.add("running.bin", "size=24M&rate=100K");
    await serving.await(running, "running");
    await this.expect("PATCH", `/v1/jobs/${this.done}`, 409, "usage", { body: { priority: 1 } });
    await this.expect("PATCH", `/v1/jobs/${running}`, 409, "usage", { body: { move: 1 } });
    await this.expect("POST", `/v1/jobs/${this.done}/pause`, 409, "usage", {});
    await this.expect("POST", `/v1/jobs/${running}/resume`, 409, "usage", {});
    await this.expect("POST", `/v1/jobs/${running}/retry`, 409, "usage", {});
    await this.expect("POST", `/v1/jobs/${running}/drop`, 409, "usage", {});
    await this.expect("POST", `/v1/jobs/${running}/delete`, 409, "usage", {});
    await this.expect("DELETE", `/v1/jobs/${this.done}/files/0`, 409, "usage", {});
    const headers = { Prefer: "respond-async" };
    await this.expect("DELETE", `/v1/jobs/${running}`, 202, "", { headers });
    await serving.await(running, "cancelled");
    await this.expect("POST", `/v1/jobs/${running}/retry`, 200, "", {});
    await this.expect("POST", `/v1/jobs/${running}/cancel`, 202, "", { headers });
  }

  // Another haul of the same user has that job.
  async busyJob() {
    const { serving } = this;
    const model = serving.file("theirs.bin", "size=24M&rate=100K");
    const args = ["--batch", "-q", "-d", serving.dir, model];
    const other = spawn(serving.programs.haul, args, { env: serving.env, stdio: "ignore" });
    const ended = new Promise((resolve) => other.on("exit", resolve));
    await nap(1000); // its queue is on disk 200 ms after it has changed
    await this.expect("POST", "/v1/jobs", 409, "busy", { body: job(model) });
    other.kill("SIGTERM");
    await ended;
  }

  async sources() {
    const { serving } = this;
    const resolve = (model, status, code) => this.expect("POST", "/v1/resolve", status, code, { body: job(model) });
    await resolve(serving.file("gone", "status=404"), 404, "not_found");
    await resolve(serving.file("secret", "need-auth=x"), 403, "unauthorized");
    await resolve(serving.file("broken", "status=500"), 502, "http_status");
    await resolve(serving.file("often", "status=429"), 503, "rate_limited");
    await resolve(serving.file("silent", "stall-header"), 504, "timeout");
    await resolve(REFUSED, 502, "network");
  }

  // As many as there may be; each then gets 503.
  async crowded() {
    const { serving } = this;
    const stuck = serving.file("stuck", "stall-header");
    const waiting = Array.from({ length: 16 }, () => serving.ask("POST", "/v1/resolve", { body: job(stuck) }));
    await nap(150);
    for (const op of this.contract.operations) {
      if (!op.responses["503"] || op.tags[0] === "streams") continue;
      const body = op.path === "/v1/resolve" ? job(stuck) : undefined;
      await this.expect(op.method.toUpperCase(), this.#path(op), 503, "busy", { body });
    }
    await Promise.all(waiting);
  }

  async manyStreams() {
    const enough = { until: () => this.over };
    const streams = [];
    for (let i = 0; i < 900; i++) {
      const one = this.serving.ask("GET", "/v1/events", enough);
      streams.push(one);
    }
    for (let i = 0; i < 300; i++) {
      const x = await this.serving.ask("GET", "/metrics");
      if (x.body.includes("haul_http_streams 900\n")) break;
      await nap(10);
    }
    for (const path of [`/v1/jobs/${this.done}/stream`, "/v1/events"]) await this.expect("GET", path, 503, "busy", {});
    await this.expect("GET", "/v1/info", 200, "", {});
    this.over = true;
    await this.serving.ask("PATCH", "/v1/settings", { body: { jobs: 7 } });
    await this.serving.add("last.bin", "size=1K"); // something to hear, and to leave upon
    await Promise.all(streams);
  }

  // What is no request is refused by the library below, and hurts nobody.
  async nonsense() {
    const cases = [
      ["GET / HTTP/1.1\r\n\r\n", 400],
      [`GET /${"x".repeat(40000)} HTTP/1.1\r\nHost: localhost\r\n\r\n`, 414],
      [`GET /health HTTP/1.1\r\nHost: localhost\r\nX: ${"x".repeat(40000)}\r\n\r\n`, 431],
      [`GET /health HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\nX: ${"x".repeat(19000)}\r\n\r\n`, 200],
      ["GET /health HTTP/3.0\r\nHost: localhost\r\n\r\n", 505],
    ];
    for (const [text, status] of cases) {
      const answer = await this.serving.raw(text);
      if (!answer.startsWith(`HTTP/1.1 ${status} `))
        this.contract.fault(text.slice(0, 40), `${answer.slice(0, 60)}, not ${status}`);
    }
  }

  async run(routes) {
    this.done = await this.serving.add("m.bin", "size=2K");
    await this.serving.await(this.done, "completed");
    await this.serving.add("n.bin", "size=2K");
    await this.serving.awaitEntry("n.bin");
    await this.atTheDoor();
    await this.methods(routes);
    await this.bodies();
    await this.unknown();
    await this.conflicts();
    await this.busyJob();
    await this.sources();
    await this.crowded();
    await this.manyStreams();
    await this.nonsense();
  }
}
