import { chmodSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterAll, afterEach, expect, it, vi } from "vitest";
import { createSource } from "../sources/create-source.ts";
import { findFfmpeg, isTooOld } from "./find-ffmpeg.ts";

const folder = mkdtempSync(path.join(tmpdir(), "livemesh-ffmpeg-"));
afterAll(() => rmSync(folder, { recursive: true }));
afterEach(() => vi.unstubAllEnvs());

/** A program that says this when it is run. */
function program(name: string, says: string): string {
  const file = path.join(folder, name);
  writeFileSync(file, `#!/bin/sh\necho "${says}"\n`);
  chmodSync(file, 0o755);
  return file;
}

it.each([
  ["4.2.9", true],
  ["3.4.11-0ubuntu0.1", true],
  ["4.3", false],
  ["5.1.9-0+deb12u1", false],
  ["n7.1", false],
  ["N-109542-g0a6d8c2", false],
  ["2024-05-02-git-71669f2ad5-full_build", false],
])("version %s is too old: %s", (version, expected) => {
  expect(isTooOld(version)).toBe(expected);
});

it("says what works without ffmpeg, and how to install it", () => {
  vi.stubEnv("PATH", folder);
  const input = "rtmp://127.0.0.1:1935/live/s3cret";
  expect(() => createSource(input)).toThrow(
    expect.objectContaining({
      code: "ffmpeg-missing",
      message: expect.stringMatching(
        /^rtmp:\/\/127\.0\.0\.1:1935\/live\/\*\*\* needs ffmpeg 4\.3 or newer, and there is none on PATH: install it \(apt-get install ffmpeg, .*\) or name one with --ffmpeg PATH; without it these inputs work: tcp:\/\/HOST:PORT, .*test:\/\/pattern/,
      ),
    }),
  );
  expect(() => createSource("tcp://127.0.0.1:1")).not.toThrow();
});

it("takes the one it is told to, if that is one and new enough", () => {
  const find = (wanted: string) => findFfmpeg({ wanted, input: "x:", otherForms: ["y:"] });
  const fresh = program("fresh", "ffmpeg version 6.0 Copyright");
  expect(find(fresh)).toBe(fresh);
  const old = program("old", "ffmpeg version 4.1.2 Copyright");
  expect(() => find(old)).toThrow(/^x: needs ffmpeg 4\.3 or newer, and .*old is 4\.1\.2: install/);
  expect(() => find(program("other", "hello"))).toThrow(/other is no ffmpeg: install/);
  expect(() => find(path.join(folder, "none"))).toThrow(/none is no program: install/);
  expect(() => find(folder)).toThrow(/is no program: install/);
});
