import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { homedir, tmpdir } from "node:os";
import path from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import { IngestError } from "../ingest-error.ts";
import { readStreamsFile } from "./streams-file.ts";

const shared = { chunkMs: 200, seederUploadBps: 50e6, seederCopies: 2, dvrMs: 60_000 };
const folder = mkdtempSync(path.join(tmpdir(), "livemesh-streams-"));
afterAll(() => rmSync(folder, { recursive: true }));

function read(json: unknown) {
  const file = path.join(folder, "streams.json");
  writeFileSync(file, typeof json === "string" ? json : JSON.stringify(json));
  return readStreamsFile(file, shared);
}

describe("a file of streams", () => {
  it("takes what it does not state from the command line, and paths from its own folder", () => {
    expect(
      read({
        streams: [
          { name: "hall" },
          {
            name: "loop",
            title: "Loop",
            input: "film.ts",
            loop: true,
            key: "loop.pem",
            record: "out",
            recordMax: "1GB",
            dvr: "15m",
            seederUpload: 2.5,
            seederCopies: 20,
          },
        ],
      }),
    ).toMatchObject([
      {
        name: "hall",
        settings: {
          ...shared,
          input: undefined,
          title: "hall",
          keyFile: path.join(homedir(), ".livemesh/streams/hall.pem"),
          recordDirectory: undefined,
        },
      },
      {
        name: "loop",
        settings: {
          input: path.join(folder, "film.ts"),
          title: "Loop",
          keyFile: path.join(folder, "loop.pem"),
          recordDirectory: path.join(folder, "out"),
          recordLimit: { maxBytes: 1e9 },
          dvrMs: 900_000,
          seederUploadBps: 2.5e6,
          seederCopies: 20,
        },
      },
    ]);
  });

  it.each([
    ["{", /: is no JSON: /],
    [[], ": Invalid input: expected object, received array"],
    [{ streams: {} }, ": streams: a list of streams is needed"],
    [{ streams: [{}] }, ": streams[0].name: a name is needed"],
    [{ streams: [{ name: "Town Hall" }] }, ": streams[0].name: a name is 1 to 40 of a-z 0-9 -"],
    [{ streams: [{ name: "a", inptu: "x" }] }, ': streams[0]: Unrecognized key: "inptu"'],
    [{ streams: [{ name: "a", transcode: "8k" }] }, /: streams\[0\]\.transcode: .*8k/],
    [{ streams: [{ name: "a", chunkMs: 5 }] }, /: streams\[0\]\.chunkMs: .*50/],
    [
      { streams: [{ name: "a", seederCopies: 0 }] },
      /: streams\[0\]\.seederCopies: .*from 1 to 250/,
    ],
    [
      { streams: [{ name: "a", dvr: "15" }] },
      ": streams[0].dvr: a time from 1m to 12h is needed, as in 15m",
    ],
    [
      { streams: [{ name: "a", recordMax: "lots" }] },
      /: streams\[0\]\.recordMax: a size from 100MB/,
    ],
    [
      { streams: [{ name: "a" }, { name: "b", input: "gopher://x" }] },
      /: streams\[1\]\.input: unsupported input "gopher:\/\/x"; supported are/,
    ],
    [
      { streams: [{ name: "a", input: "tcp://h:1", loop: true }] },
      /: streams\[0\]\.input: .*only a file can loop/,
    ],
    [{ streams: [{ name: "a", input: "-" }] }, /: streams\[0\]\.input: standard input is for/],
    [
      { streams: [{ name: "a", publishKey: "12345678" }] },
      ": streams[0].publishKey: only input publish:// has a publish key",
    ],
    [{ streams: [{ name: "a" }, { name: "a" }] }, ': streams[1].name: streams[0] has "a" already'],
    [
      {
        streams: ["a", "b"].map((name) => ({
          name,
          input: "publish://",
          publishKey: "12345678",
        })),
      },
      ": streams[1].publishKey: streams[0] has its publish key already",
    ],
  ])("%j is refused in one line with its place", (json, problem) => {
    const file = path.join(folder, "streams.json");
    const message =
      typeof problem === "string" ? `${file}${problem}` : expect.stringMatching(problem);
    let error: unknown;
    try {
      read(json);
    } catch (thrown) {
      error = thrown;
    }
    expect(error).toBeInstanceOf(IngestError);
    expect(error).toMatchObject({ code: "config-invalid", message });
    expect((error as Error).message).not.toContain("\n");
  });

  it("that is not there is said to be that", () => {
    expect(() => readStreamsFile(path.join(folder, "none.json"), shared)).toThrow(
      /none\.json: cannot be read: .*no such file/,
    );
  });
});
