import { createSocket } from "node:dgram";
import { once } from "node:events";
import { mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { type AddressInfo, createServer, type Socket } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { type PeerLog, SILENT_PEER_LOG } from "../peer-log.ts";
import type { Piece } from "../restream/piece.ts";
import { Restreamer } from "../restream/restreamer.ts";
import { until } from "../testing/until.ts";
import { outputs } from "./create-output.ts";
import type { Output, OutputOptions } from "./output.ts";

let folder: string;
let restreamer: Restreamer;
let said: string[];
let closers: (() => unknown)[];

const log: PeerLog = {
  ...SILENT_PEER_LOG,
  warn: (_fields, message) => said.push(message),
  error: (_fields, message) => said.push(message),
};

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "livemesh-outputs-"));
  restreamer = new Restreamer(SILENT_PEER_LOG);
  said = [];
  closers = [];
});

afterEach(async () => {
  for (const close of closers.reverse()) await close();
  rmSync(folder, { recursive: true });
});

function piece(n: number, isEntry: boolean, sizeBytes = 188): Piece {
  return { bytes: new Uint8Array(sizeBytes).fill(n), isEntry, startMs: n * 200 };
}

async function open(name: string, options?: OutputOptions): Promise<Output> {
  const output = outputs.create(name, options);
  await output.open({ restreamer, log, onReaderGone: () => {} });
  closers.push(() => output.close());
  return output;
}

describe("an output's name", () => {
  it.each([
    ["", "supported are -, file:NAME.mp4"],
    ["stdout", "supported are"],
    ["ftp://a:1", "supported are"],
    ["udp://host", "needed is udp://HOST:PORT"],
    ["udp://host:0", "needed is"],
    ["tcp://:5", "needed is tcp://HOST:PORT"],
    ["tcp://host:5/path", "needed is"],
    ["file:film", "the name of the file says the format: .ts, .m2ts, .mp4, .m4v"],
  ])("%j is refused in one line that says what is needed", (name, problem) => {
    expect(() => outputs.create(name)).toThrow(problem);
    expect(() => outputs.create(name)).toThrow(/^output ".*": [^\n]+$/);
  });

  it("may belong to a kind from outside", () => {
    expect(outputs.kinds.map(({ scheme }) => scheme)).toContain("tcp");
    expect(() => outputs.register({ ...outputs.kinds[0], scheme: "tcp" } as never)).toThrow(
      "are taken",
    );
  });
});

describe("a file", () => {
  it("holds the transport stream from the first key frame on", async () => {
    const output = await open(`file:${join(folder, "a.ts")}`);
    for (const [n, isEntry] of [false, true, false].entries()) {
      restreamer.ts.push(piece(n, isEntry, 2));
    }
    await output.close();
    expect([...readFileSync(join(folder, "a.ts"))]).toEqual([1, 1, 2, 2]);
  });

  it("is followed by another where an MP4 has to begin anew", async () => {
    const output = await open(`file:${join(folder, "a.mp4")}`);
    restreamer.mp4.restart(Uint8Array.of(10));
    restreamer.mp4.push(piece(1, true, 1));
    restreamer.mp4.restart(Uint8Array.of(20));
    restreamer.mp4.push(piece(2, false, 1));
    restreamer.mp4.push(piece(3, true, 1));
    await output.close();
    expect([...readFileSync(join(folder, "a.mp4"))]).toEqual([10, 1]);
    expect([...readFileSync(join(folder, "a-2.mp4"))]).toEqual([20, 3]);
  });

  it("of an earlier run is not emptied before there is something to put in", async () => {
    const path = join(folder, "a.ts");
    writeFileSync(path, "precious");
    const output = await open(`file:${path}`);
    restreamer.ts.push(piece(1, false));
    expect(readFileSync(path, "utf8")).toBe("precious");
    restreamer.ts.push(piece(2, true, 3));
    await output.close();
    expect([...readFileSync(path)]).toEqual([2, 2, 2]);
  });

  it("that cannot be written is said before anything begins", async () => {
    await expect(open(`file:${join(folder, "no", "a.ts")}`)).rejects.toThrow(
      "cannot be written: there is no such folder",
    );
  });

  it("on a full disk ends with one line, and nothing else does", async () => {
    const other = await open(`file:${join(folder, "b.ts")}`);
    const output = outputs.create(`file:${join(folder, "full.ts")}`);
    // A disk that is always full.
    symlinkSync("/dev/full", join(folder, "full.ts"));
    await output.open({ restreamer, log, onReaderGone: () => {} });
    restreamer.ts.push(piece(1, true));
    await until("the complaint", () => said.length > 0);
    restreamer.ts.push(piece(2, true));
    expect(said).toEqual(["recording stopped: the disk is full"]);
    await output.close();
    await other.close();
    expect(readFileSync(join(folder, "b.ts")).length).toBe(2 * 188);
  });
});

describe("udp", () => {
  it("sends datagrams of seven packets, all of them and in order", async () => {
    const receiver = createSocket("udp4").bind(0, "127.0.0.1");
    closers.push(() => receiver.close());
    await once(receiver, "listening");
    const datagrams: Buffer[] = [];
    receiver.on("message", (bytes) => datagrams.push(bytes));
    await open(`udp://127.0.0.1:${receiver.address().port}`);
    restreamer.ts.push(piece(9, false));
    restreamer.ts.push(piece(1, true, 188 * 100));
    restreamer.ts.push(piece(2, false, 188 * 3));
    const sizeOf = () => datagrams.reduce((sum, { length }) => sum + length, 0);
    await until("everything", () => sizeOf() === 188 * 103);
    const sizes = datagrams.map(({ length }) => length);
    expect(sizes).toEqual([...new Array(14).fill(1316), 188 * 2, 188 * 3]);
    expect(Buffer.concat(datagrams).indexOf(2)).toBe(18_800);
  });

  it("reaches a multicast group by the interface it was told", async () => {
    const receiver = createSocket({ type: "udp4", reuseAddr: true }).bind(0);
    closers.push(() => receiver.close());
    await once(receiver, "listening");
    receiver.addMembership("239.255.77.7", "127.0.0.1");
    const received = once(receiver, "message");
    const options = { ttl: 0, networkInterface: "127.0.0.1" };
    await open(`udp://239.255.77.7:${receiver.address().port}`, options);
    restreamer.ts.push(piece(5, true));
    expect((await received)[0]).toEqual(Buffer.alloc(188, 5));
  });

  it("says which interfaces there are when it is told another", async () => {
    await expect(open("udp://239.1.1.1:5000", { networkInterface: "nope0" })).rejects.toThrow(
      /no interface nope0; this machine has \w+/,
    );
  });
});

describe("tcp", () => {
  it("connects again when the receiver goes away, and begins at a key frame again", async () => {
    const connections: { socket: Socket; bytes: Buffer }[] = [];
    const server = createServer((socket) => {
      const connection = { socket, bytes: Buffer.alloc(0) };
      connections.push(connection);
      socket.on("data", (bytes) => {
        connection.bytes = Buffer.concat([connection.bytes, bytes]);
      });
    }).listen(0, "127.0.0.1");
    await once(server, "listening");
    closers.push(() => server.close());
    await open(`tcp://127.0.0.1:${(server.address() as AddressInfo).port}`);
    await until("the first", () => restreamer.ts.sinkCount === 1);
    restreamer.ts.push(piece(1, true, 1));
    restreamer.ts.push(piece(2, false, 1));
    await until("bytes", () => connections[0]?.bytes.length === 2);
    connections[0]?.socket.destroy();
    await until("the loss", () => restreamer.ts.sinkCount === 0);
    restreamer.ts.push(piece(3, true, 1));
    await until("the second", () => connections[1]?.bytes.length === 1);
    expect([...(connections[1]?.bytes ?? [])]).toEqual([3]);
    expect(said).toEqual(["output not reachable, trying on"]);
  });
});
