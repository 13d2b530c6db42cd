// SPDX-License-Identifier: MIT
// Names that a server could send to harm who looks at them, and how to see that they did not.
import assert from "node:assert/strict";

export const HOSTILE = [
  `<img src=x onerror="window.pwned=1;alert(1)">`,
  `"><script>window.pwned=1</script>`,
  "'-alert(1)-'",
  "javascript:alert(1)",
  "{{7*7}}${window.pwned=1}",
  "gpj.\u202efdp.exe", // RIGHT-TO-LEFT OVERRIDE makes it look like exe.pdf.jpg
  "😀 gift.bin",
];

/** What of a name is to be seen. */
export function shown(name) {
  return name.replace("\u202e", "\ufffd");
}

export function watchForScripts(s) {
  return s.page
    .addInitScript(() => {
      window.violations = [];
      addEventListener("securitypolicyviolation", (event) =>
        window.violations.push(event.violatedDirective),
      );
    })
    .then(() => s.page.reload());
}

/** Besides what every test checks: no dialog, no error, no word on the console. */
export async function checkNoScripts(s) {
  const found = await s.page.evaluate(() => ({
    pwned: window.pwned,
    violations: window.violations,
    images: document.querySelectorAll("img").length,
    scripts: document.querySelectorAll("script").length,
    handlers: document.querySelectorAll("[onerror], [onload], [onclick]").length,
  }));
  assert.deepEqual(found, {
    pwned: undefined,
    violations: [],
    images: 1,
    scripts: 1,
    handlers: 0,
  });
}
