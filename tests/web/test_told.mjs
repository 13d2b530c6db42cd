// SPDX-License-Identifier: MIT
// States that take too long to bring about, or that the real server would not tell of: the page and
// its server are real, the stream of events is made up.
import assert from "node:assert/strict";
import { HOSTILE, checkNoScripts, shown, watchForScripts } from "./hostile.mjs";
import { scene, until } from "./world.mjs";

const FILE = {
  name: "made-up.bin",
  state: "running",
  bytes: 0,
  total: null,
  hashed: 0,
  rate: 0,
  retry_wait: false,
  verified: "none",
};
const JOB = {
  state: "running",
  source: "https://host.example/made-up.bin",
  name: "made-up.bin",
  dir: "/data",
  priority: 0,
  position: 1,
  limit_rate: 0,
  connections_max: 0,
  bytes: 0,
  total: null,
  rate: 0,
  eta: null,
  idle_ms: 0,
  connections: 0,
  retry: null,
  blocked_by_disk: false,
  ended: null,
  error: null,
  file_count: 1,
  files_done: 0,
  files: [FILE],
};

/**
 * The stream tells of these jobs, each with what is special about it and its file, then of more,
 * and is silent for ever.
 */
async function tell(s, jobs, ...more) {
  const snapshots = jobs.map(([job, file], i) => {
    const id = { job_id: `job-000000000000000${i}`, number: i };
    return ["snapshot", { ...JOB, ...id, ...job, files: [{ ...FILE, ...job, ...file }] }];
  });
  const events = [["list", {}], ...snapshots, ["listed", { jobs: 3, limit_rate: 0 }], ...more];
  const body = events
    .map(([name, data]) => `event: ${name}\ndata: ${JSON.stringify(data)}\n\n`)
    .join("");
  let told = false;
  await s.page.route("**/v1/events*", (route) => {
    if (!told) route.fulfill({ contentType: "text/event-stream", body });
    told = true;
  });
  await s.page.reload();
  await until(
    "they are listed",
    async () => (await s.page.locator(".job").count()) === jobs.length,
  );
}

scene("a cancel that deletes a gibibyte or more asks first", {}, async (s) => {
  const deleted = [];
  await s.page.route("**/v1/jobs/*", (route) => {
    deleted.push(route.request().method());
    route.fulfill({ json: { job_id: "job-0000000000000000", status: "cancelled" } });
  });
  await tell(s, [[{ bytes: 22 * 2 ** 30, total: 35 * 2 ** 30 }]]);
  await s.button("Cancel made-up.bin").click();
  await s.page.getByText("made-up.bin: this deletes 22.0 GiB of partial data.").waitFor();
  await s.button("Keep it").click();
  assert.deepEqual(deleted, []);
  await s.button("Cancel made-up.bin").click();
  await s.button("Cancel and delete").click();
  await until("it was asked for", () => deleted.length);
  assert.deepEqual(deleted, ["DELETE"]);
});

const STATES = [
  ["of unknown length", { bytes: 913 * 2 ** 20 }, {}, ["--", "913.0 MiB so far"], null],
  [
    "that waits",
    { retry: { in_ms: 14000, try: 3, max: 8, why: "503 from host" } },
    {},
    [/retry 3\/8 in 1\ds: 503 from host/],
    0,
  ],
  [
    "that is verified",
    { state: "verifying", bytes: 1000, total: 1000 },
    { hashed: 250 },
    ["verifying", "25%"],
    250,
  ],
  [
    "paused for a full disk",
    {
      state: "paused",
      blocked_by_disk: true,
      bytes: 500,
      total: 1000,
      error: { code: "disk_full", message: "no space left" },
    },
    {},
    ["paused: the disk is full", "no space left", "Free some space"],
    500,
  ],
  ["that is idle", { idle_ms: 7400, total: 1000, bytes: 100 }, {}, ["idle 7s"], 100],
];

for (const [which, job, file, words, value] of STATES)
  scene(`a job ${which} says so`, {}, async (s) => {
    await tell(s, [[job, file]]);
    for (const text of words) await s.row("made-up.bin").getByText(text).waitFor();
    const bar = await s
      .bar("made-up.bin")
      .evaluate((node) => (node.hasAttribute("value") ? node.value : null));
    assert.equal(bar, value);
  });

/** Everything in it that is text. */
function evilJob(evil) {
  const retry = { in_ms: 1000, try: 1, max: 2, why: evil };
  const error = { code: evil, message: evil };
  return [
    { name: evil, source: evil, dir: evil, state: "failed", error, retry },
    { name: evil, state: evil, verified: evil },
  ];
}

scene("wherever a server puts a hostile text, it is text", {}, async (s) => {
  const time = "2026-01-01T00:00:00Z";
  const logs = HOSTILE.map((evil) => ["log", { time, level: evil, message: evil, job: null }]);
  const news = HOSTILE.map((evil, i) => [
    "job",
    { state: "failed", name: evil, job: `job-000000000000000${i}` },
  ]);
  await watchForScripts(s);
  await tell(s, HOSTILE.map(evilJob), ...logs, ...news, [
    "settings",
    { jobs: HOSTILE[0], limit_rate: HOSTILE[1] },
  ]);
  for (let i = 0; i < HOSTILE.length; i++) await s.page.locator(".fold").nth(i).click();
  await s.page.locator("#log summary").click();
  for (const part of [".title", ".message", ".source", ".dir", ".file .name", "#log li"])
    for (const evil of HOSTILE) await s.page.locator(part).getByText(shown(evil)).first().waitFor();
  await s.page.locator("#news").getByText(HOSTILE[0]).waitFor();
  await s.button("Limits …").click();
  await checkNoScripts(s);
});
