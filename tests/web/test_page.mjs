// SPDX-License-Identifier: MIT
// What the page does, with the real server and the real browser.
import assert from "node:assert/strict";
import { createServer } from "node:http";
import { once } from "node:events";
import { HOSTILE, checkNoScripts, shown, watchForScripts } from "./hostile.mjs";
import { origin, scene, until } from "./world.mjs";

const SLOW = "size=50M&rate=200K";
const UNAUTHORIZED = /status of 401/; // the browser itself notes such an answer

/** GITHUB_API_URL of a release with these files, 1 MiB each. */
async function fakeRelease(names, options) {
  const assets = () =>
    names.map((name, id) => ({
      id: id + 1,
      name,
      size: 1 << 20,
      state: "uploaded",
      digest: null,
      browser_download_url: origin.link(`/file/asset?size=1M&seed=${id}&${options}`),
    }));
  const server = createServer((_, response) => {
    response.setHeader("Content-Type", "application/json");
    response.end(JSON.stringify({ id: 1, tag_name: "v1.0", assets: assets() }));
  });
  await once(server.listen(0, "127.0.0.1"), "listening");
  server.unref();
  return { GITHUB_API_URL: `http://127.0.0.1:${server.address().port}/` };
}

// ---- the token ----

scene(
  "the token is asked for, a wrong one is refused in words, the right one is kept for the tab",
  { noToken: true, expected: UNAUTHORIZED },
  async (s) => {
    const field = s.page.getByLabel("Token");
    await field.waitFor();
    assert.match(await s.page.locator("#ask").innerText(), /state directory, in the file token/);
    await until("the focus is in the field", () =>
      field.evaluate((node) => node === document.activeElement),
    );
    await field.fill("not the token, über");
    await s.button("Use it").click();
    await s.page.getByText("The server refuses this token").waitFor();
    await field.fill(s.token);
    await s.button("Use it").click();
    await s.button("Add …").waitFor();
    await s.page.reload();
    await s.button("Add …").waitFor();
    assert.equal(await field.isVisible(), false);
    assert.equal(await s.page.evaluate(() => JSON.stringify(localStorage)), "{}");
    assert.deepEqual(
      s.requests.filter((url) => url.includes(s.token)),
      [],
    );
  },
);

scene("a token in the address is used and taken out of it", {}, async (s) => {
  assert.equal(s.page.url(), s.url);
  assert.deepEqual(
    s.requests.filter((url) => url.includes(s.token)),
    [],
  );
  await s.page.goBack().catch(() => {});
  assert.ok(!s.page.url().includes(s.token));
});

// ---- add, see, cancel ----

scene(
  "a job is added by the form, its bar moves, and Cancel leaves no partial file",
  {},
  async (s) => {
    await s.button("Add …").click();
    await s.page.getByLabel("What to fetch").fill(origin.link(`/file/big.iso?${SLOW}`));
    await s.button("Add").click();
    await s.shows("big.iso", "downloading");
    const first = await until("the bar moves", () => s.barValue("big.iso"));
    await until("it moves again", async () => (await s.barValue("big.iso")) > first);
    assert.ok(s.has("big.iso.part"));
    await s.button("Cancel big.iso").click();
    await s.shows("big.iso", "cancelled");
    assert.deepEqual(s.files(), []);
    await s.page.getByText("big.iso is cancelled").waitFor(); // for who does not see the row
  },
);

scene(
  "several lines are several jobs, and what is refused stays with the reason beside it",
  {},
  async (s) => {
    await s.button("Add …").click();
    const specs = s.page.getByLabel("What to fetch");
    await specs.fill(`${origin.link("/file/good.bin?size=1K")}\n\n  no such:thing  \n`);
    await s.button("Add").click();
    await s.page.locator("#specs-error").getByText("no such:thing").waitFor();
    assert.equal(await specs.inputValue(), "no such:thing");
    assert.equal(await specs.getAttribute("aria-invalid"), "true");
    await specs.fill(origin.link("/file/second.bin?size=1K"));
    for (const [field, bad, why] of [
      ["Connections", "99", /'99' is not a number from 1 to 64/],
      ["Speed limit", "fast", /'fast' is no rate/],
      ["Save in", "/elsewhere", /\/elsewhere: files may not go there/],
    ]) {
      const input = s.page.getByRole("dialog").getByLabel(field, { exact: true });
      await input.fill(bad);
      await s.button("Add").click();
      await s.page.getByText(why).waitFor();
      assert.equal(await input.evaluate((node) => node === document.activeElement), true);
      await input.fill("");
    }
    await s.page.getByLabel("Start paused").check();
    await specs.press("Control+Enter");
    await s.shows("second.bin", "paused");
    await s.shows("good.bin", "complete");
    assert.ok(s.has("good.bin"));
  },
);

scene("pause keeps the partial file, resume goes on to the end", {}, async (s) => {
  await origin.set("/file/long.bin", SLOW);
  await s.add(origin.link("/file/long.bin"));
  await until("the bar moves", () => s.barValue("long.bin"));
  await s.button("Pause long.bin").click();
  await s.shows("long.bin", "paused");
  assert.ok(s.has("long.bin.part"));
  await origin.set("/file/long.bin", "size=50M");
  await s.button("Resume long.bin").click();
  await s.shows("long.bin", "complete");
  assert.deepEqual(s.files(), ["long.bin"]);
});

scene("a failed job says why and what to do, and Retry works", {}, async (s) => {
  await origin.set("/file/later.bin", "status=404");
  await s.add(origin.link("/file/later.bin"));
  await s.shows("later.bin", "failed");
  await s.shows("later.bin", /HTTP 404/);
  await s.shows("later.bin", "Check the name, the revision and the file.");
  await s.page.getByText(/later\.bin failed: .*404/).waitFor();
  await origin.set("/file/later.bin", "size=1M");
  await s.button("Retry later.bin").click();
  await s.shows("later.bin", "complete");
  assert.equal(await s.row("later.bin").getByText("Check the name").isVisible(), false);
  await s.button("Remove later.bin").click();
  await s.page.getByText("Nothing here yet").waitFor();
  assert.ok(s.has("later.bin"));
});

const PARTS = ["one-of-three.bin", "two-of-three.bin", "three-of-three.bin"];

scene(
  "a job with several files unfolds to a bar a file",
  { env: () => fakeRelease(PARTS, "rate=20K") },
  async (s) => {
    await s.add("github:acme/model/*");
    await s.shows("acme/model@v1.0", "downloading");
    assert.equal(await s.bar("one-of-three.bin").count(), 0);
    const fold = s.button("Details of acme/model@v1.0");
    assert.equal(await fold.getAttribute("aria-expanded"), "false");
    await fold.click();
    assert.equal(await fold.getAttribute("aria-expanded"), "true");
    for (const name of PARTS) {
      const first = await until(`the bar of ${name} moves`, () => s.barValue(name));
      await until(`that of ${name} moves again`, async () => (await s.barValue(name)) > first);
    }
    await fold.click();
    assert.equal(await s.bar("one-of-three.bin").count(), 0);
  },
);

// ---- hostile names ----

scene(
  "a hostile file name is shown as text and runs nothing",
  {
    env: () =>
      fakeRelease(
        HOSTILE.filter((name) => !/[<>"|?*:\\\u202e]/.test(name)),
        "rate=20K",
      ),
  },
  async (s) => {
    await watchForScripts(s);
    await s.add("github:acme/evil/*");
    for (const name of HOSTILE) {
      const disposition = encodeURIComponent(
        `attachment; filename*=UTF-8''${encodeURIComponent(name)}`,
      );
      await s.add(origin.link(`/file/x?size=1K&cd=${disposition}`));
      await s.add(origin.link(`/file/${encodeURIComponent(name)}?status=404`));
    }
    for (const name of HOSTILE)
      await s.row(`#${1 + 2 * (1 + HOSTILE.indexOf(name))} ${shown(name)}`).waitFor();
    await s.button("Details of acme/evil@v1.0").click();
    await s.page.locator(".file").getByText("😀 gift.bin", { exact: true }).waitFor();
    await s.page.locator("#log summary").click();
    const failed = s.page.locator(".job[data-letter=X]");
    await until("the others have ended", async () => (await failed.count()) === HOSTILE.length);
    await s.button("Add …").click();
    await s.page.getByLabel("What to fetch").fill(HOSTILE.join("\n"));
    await s.button("Add").click();
    await s.page.locator("#specs-error").getByText("onerror").waitFor();
    await checkNoScripts(s);
  },
);

// ---- the line ----

scene(
  "a lost connection is said, and mended when the server is back; no bar runs backwards",
  { expected: /ERR_CONNECTION_REFUSED|ERR_INCOMPLETE_CHUNKED|status of 503/ },
  async (s) => {
    await s.add(origin.link("/file/steady.bin?size=20M&rate=500K"));
    await until("the bar moves", async () => (await s.barValue("steady.bin")) > 20);
    await s.page.evaluate(() => {
      const bar = document.querySelector(".job .bar");
      window.seen = [bar.value];
      new MutationObserver(() => window.seen.push(bar.value)).observe(bar, {
        attributes: true,
      });
    });
    await s.stopServer("SIGKILL");
    await s.page.getByText("No connection:").waitFor();
    await s.page.getByText("All that is shown is as of").waitFor();
    const before = await s.barValue("steady.bin");
    const again = s.page.waitForRequest((request) => request.headers()["last-event-id"] > 0);
    await s.startServer(s.port);
    const click = s.button("Try now").click();
    click.catch(() => {}); // it has tried by itself, just now
    await again;
    await s.page.getByText("No connection:").waitFor({ state: "hidden" });
    await until("the bar goes on", async () => (await s.barValue("steady.bin")) > before);
    const seen = await s.page.evaluate(() => window.seen);
    assert.deepEqual(
      seen,
      seen.slice().sort((a, b) => a - b),
    );
  },
);

scene(
  "what was removed while the page was not connected is gone when it is back",
  { expected: /ERR_CONNECTION_REFUSED|ERR_INTERNET_DISCONNECTED|ERR_INCOMPLETE_CHUNKED|status of 503/ },
  async (s) => {
    const [gone] = await s.add(
      { model: origin.link("/file/gone.bin?size=1K"), paused: true },
      { model: origin.link("/file/stays.bin?size=1K"), paused: true },
    );
    await s.shows("gone.bin", "paused");
    await s.page.context().setOffline(true);
    await s.api("DELETE", `/v1/jobs/${gone}`);
    await s.api("POST", `/v1/jobs/${gone}/drop`);
    await s.stopServer();
    await s.page.getByText("No connection:").waitFor();
    await s.startServer(s.port);
    await s.page.context().setOffline(false);
    await s.row("gone.bin").waitFor({ state: "detached" });
    await s.shows("stays.bin", "paused");
  },
);

// ---- limits ----

scene(
  "the limits of the server are set, and what is no limit is refused beside the field",
  { expected: /status of 400/ },
  async (s) => {
    await s.button("Limits …").click();
    const speed = s.page.getByLabel("Speed of all downloads together");
    const jobs = s.page.getByLabel("Downloads at once");
    assert.equal(await jobs.inputValue(), "3");
    await jobs.fill("0");
    await s.button("Set").click();
    await s.page.getByText("'0' is not a number from 1 to 1000").waitFor();
    await jobs.fill("7");
    await speed.fill("2.5M");
    await s.button("Set").click();
    await s.page.getByRole("dialog").waitFor({ state: "hidden" });
    const set = await s.api("GET", "/v1/settings");
    assert.deepEqual([set.jobs, set.limit_rate], [7, 2.5 * 2 ** 20]);
    await until("the page has heard of it", async () => {
      await s.button("Limits …").click();
      const shown = await speed.inputValue();
      await s.page.keyboard.press("Escape");
      return shown === "2.5M";
    });
  },
);
