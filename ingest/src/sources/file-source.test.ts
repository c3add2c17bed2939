import { mkdtempSync, readdirSync, readlinkSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterAll, expect, it, vi } from "vitest";
import { SLICE_BYTES } from "../source.ts";
import { SourceReader } from "../testing/source-reader.ts";
import { FileSource } from "./file-source.ts";

const folder = mkdtempSync(path.join(tmpdir(), "livemesh-file-source-"));
afterAll(() => rmSync(folder, { recursive: true }));

function file(name: string, sizeBytes: number): string {
  const file = path.join(folder, name);
  writeFileSync(
    file,
    Uint8Array.from({ length: sizeBytes }, (_, i) => i % 251),
  );
  return file;
}

it("reads a file once, in slices of 7 packets", async () => {
  const name = file("once.ts", 2 * SLICE_BYTES + 100);
  const reader = new SourceReader(new FileSource(name, { loop: false }));
  expect(await reader.next()).toEqual({ type: "start", description: name });
  const sizes: number[] = [];
  for (let i = 0; i < 3; i++) sizes.push((await reader.expect("bytes")).bytes.length);
  expect(sizes).toEqual([SLICE_BYTES, SLICE_BYTES, 100]);
  expect(await reader.next()).toEqual({ type: "end", reason: `${name}: end of file` });
  expect(await reader.next()).toBeUndefined();
});

it("refuses to loop an empty file instead of spinning", async () => {
  const name = file("empty.ts", 0);
  const reader = new SourceReader(new FileSource(name, { loop: true }));
  await reader.expect("start");
  await expect(reader.next()).rejects.toMatchObject({
    code: "input-unreadable",
    message: `cannot read input ${name}: is empty`,
  });
});

it("says so when a looped file is gone at the next round", async () => {
  const name = file("gone.ts", 10);
  const reader = new SourceReader(new FileSource(name, { loop: true }));
  await reader.expect("start");
  await reader.bytes(10);
  rmSync(name);
  await reader.expect("start");
  await expect(reader.next()).rejects.toThrow(`cannot read input ${name}: no such file`);
});

it.runIf(process.platform === "linux")(
  "closes the file on abort, asked for more or not",
  async () => {
    const name = file("closed.ts", 1000 * SLICE_BYTES);
    const isOpen = () =>
      readdirSync("/proc/self/fd").some((fd) => {
        try {
          return readlinkSync(`/proc/self/fd/${fd}`) === name;
        } catch {
          return false;
        }
      });
    const reader = new SourceReader(new FileSource(name, { loop: true }));
    await reader.expect("start");
    await reader.expect("bytes");
    expect(isOpen()).toBe(true);
    reader.abortOnly();
    await vi.waitUntil(() => !isOpen());
    expect(await reader.next()).toBeUndefined();
  },
);
