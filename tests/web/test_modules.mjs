// SPDX-License-Identifier: MIT
// The page's modules that know nothing of a page.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { pathToFileURL } from "node:url";

const source = process.env.HAUL_SOURCE;
const load = (name) => import(pathToFileURL(join(source, "assets/web", name)));

globalThis.sessionStorage = { getItem: () => null };
const fig = await load("figures.js");
const { EventParser } = await load("server.js");
const { Mirror } = await load("mirror.js");

const MIB = 2 ** 20;
const FILE = { name: "a", state: "running", bytes: 0, total: 100, hashed: 0 };
const job = (id, more) => ({
  job_id: id,
  number: 1,
  state: "running",
  name: id,
  source: id,
  priority: 0,
  position: 1,
  bytes: 0,
  total: 100,
  rate: 0,
  eta: null,
  connections: 0,
  retry: null,
  ended: null,
  files: [{ ...FILE }],
  ...more,
});

test("figures are said as in the terminal UI", () => {
  assert.deepEqual(
    [0, 1023, 1024, 1535, 999 * MIB, 1000 * MIB, 35.4 * 2 ** 30].map((n) => fig.size(n)),
    ["0 B", "1023 B", "1.0 KiB", "1.5 KiB", "999.0 MiB", "1.0 GiB", "35.4 GiB"],
  );
  assert.deepEqual([0, 59, 119, 121, 167, 3599, 3600, 90000, 400000, null].map(fig.eta), [
    "0:00",
    "0:59",
    "1:59",
    "2:00",
    "2:45",
    "1:00:00",
    "1:00:00",
    "1d 01h",
    ">99h",
    "?",
  ]);
  assert.deepEqual([5, 61, 3661].map(fig.span), ["5s", "1m01s", "1h01m"]);
});

test("all is only said of all", () => {
  assert.equal(fig.percent(999999, 1000000), "99%");
  assert.equal(fig.percent(1000000, 1000000), "100%");
  assert.equal(fig.percent(5, null), "--");
  assert.equal(fig.pair(MIB - 1, MIB), "0.9 of 1.0 MiB");
  assert.equal(fig.pair(1023.99 * MIB, 1024 * MIB), "0.9 of 1.0 GiB");
  assert.equal(fig.pair(70 * 1024, 5120 * MIB), "70.0 KiB of 5.0 GiB");
  assert.equal(fig.pair(MIB, MIB), "1.0 MiB");
  assert.equal(fig.pair(MIB, null), "1.0 MiB so far");
});

test("names lose what turns or hides text, and keep their end", () => {
  assert.equal(fig.clean("a\u202eb\u200bc\nd\u2066e\ufeff"), "a\ufffdb\ufffdc\ufffdd\ufffde\ufffd");
  assert.equal(fig.clean("naïve 日本 😀 <b>"), "naïve 日本 😀 <b>");
  assert.match(
    fig.shorten(`${"x".repeat(300)}-00001-of-00003.gguf`),
    /^x+…x+-00001-of-00003\.gguf$/,
  );
});

test("every error of haul has a remedy", () => {
  const remedyOf = (code) => fig.remedy({ code, message: "" });
  const table = readFileSync(join(source, "src/core/error.h"), "utf8");
  const codes = [...table.matchAll(/X\([A-Z_]+, "([a-z_]+)"/g)].map((match) => match[1]);
  assert.ok(codes.length > 15);
  for (const code of codes.filter((code) => code !== "ok"))
    assert.notEqual(remedyOf(code), remedyOf("unheard of"), code);
  const lost = "http://h/x: its headers are not stored; add it again";
  assert.match(fig.remedy({ code: "unauthorized", message: lost }), /Remove it and add it again/);
});

test("an event stream may be cut anywhere", () => {
  const text =
    ": hello\r\nevent: a\nid: 7\ndata: one\ndata:two\n\ndata: plain\r\rdata\n\n" +
    'event: c\r\ndata: {"x":1}\r\n\r\nevent: never\n\n';
  const want = [
    ["a", "one\ntwo", "7"],
    ["", "plain", "7"],
    ["", "", "7"],
    ["c", '{"x":1}', "7"],
  ];
  const read = (...pieces) => {
    const events = [];
    const parser = new EventParser((...event) => events.push(event));
    pieces.forEach((piece) => parser.feed(piece));
    return events;
  };
  for (let i = 0; i <= text.length; i++)
    assert.deepEqual(read(text.slice(0, i), text.slice(i)), want, `cut at ${i}`);
  assert.deepEqual(read(...text), want);
});

test("an update changes the files that it names, and no others", () => {
  const m = new Mirror();
  m.take("snapshot", job("a", { files: [FILE, { ...FILE, name: "b" }] }));
  m.take("update", job("a", { bytes: 50, files: [{ ...FILE, index: 1, name: "b", bytes: 50 }] }));
  m.take("update", job("unheard of"));
  assert.deepEqual(
    m.jobs.get("a").files.map((f) => [f.name, f.bytes]),
    [
      ["a", 0],
      ["b", 50],
    ],
  );
  assert.equal(m.jobs.size, 1);
});

test("no bar runs backwards when a server knows less than it did", () => {
  const m = new Mirror();
  m.take("snapshot", job("a", { bytes: 60, files: [{ ...FILE, bytes: 60 }] }));
  m.take(
    "snapshot",
    job("a", { state: "queued", bytes: 40, files: [{ ...FILE, state: "waiting", bytes: 40 }] }),
  );
  assert.deepEqual(
    [m.jobs.get("a").bytes, m.jobs.get("a").files[0].bytes, m.totals.bytes],
    [60, 60, 60],
  );
  m.take("update", job("a", { state: "cancelled", files: [] }));
  m.take(
    "update",
    job("a", { state: "queued", bytes: 0, files: [{ ...FILE, index: 0, state: "waiting" }] }),
  );
  assert.equal(m.jobs.get("a").bytes, 0);
});

test("who is not told of in a new list is gone, from the sums as well", () => {
  const m = new Mirror();
  m.take("list", {});
  for (const id of ["a", "b"]) m.take("snapshot", job(id, { bytes: 10, rate: 5 }));
  m.take("listed", { jobs: 3 });
  m.take("list", {});
  m.take("snapshot", job("b", { bytes: 20, rate: 7 }));
  assert.equal(m.jobs.size, 2);
  m.take("listed", { jobs: 3 });
  assert.deepEqual([...m.jobs.keys()], ["b"]);
  assert.deepEqual(
    [m.totals.bytes, m.totals.total, m.totals.rate, m.counts.active],
    [20, 100, 7, 1],
  );
});

test("live jobs come first in their order, then failed ones, then what is over", () => {
  const m = new Mirror();
  m.take("snapshot", job("done-early", { state: "completed", ended: "2026-01-01T00:00:00Z" }));
  m.take("snapshot", job("done-late", { state: "completed", ended: "2026-01-02T00:00:00Z" }));
  m.take("snapshot", job("failed", { state: "failed", ended: "2026-01-03T00:00:00Z" }));
  m.take("snapshot", job("second", { position: 3 }));
  m.take("snapshot", job("first", { position: 2 }));
  m.take("snapshot", job("urgent", { position: 9, priority: 1, state: "queued" }));
  const order = () => m.ordered().map((j) => j.job_id);
  assert.deepEqual(order(), ["urgent", "first", "second", "failed", "done-late", "done-early"]);
  m.take("update", job("second", { position: 1, files: [] }));
  m.take("removed", { job: "failed" });
  assert.deepEqual(order(), ["urgent", "second", "first", "done-late", "done-early"]);
});
