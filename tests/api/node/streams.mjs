// SPDX-License-Identifier: MIT
// Every kind of event that docs/openapi.json has for a stream is told at least once; the contract
// looks at each.
import { truncateSync, writeFileSync } from "node:fs";

export class Streams {
  constructor(serving, contract) {
    Object.assign(this, { serving, contract });
  }

  #follow(path, until) {
    return this.serving.ask("GET", path, { until });
  }

  // One that goes well after a failure, one that does not: errors, log lines, progress, a file.
  async jobs() {
    const { serving } = this;
    const paused = { paused: true };
    const good = await serving.add("good.bin", "size=1M&rate=1M&status=503&times=1", paused);
    const bad = await serving.add("bad.bin", "status=404", paused);
    const words = ["event: removed", "event: settings", "event: file", "event: error"];
    const heardAll = (text) => words.every((word) => text.includes(word));
    const all = this.#follow("/v1/events", heardAll);
    const updates = this.#follow("/v1/events?updates=1", heardAll);
    const one = this.#follow(`/v1/jobs/${good}/stream`);
    const other = this.#follow(`/v1/jobs/${bad}/stream`);
    for (const id of [good, bad]) await serving.ask("POST", `/v1/jobs/${id}/resume`);
    const texts = [(await one).body, (await other).body];
    for (const text of texts)
      if (!text.endsWith("data: [DONE]\n\n")) this.contract.fault("a job's stream", `ends with ${text.slice(-60)}`);
    await serving.ask("PATCH", "/v1/settings", { body: { jobs: 9 } });
    await serving.ask("POST", `/v1/jobs/${bad}/drop`);
    await Promise.all([all, updates]);
  }

  // A file that takes a moment to read: how far it is, and the verdict.
  async verification() {
    const { serving } = this;
    const path = `${serving.dir}/large.bin`;
    writeFileSync(path, "");
    truncateSync(path, 400 << 20);
    await serving.ask("POST", "/v1/jobs", { body: { operation: "model_download", model: `file:${path}` } });
    await serving.awaitEntry("large.bin");
    const headers = { Accept: "text/event-stream" };
    await serving.ask("POST", "/v1/models/large.bin/verify", { headers });
    await serving.ask("POST", "/v1/models/nobody/verify", { headers });
    truncateSync(path, 300 << 20);
    const bad = await serving.ask("POST", "/v1/models/large.bin/verify");
    if (bad.json.error?.code !== "checksum") this.contract.fault("verify", bad.body);
    await serving.ask("DELETE", "/v1/models/large.bin");
  }

  async run() {
    await this.jobs();
    await this.verification();
  }
}
