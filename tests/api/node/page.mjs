// SPDX-License-Identifier: MIT
// docs/api.md: its blocks, run in the order in which they stand, through a door that shows what the
// server answers; and whether the page names what the file has.
import { spawn } from "node:child_process";
import { readFileSync, writeFileSync } from "node:fs";
import { nap } from "./serving.mjs";

export function readBlocks(file) {
  const blocks = [];
  let block = null;
  readFileSync(file, "utf8").split("\n").forEach((line, i) => {
    if (block && line === "```") blocks.push(block), (block = null);
    else if (block) block.text += `${line}\n`;
    else if (line.startsWith("```")) block = { lang: line.slice(3), line: i + 1, text: "" };
  });
  return blocks;
}

// A shell that lives on from block to block.
class Shell {
  constructor(env) {
    this.child = spawn("sh", [], { env, stdio: "pipe" });
    this.out = this.err = "";
    this.child.stdout.setEncoding("utf8").on("data", (text) => (this.out += text));
    this.child.stderr.setEncoding("utf8").on("data", (text) => (this.err += text));
  }

  // The exit code of the last command.
  async run(text) {
    this.out = this.err = "";
    this.child.stdin.write(`${text}\necho "@@$?"\n`);
    for (let i = 0; i < 3000; i++) {
      const end = this.out.match(/@@(\d+)\n$/);
      if (end) return Number(end[1]);
      await nap(10);
    }
    return -1;
  }

  end() {
    this.child.stdin.end();
  }
}

export class Page {
  constructor(file, serving, contract) {
    Object.assign(this, { file, serving, contract });
    this.passed = [];
    this.text = readFileSync(file, "utf8");
  }

  // example.org is the origin, and the customary port is the door's.
  #fill(text) {
    return text
      .replaceAll("https://example.org/", `${this.serving.origin}/file/`)
      .replaceAll("127.0.0.1:7835", `127.0.0.1:${this.port}`);
  }

  async #runShell(block) {
    const from = this.passed.length;
    const code = await this.shell.run(this.#fill(block.text));
    const now = this.passed.slice(from);
    await Promise.all(now.map((x) => x.done));
    const where = `api.md:${block.line}`;
    if (code) this.contract.fault(where, `exit ${code}: ${this.shell.out} ${this.shell.err}`);
    for (const x of now)
      if (x.status >= 400) this.contract.fault(where, `${x.method} ${x.path}: ${x.status} ${x.body}`);
    this.last = now.at(-1) ?? this.last;
  }

  // A sample is what the call before it may answer.
  #checkSample(block) {
    const op = this.contract.find(this.last.method.toLowerCase(), this.last.path.split("?")[0]);
    const { schema } = this.contract.resolve(op.responses[this.last.status]).content["application/json"];
    const why = this.contract.complaint(schema, JSON.parse(block.text));
    if (why) this.contract.fault(`api.md:${block.line}`, why);
  }

  async #runPython(block) {
    const file = `${this.serving.root}/follow.py`;
    writeFileSync(file, block.text);
    await this.serving.setFile("python.bin", "size=200K&rate=200K");
    const good = await this.#python(file, "python.bin");
    if (good.code || !good.out.includes("📥 Downloading file: python.bin") || !good.out.endsWith("[DONE]\n"))
      this.contract.fault("the Python example", JSON.stringify(good));
    await this.serving.setFile("slow.bin", "size=24M&rate=100K");
    const stopped = await this.#python(file, "slow.bin", /📥/);
    if (stopped.code !== 1 || !stopped.out.endsWith("cancelled\n"))
      this.contract.fault("the Python example, interrupted", JSON.stringify(stopped));
  }

  // Interrupts it once it has said `until`.
  #python(file, name, until) {
    const args = ["-u", file, `${this.serving.origin}/file/${name}`];
    const child = spawn("python3", args, { env: { ...this.serving.env, PYTHONUTF8: "1" } });
    let out = "";
    let err = "";
    let told = false;
    child.stderr.setEncoding("utf8").on("data", (text) => (err += text));
    child.stdout.setEncoding("utf8").on("data", (text) => {
      out += text;
      if (until?.test(out) && !told) (told = true), child.kill("SIGINT");
    });
    return new Promise((resolve) => child.on("close", (code) => resolve({ code, out, err })));
  }

  async #prepare() {
    const { serving } = this;
    await serving.door(`${serving.root}/run/haul.sock`, this.passed, false);
    this.port = (await serving.door(0, this.passed, true)).port;
    await serving.setFile("big.iso", "size=48M&rate=200K");
    await serving.setFile("small.iso", "size=300K&rate=300K");
    await serving.setFile("other.iso", "size=300K");
    await serving.setFile("one.bin", "size=2K");
    this.shell = new Shell(serving.env);
  }

  async run() {
    await this.#prepare();
    for (const block of readBlocks(this.file)) {
      if (block.text.includes("/v1/models")) await this.serving.awaitEntry("one.bin");
      if (block.lang === "sh") await this.#runShell(block);
      else if (block.lang === "json") this.#checkSample(block);
      else if (block.lang === "python") await this.#runPython(block);
    }
    this.shell.end();
  }

  // A curl example for each route.
  checkRoutes() {
    const shown = new Set();
    for (const x of this.passed)
      shown.add(this.contract.find(x.method.toLowerCase(), decodeURIComponent(x.path.split("?")[0]))?.name);
    for (const op of this.contract.operations)
      if (!shown.has(op.name)) this.contract.fault("api.md", `no example of ${op.name}`);
  }

  // Every name that a client may meet stands on the page.
  checkWords(metrics) {
    const { schemas } = this.contract.doc.components;
    const words = new Set();
    for (const name of ["JobRequest", "JobChange", "SettingsChange", "CleanRequest", "Settings"])
      Object.keys(schemas[name].properties).forEach((word) => words.add(word));
    for (const name of ["JobState", "FileState", "Layout", "Verified"])
      schemas[name].enum.forEach((word) => words.add(word));
    schemas.RefusalCode.oneOf[1].enum.forEach((word) => words.add(word));
    for (const op of this.contract.operations)
      for (const content of Object.values(op.responses["200"]?.content ?? {}))
        Object.keys(content["x-events"] ?? {}).forEach((word) => words.add(word));
    const told = metrics.split("\n").filter((line) => line.startsWith("# TYPE"));
    told.forEach((line) => words.add(line.split(" ")[2]));
    for (const word of words)
      if (!new RegExp(`\`[^\`]*\\b${word}\\b`).test(this.text)) this.contract.fault("api.md", `does not name ${word}`);
    for (const [word] of this.text.matchAll(/\bhaul_[a-z_]+/g))
      if (!told.some((line) => line.split(" ")[2] === word)) this.contract.fault("api.md", `there is no ${word}`);
  }
}
