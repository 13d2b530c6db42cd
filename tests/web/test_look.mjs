// SPDX-License-Identifier: MIT
// How the page can be used: by keys alone, on a phone, with a screen reader, with very many jobs.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { origin, scene, until } from "./world.mjs";

const SLOW = "size=50M&rate=200K";
const axe = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");

/** One of each state, one with a very long name. */
async function addAll(s) {
  const [, , cancelled] = await s.add(
    origin.link(`/file/running.bin?${SLOW}`),
    origin.link(`/file/unknown.bin?size=50M&rate=100K&length=missing&no-ranges`),
    origin.link(`/file/cancelled.bin?${SLOW}`),
    origin.link("/file/done.bin?size=1K"),
    origin.link(`/file/${"very_long_name_without_a_blank_".repeat(7)}.bin?status=404`),
    origin.link("/file/refused.bin?status=401"),
    { model: origin.link("/file/paused.bin?size=1M"), paused: true },
    origin.link(`/file/other.bin?${SLOW}`),
    origin.link(`/file/queued.bin?${SLOW}`),
  );
  await s.api("DELETE", `/v1/jobs/${cancelled}`);
  await until(
    "all states are there",
    async () => (await s.page.locator(".job[data-letter=X]").count()) === 2,
  );
  await until("a bar moves", () => s.barValue("running.bin"));
  await s.button("Details of running.bin").click();
}

// ---- keys ----

scene("a job is added and cancelled by keys alone", {}, async (s) => {
  const keys = s.page.keyboard;
  const tabTo = (name) =>
    until(`Tab comes to ${name}`, async () => {
      if ((await s.focusedName()) === name) return true;
      await keys.press("Tab");
      return false;
    });
  await keys.press("a");
  await keys.type(origin.link(`/file/typed.bin?${SLOW}`));
  await tabTo("Add");
  await keys.press("Enter");
  await until("the bar moves", () => s.barValue("typed.bin"));
  await tabTo("Cancel typed.bin");
  await keys.press("Enter");
  await s.shows("typed.bin", "cancelled");
  assert.deepEqual(s.files(), []);
  assert.equal(await s.focusedName(), "Retry typed.bin"); // the focus has not fallen off
});

scene(
  "keys of one letter work, but not in a field and not when they are switched off",
  {},
  async (s) => {
    const keys = s.page.keyboard;
    const open = () => s.page.locator("dialog[open]").count();
    await keys.press("/");
    await keys.type("a?/");
    assert.equal(await s.page.getByLabel("Filter by name").inputValue(), "a?/");
    assert.equal(await open(), 0);
    await s.page.getByLabel("Filter by name").fill("");
    await s.page.getByLabel("Filter by name").blur();
    await keys.press("?");
    await s.page.getByRole("dialog", { name: "Help" }).waitFor();
    await keys.press("a");
    assert.equal(await open(), 1);
    await s.page.getByLabel("Keys of one letter").uncheck();
    await keys.press("Escape");
    await keys.press("a");
    assert.equal(await open(), 0);
  },
);

scene("the focus stays where it is while jobs come, go and move", {}, async (s) => {
  const [, second] = await s.add(
    origin.link(`/file/mine.bin?${SLOW}`),
    origin.link(`/file/next.bin?${SLOW}`),
  );
  await until("the bar moves", () => s.barValue("mine.bin"));
  await s.button("Pause mine.bin").focus();
  const others = Array.from({ length: 20 }, (_, i) => origin.link(`/file/other-${i}.bin?size=1K`));
  await s.add({ model: origin.link("/file/first.bin?size=1K"), priority: 5 }, ...others);
  const done = s.page.locator(".job[data-letter=C]");
  await until("they are done", async () => (await done.count()) === 21);
  await s.api("PATCH", `/v1/jobs/${second}`, { priority: 5 });
  await until("the next one has passed it", async () =>
    (await s.page.locator(".job").first().innerText()).includes("next.bin"),
  );
  assert.equal(await s.focusedName(), "Pause mine.bin");
  await s.button("Cancel mine.bin").click();
  await s.shows("mine.bin", "cancelled");
  await s.button("Remove mine.bin").click();
  await s.row("mine.bin").waitFor({ state: "detached" });
  assert.match(await s.focusedName(), /^Remove (other|first)/);
  await s.button("Remove finished").click();
  await until("they are gone", async () => (await s.page.locator(".job").count()) === 1);
});

// ---- sizes, colours, screen readers ----

const PHONES = [
  { width: 390, height: 844 },
  { width: 320, height: 640 },
];

/** Runs in the page: what a thumb misses, and what is not on the screen. */
function misfits() {
  const all = [...document.querySelectorAll("button, input, textarea, summary")];
  const shown = all.filter((node) => node.checkVisibility());
  const target = (node) => (node.type === "checkbox" ? node.parentElement : node);
  const box = (node) => target(node).getBoundingClientRect();
  const html = (nodes) => nodes.map((node) => node.outerHTML);
  return {
    scroll: document.documentElement.scrollWidth - innerWidth,
    small: html(shown.filter((node) => box(node).height < 44 || box(node).width < 44)),
    outside: html(shown.filter((node) => box(node).left < 0 || box(node).right > innerWidth)),
  };
}

for (const viewport of PHONES)
  scene(
    `at ${viewport.width} by ${viewport.height} nothing is too wide, and a thumb hits every button`,
    { context: { viewport, isMobile: true, hasTouch: true } },
    async (s) => {
      const check = async (where) =>
        assert.deepEqual(
          await s.page.evaluate(misfits),
          { scroll: 0, small: [], outside: [] },
          where,
        );
      await addAll(s);
      await check("list");
      for (const name of ["Add …", "Limits …", "Help"]) {
        await s.button(name).click();
        await check(name);
        await s.button("Close").click();
      }
    },
  );

for (const colorScheme of ["light", "dark"])
  scene(
    `axe finds nothing against the page in ${colorScheme} colours`,
    { context: { colorScheme }, expected: /status of 401/ },
    async (s) => {
      const check = async (where) => {
        const { violations } = await s.page.evaluate(() => window.axe.run());
        assert.deepEqual(
          violations.map((v) => `${v.id}: ${v.nodes.map((n) => n.html).join(" ")}`),
          [],
          where,
        );
      };
      await s.page.evaluate(axe);
      await addAll(s);
      await s.page.locator("#log summary").click();
      await check("list");
      for (const name of ["Add …", "Limits …", "Help"]) {
        await s.button(name).click();
        await check(name);
        await s.page.keyboard.press("Escape");
      }
      await s.page.evaluate(() => sessionStorage.clear());
      await s.page.evaluate(() => (location.hash = "#token=wrong"));
      await s.page.reload();
      await s.page.getByLabel("Token").waitFor();
      await s.page.evaluate(axe);
      await check("token");
    },
  );

// ---- many ----

scene("ten thousand jobs are listed without ten thousand rows", {}, async (s) => {
  const jobs = Array.from({ length: 10000 }, (_, i) => ({
    model: origin.link(`/file/many-${i}.bin`),
    paused: true,
  }));
  for (let i = 0; i < jobs.length; i += 1000) await s.add(...jobs.slice(i, i + 1000));
  await s.page.getByText("All 10000").waitFor();
  assert.equal(await s.page.locator(".job").count(), 100);
  await s.page.getByRole("button", { name: "Show 100 more of 10000 jobs" }).click();
  await until("there are more", async () => (await s.page.locator(".job").count()) === 200);
  await s.page.getByLabel("Filter by name").fill("many-9999.bin");
  await until("one is left", async () => (await s.page.locator(".job").count()) === 1);
  await s.shows("many-9999.bin", "paused");
});
