// SPDX-License-Identifier: MIT
// Holds docs/openapi.json and docs/api.md against the real server.
//     node check.mjs ROOT DOCS HAUL ORIGIN ROUTES
// ROOT is a folder for all that it leaves, ROUTES a program that prints the server's own table.
import { execFileSync } from "node:child_process";
import { readdirSync } from "node:fs";
import { Contract } from "./contract.mjs";
import { Page } from "./page.mjs";
import { Refusals } from "./refusals.mjs";
import { Serving } from "./serving.mjs";
import { Streams } from "./streams.mjs";

const [root, docs, haul, origin, routesProgram] = process.argv.slice(2);
const pageFiles = ["/", ...readdirSync(`${docs}/../assets/web`).map((name) => `/${name}`)];
const contract = new Contract(`${docs}/openapi.json`);

// "METHOD PATTERN open|token" a line; "*" is any segment, "**" one or more.
function readRoutes() {
  return execFileSync(routesProgram, { encoding: "utf8" }).trim().split("\n").map((line) => {
    const [method, text, token] = line.split(" ");
    const body = text.replace(/[.]/g, "\\.").replace(/\*\*?/g, (s) => (s === "*" ? "[^/]+" : ".+"));
    return { method, text, open: token === "open", pattern: new RegExp(`^${body}$`) };
  });
}

// A pattern and a template say the same when what one stands for is the other's.
function isSame(route, op) {
  const parts = op.path.split(/\{[a-z]+\}/).join("x");
  return route.method === op.method.toUpperCase() && route.pattern.test(parts);
}

// The most exact of the table is the one that answers.
function routeOf(routes, op) {
  return routes.find((route) => isSame(route, op));
}

function checkRoutes(routes) {
  const used = new Set();
  for (const op of contract.operations) {
    const route = routeOf(routes, op);
    if (!route) contract.fault(op.name, "the server has no such route");
    else if (route.open !== (op.security?.length === 0)) contract.fault(op.name, "open to whom?");
    used.add(route);
  }
  for (const route of routes)
    if (!used.has(route) && !pageFiles.includes(route.text))
      contract.fault(`${route.method} ${route.text}`, "is not in openapi.json");
}

async function timed(what, work) {
  const begin = Date.now();
  await work();
  console.log(`${what}: ${Date.now() - begin} ms`);
}

const routes = readRoutes();
contract.checkItself();
checkRoutes(routes);

// The page: as a user would start it.
const first = new Serving(`${root}/page`, { haul, origin }, contract);
const page = new Page(`${docs}/api.md`, first, contract);
await first.start([]);
await timed("examples", () => page.run());
page.checkRoutes();
page.checkWords((await first.ask("GET", "/metrics")).body);
if ((await first.stop()) !== 0) contract.fault("haul serve", "ended badly");

// All that can go wrong; sources that do not answer are given up soon.
const second = new Serving(`${root}/errors`, { haul, origin }, contract);
const refusals = new Refusals(second, contract);
await second.start(["--tries", "1", "--connect-timeout", "0.5", "--stall-timeout", "2"]);
await timed("refusals", () => refusals.run(routes));
if ((await second.stop()) !== 0) contract.fault("haul serve", "ended badly");

const third = new Serving(`${root}/streams`, { haul, origin }, contract);
const streams = new Streams(third, contract);
await third.start(["--allow-local", "--retry-wait", "0.1", "-v"]);
await timed("streams", () => streams.run());
if ((await third.stop()) !== 0) contract.fault("haul serve", "ended badly");

for (const name of contract.missing()) contract.fault(name, "is documented and did not occur");
console.log(`${contract.seen.size} answers and ${contract.events.size} events of ${contract.operations.length} calls`);
for (const fault of contract.faults) console.log(fault);
process.exit(contract.faults.length ? 1 : 0);
