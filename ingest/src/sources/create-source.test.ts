import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { describe, expect, it } from "vitest";
import { LIVE_AHEAD_MS, SLICE_BYTES } from "../source.ts";
import { SourceReader } from "../testing/source-reader.ts";
import { createSource, sources } from "./create-source.ts";

const clip = fileURLToPath(new URL("../../clip/pattern.m2ts", import.meta.url));

describe("what --input may name", () => {
  it.each([
    ["tcp://127.0.0.1:3000", LIVE_AHEAD_MS],
    ["tcp://encoder.example:3000", LIVE_AHEAD_MS],
    ["tcp://[::1]:3000", LIVE_AHEAD_MS],
    ["tcp-listen://0.0.0.0:3000", LIVE_AHEAD_MS],
    ["tcp-listen://127.0.0.1:0", LIVE_AHEAD_MS],
    ["-", LIVE_AHEAD_MS],
    [clip, 0],
    ["test://pattern", 0],
  ])("takes %s", (input, aheadMs) => {
    expect(createSource(input)).toMatchObject({ name: input, aheadMs });
  });

  it.each([
    "",
    "gopher://127.0.0.1:70",
    "file:///tmp/media.ts",
    "constructor://x:1",
    "test://other",
  ])("refuses %j in one line that names what there is", (input) => {
    const forms = sources.kinds.map(({ form }) => form).join(", ");
    const message = `unsupported input ${JSON.stringify(input)}; supported are ${forms}`;
    expect(forms).toContain("tcp://HOST:PORT, tcp-listen://HOST:PORT");
    expect(() => createSource(input)).toThrow(
      expect.objectContaining({ code: "input-unsupported", message }),
    );
  });

  it.each([
    ["tcp://127.0.0.1", "tcp://HOST:PORT"],
    ["tcp://127.0.0.1:0", "tcp://HOST:PORT"],
    ["tcp://127.0.0.1:70000", "tcp://HOST:PORT"],
    ["tcp://:3000", "tcp://HOST:PORT"],
    ["tcp-listen://", "tcp-listen://HOST:PORT"],
    ["tcp://127.0.0.1:3000/path", "tcp://HOST:PORT"],
    ["tcp://user@127.0.0.1:3000", "tcp://HOST:PORT"],
  ])("refuses %j in one line that says what is needed", (input, form) => {
    const message = `unsupported input ${JSON.stringify(input)}; needed is ${form}`;
    expect(() => createSource(input)).toThrow(
      expect.objectContaining({ code: "input-unsupported", message }),
    );
  });

  it("refuses to loop what cannot be played again", () => {
    for (const input of ["-", "tcp://127.0.0.1:3000"]) {
      expect(() => createSource(input, { loop: true })).toThrow(/only a file can loop/);
    }
    expect(createSource("test://pattern", { loop: true }).name).toBe("test://pattern");
  });

  it("refuses a file that is not there, and a folder", () => {
    expect(() => createSource("nowhere/media.ts")).toThrow(
      "cannot read input nowhere/media.ts: no such file",
    );
    expect(() => createSource(".")).toThrow("cannot read input .: is a folder");
  });
});

it("plays the built-in clip without end", async () => {
  const bytes = readFileSync(clip);
  const reader = new SourceReader(createSource("test://pattern"));
  for (let round = 0; round < 3; round++) {
    expect(await reader.expect("start")).toEqual({ type: "start", description: "test://pattern" });
    expect((await reader.bytes(bytes.length)).equals(bytes)).toBe(true);
  }
  await reader.expect("start");
  expect((await reader.expect("bytes")).bytes.length).toBe(SLICE_BYTES);
  await reader.abort();
});
