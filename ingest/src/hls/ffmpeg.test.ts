import { execFile, execFileSync } from "node:child_process";
import { promisify } from "node:util";
import Fastify, { type FastifyInstance } from "fastify";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type Feed, feedPublisher } from "../feed-publisher.ts";
import { createIdentity } from "../identity.ts";
import { SILENT_INGEST_LOG } from "../ingest-log.ts";
import { OriginPoint } from "../origin.ts";
import { TsPackager } from "../packager/ts-packager.ts";
import { Publisher } from "../publisher.ts";
import { createSource } from "../sources/create-source.ts";

const run = promisify(execFile);
const hasFfmpeg = ["ffmpeg", "ffprobe"].every((program) => {
  try {
    execFileSync(program, ["-version"], { stdio: "ignore" });
    return true;
  } catch {
    return false;
  }
});

let app: FastifyInstance;
let feed: Feed;
let master: string;

beforeAll(async () => {
  const publisher = new Publisher({ identity: createIdentity(), title: "", chunkMs: 200 });
  app = Fastify({ forceCloseConnections: true });
  new OriginPoint(app).add(publisher);
  const url = await app.listen({ host: "127.0.0.1", port: 0 });
  master = `${url}/streams/${publisher.streamId}/hls/master.m3u8`;
  const source = createSource("test://pattern", { loop: true });
  const packager = new TsPackager({ chunkMs: 200 });
  feed = feedPublisher({ source, packager, publisher, log: SILENT_INGEST_LOG });
});

afterAll(async () => {
  await feed.close();
  await app.close();
});

describe.runIf(hasFfmpeg)("ffmpeg", () => {
  it("sees picture and sound, and plays them live without an error", async () => {
    const { stdout, stderr } = await run("ffprobe", [
      ...["-v", "error", "-show_entries", "stream=codec_name,width", "-of", "csv=p=0"],
      master,
    ]);
    expect(stderr).toBe("");
    expect(stdout).toContain("h264,640");
    expect(stdout).toContain("aac");
    const decoded = await run("ffmpeg", [
      "-v",
      "error",
      "-i",
      master,
      "-t",
      "4",
      "-f",
      "null",
      "-",
    ]);
    expect(decoded.stderr).toBe("");
  });
});

describe.skipIf(hasFfmpeg)("ffmpeg", () => {
  it.skip("is not tried: ffmpeg is not installed here", () => {});
});
