// SPDX-License-Identifier: MIT
// All tests, in one process: they share the browser.
import "./test_modules.mjs";
import "./test_page.mjs";
import "./test_look.mjs";
import "./test_told.mjs";
