import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { PassThrough } from "node:stream";
import { afterAll, expect, it } from "vitest";
import { packagedEvents } from "../packaged-events.ts";
import { TsPackager } from "../packager/ts-packager.ts";
import type { Source } from "../source.ts";
import { FileSource } from "./file-source.ts";
import { StreamSource } from "./stream-source.ts";

const folder = mkdtempSync(path.join(tmpdir(), "livemesh-not-media-"));
afterAll(() => rmSync(folder, { recursive: true }));

/** What people are told of a source, from its beginning to its end. */
async function warnings(source: Source): Promise<string[]> {
  const found: string[] = [];
  const clock = { nowMs: () => 0, sleep: async () => {} };
  const { signal } = new AbortController();
  const packager = new TsPackager({ chunkMs: 200 });
  for await (const event of packagedEvents(source, packager, { clock, signal })) {
    if (event.type === "warning") found.push(event.message);
    expect(event.type).not.toBe("chunk");
  }
  return found;
}

it("a file that is no media is told of in one line", async () => {
  const file = path.join(folder, "letter.txt");
  writeFileSync(file, "Dear Sir or Madam,\n".repeat(20_000));
  const [message, ...more] = await warnings(new FileSource(file, { loop: false }));
  expect(message).toMatch(/^the input is no MPEG-TS but looks like .*; send MPEG-TS[^\n]*$/);
  expect(more).toEqual([]);
});

it("an empty file is told of in one line", async () => {
  const file = path.join(folder, "empty.ts");
  writeFileSync(file, "");
  await expect(warnings(new FileSource(file, { loop: false }))).rejects.toMatchObject({
    code: "input-unreadable",
    message: `cannot read input ${file}: is empty`,
  });
});

it("standard input that brings nothing, or one giant piece of nonsense, ends in order", async () => {
  const nothing = new PassThrough();
  nothing.end();
  expect(await warnings(new StreamSource("-", "standard input", () => nothing))).toEqual([]);
  const giant = new PassThrough();
  giant.end(Buffer.alloc(20_000_000, 0x55));
  const told = await warnings(new StreamSource("-", "standard input", () => giant));
  expect(told).toEqual([expect.stringMatching(/^the input is no MPEG-TS/)]);
});
