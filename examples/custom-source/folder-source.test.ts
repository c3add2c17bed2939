import { execFile } from "node:child_process";
import { copyFileSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { createSource, packagedEvents, TsPackager } from "livemesh/ingest";
import { afterAll, expect, it } from "vitest";
import "./folder-source.mjs";

const root = fileURLToPath(new URL("../../", import.meta.url));
const clip = path.join(root, "ingest", "clip", "pattern.m2ts");
const folder = mkdtempSync(path.join(tmpdir(), "livemesh-folder-"));
afterAll(() => rmSync(folder, { recursive: true }));

it("a source from outside plays the files of a folder through the packager", async () => {
  for (const name of ["b.ts", "a.ts"]) copyFileSync(clip, path.join(folder, name));
  const abort = new AbortController();
  const { signal } = abort;
  const source = createSource(`folder:${folder}`);
  const sizeBytes = readFileSync(clip).length;
  const started: string[] = [];
  let readBytes = 0;
  for await (const event of source.events(signal)) {
    if (event.type === "start") started.push(event.description);
    if (event.type === "bytes") readBytes += event.bytes.length;
    if (started.length === 3) abort.abort();
  }
  expect(started).toEqual(["a.ts", "b.ts", "a.ts"]);
  expect(readBytes).toBe(2 * sizeBytes);

  const packaging = new AbortController();
  const packager = new TsPackager({ chunkMs: 200 });
  const kinds = new Set<string>();
  for await (const event of packagedEvents(source, packager, { signal: packaging.signal })) {
    if (event.type === "chunk") kinds.add(event.chunk.kind);
    if (kinds.size === 2) packaging.abort();
  }
});

it("says in one line what is wrong with its folder", async () => {
  const source = createSource("folder:nowhere");
  const events = source.events(new AbortController().signal)[Symbol.asyncIterator]();
  await expect(events.next()).rejects.toMatchObject({
    code: "input-unreadable",
    message: "there are no .ts files in nowhere",
  });
});

it("is an input of the livemesh command once it is imported", async () => {
  const module = path.join(root, "examples", "custom-source", "folder-source.mjs");
  const args = ["--import", module, path.join(root, "bin", "livemesh.js"), "serve", "--help"];
  const { stdout } = await promisify(execFile)(process.execPath, args);
  expect(stdout).toMatch(/^ {2}folder:PATH +the \.ts files of a folder/m);
});
