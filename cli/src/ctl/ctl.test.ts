import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pino } from "pino";
import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";
import { HeadlessPeer } from "#node-peer";
import type { ControlStream, MeshPicture } from "#protocol/control";
import { createProgram } from "../program.ts";
import { type RunningStreamServer, startServer } from "../serve-command.ts";
import { singleStream } from "../testing/single-stream.ts";

const log = pino({ level: "silent" });
const PATIENCE = { timeout: 20_000, interval: 250 };

/** What `livemesh ctl …` prints. */
async function ctl(url: string, line: string): Promise<string> {
  let printed = "";
  const write = vi.spyOn(process.stdout, "write").mockImplementation((text) => {
    printed += text;
    return true;
  });
  try {
    const words = ["ctl", ...line.split(" "), "--server", url];
    await createProgram({} as never).parseAsync(words, { from: "user" });
  } finally {
    write.mockRestore();
  }
  return printed;
}

describe("livemesh ctl at a server with two peers", () => {
  let folder: string;
  let server: RunningStreamServer;
  let url: string;
  let stream: string;
  let peers: HeadlessPeer[];

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), "livemesh-ctl-"));
    server = await startServer({ ...singleStream(folder), graceSec: 60 });
    url = `http://127.0.0.1:${server.port}`;
    stream = server.streams.reports[0]?.streamId ?? "";
    const join_ = () =>
      HeadlessPeer.start({
        port: 0,
        ip: "127.0.0.1",
        watchUrl: `${url}/watch/${stream}`,
        uploadBps: 10_000_000,
        latencyMs: 1000,
        isRelay: true,
        streaming: undefined,
        outputs: [],
        log,
      } as never);
    peers = await Promise.all([join_(), join_()]);
  });

  afterAll(async () => {
    await Promise.all(peers.map((peer) => peer.close()));
    await server.close();
    await rm(folder, { recursive: true });
  });

  const picture = async () => JSON.parse(await ctl(url, `mesh ${stream} --json`)) as MeshPicture;
  const described = async () =>
    (JSON.parse(await ctl(url, "streams --json")) as ControlStream[])[0];

  it("lists the stream, and shows its mesh: who is fed by the seeder, and who by a peer", async () => {
    expect(await ctl(url, "streams")).toContain(stream);
    await expect
      .poll(async () => {
        const { links, peers: told } = await picture();
        const seeder = told.find(({ role }) => role === "seeder")?.peerId;
        return links.filter(({ stripes }) => stripes > 0).map(({ from }) => from === seeder);
      }, PATIENCE)
      .toEqual(expect.arrayContaining([true]));
    const { peers: told } = await picture();
    const table = await ctl(url, `mesh ${stream.slice(0, 8)}`);
    for (const { peerId } of told) expect(table).toContain(peerId);
    expect(await ctl(url, `peer ${stream} ${told[0]?.peerId}`)).toContain("neighbor");
  });

  it("throttles one peer, and no more than it is told to", async () => {
    const viewers = (await picture()).peers.filter(({ role }) => role === "viewer");
    const [one, other] = viewers.map(({ peerId }) => peerId);
    await ctl(url, `throttle ${stream} ${one} --upload 0.1 --for 60`);
    const budget = async (peerId?: string) =>
      (await picture()).peers.find((peer) => peer.peerId === peerId)?.uplink.budgetBps;
    await expect.poll(() => budget(one), PATIENCE).toBe(100_000);
    expect(await budget(other)).toBeGreaterThan(100_000);
    await ctl(url, `free ${stream} ${one}`);
    await expect.poll(() => budget(one), PATIENCE).toBeGreaterThan(100_000);
  });

  it("takes a peer out of the mesh, which goes on from the origin", async () => {
    const [one] = (await picture()).peers.filter(({ role }) => role === "viewer");
    await ctl(url, `away ${stream} ${one?.peerId} --for 60`);
    await expect
      .poll(async () => {
        const told = (await picture()).peers.find(({ peerId }) => peerId === one?.peerId);
        return [told?.neighborCount, (told?.bps.origin ?? 0) > 0];
      }, PATIENCE)
      .toEqual([0, true]);
    await ctl(url, `free ${stream} ${one?.peerId}`);
  });

  it("changes the length of chunks while the stream runs, and back", async () => {
    await ctl(url, `tune ${stream} pushShare=0.7 --chunk-ms 400`);
    await expect.poll(async () => (await described())?.chunkMs, PATIENCE).toBe(400);
    expect(await ctl(url, `tune ${stream}`)).toContain("no experiment");
    await expect.poll(async () => (await described())?.chunkMs, PATIENCE).toBe(200);
  });

  it("sets what is watched for", async () => {
    expect(await ctl(url, "alerts --offload-below 0.8 --hold 5")).toContain("offload below 80%");
    expect(await ctl(url, "alerts")).toContain("holds for 5 s");
  });

  it.each([
    ["mesh zzz", 'no stream begins with "zzz"'],
    [`tune x pushShrae=1`, "name=value is needed"],
    ["alerts --offload-below 2", "a number from 0 to 1 is needed"],
  ])("says of `%s` what is wrong in one line", async (line, problem) => {
    await expect(ctl(url, line)).rejects.toThrow(problem);
  });

  it("says where it looked when nobody answers", async () => {
    await expect(ctl("http://127.0.0.1:9", "streams")).rejects.toThrow(
      "no tracker answers at http://127.0.0.1:9",
    );
  });
});
