// SPDX-License-Identifier: MIT
// The Hub's own JavaScript client looks at the cache that haul wrote, and fetches from the fake Hub,
// so that both are known to be what they claim.
//     node check.mjs HUB CACHE REPO COMMIT
import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { readFile, realpath } from "node:fs/promises";
import { join } from "node:path";
import {
  downloadFile,
  downloadFileToCacheDir,
  listFiles,
  modelInfo,
  scanCacheDir,
  snapshotDownload,
} from "@huggingface/hub";

const [hubUrl, cacheDir, repo, commit] = process.argv.slice(2);
const accessToken = "hf_checkcheckcheck";
const requests = [];

function counting(url, options) {
  requests.push(new URL(url).pathname);
  return fetch(url, options);
}

const hub = { repo, hubUrl, accessToken, fetch: counting };

async function list() {
  const files = [];
  for await (const entry of listFiles({ ...hub, revision: commit, recursive: true }))
    if (entry.type === "file") files.push(entry);
  return files;
}

// The name of a blob is the digest of its bytes: SHA-256, or git's of a small file.
function etag(bytes, large) {
  return large
    ? createHash("sha256").update(bytes).digest("hex")
    : createHash("sha1").update(`blob ${bytes.length}\0`).update(bytes).digest("hex");
}

const info = await modelInfo({ ...hub, name: repo, revision: "main", additionalFields: ["sha"] });
assert.equal(info.sha, commit);
const files = await list();
assert.ok(files.length > 3);

const scan = await scanCacheDir(cacheDir);
assert.deepEqual(scan.warnings, []);
assert.equal(scan.repos.length, 1);
assert.deepEqual(scan.repos[0].id, { name: repo, type: "model" });
assert.equal(scan.repos[0].revisions.length, 1);
assert.equal(scan.repos[0].revisions[0].commitOid, commit);
assert.deepEqual(scan.repos[0].revisions[0].refs, ["main"]);

requests.length = 0;
for (const file of files) {
  const path = await downloadFileToCacheDir({ ...hub, cacheDir, path: file.path, revision: commit });
  const blob = await realpath(path);
  const name = file.lfs ? file.lfs.oid : file.oid;
  assert.equal(blob, join(await realpath(cacheDir), `models--${repo.replace("/", "--")}`, "blobs", name));
  const bytes = await readFile(path);
  assert.equal(bytes.length, file.size);
  assert.equal(etag(bytes, Boolean(file.lfs)), name);
}
assert.deepEqual(requests, [], "every file was there");

const snapshot = await snapshotDownload({ ...hub, cacheDir });
assert.ok(snapshot.endsWith(join("snapshots", commit)));
assert.ok(requests.every((path) => path.startsWith("/api/models/")), "no file was asked for");

for (const file of files.filter((f) => f.size > 0)) {
  const blob = await downloadFile({ ...hub, path: file.path, revision: commit });
  const bytes = Buffer.from(await blob.arrayBuffer());
  assert.equal(etag(bytes, Boolean(file.lfs)), file.lfs ? file.lfs.oid : file.oid);
}
console.log(`${files.length} files`);
