import { createSocket } from "node:dgram";
import { once } from "node:events";
import { type AddressInfo, createServer } from "node:net";
import { describe, expect, it } from "vitest";
import { UsageError } from "../usage-error.ts";
import { checkPorts, type PortOptions, portAt } from "./port-plan.ts";

const ANY: PortOptions = {
  peerCount: 3,
  trackerPort: 0,
  mediaServerPort: undefined,
  startPeerPort: 0,
  startStreamingPort: 0,
};

async function problemOf(options: Partial<PortOptions>): Promise<string> {
  const error: unknown = await checkPorts({ ...ANY, ...options }).catch((reason) => reason);
  expect(error).toBeInstanceOf(UsageError);
  return (error as UsageError).message;
}

describe("the ports of a swarm", () => {
  it("are consecutive, or any", () => {
    expect([0, 1, 2].map((index) => portAt(23_000, index))).toEqual([23_000, 23_001, 23_002]);
    expect([0, 1].map((index) => portAt(0, index))).toEqual([0, 0]);
  });

  it("may all be left to the system", async () => {
    await checkPorts(ANY);
    await checkPorts({ ...ANY, mediaServerPort: 0 });
  });

  it("have to exist", async () => {
    expect(await problemOf({ startPeerPort: 65_534 })).toBe(
      "--start-peer-port 65534 needs ports up to 65536, and there are 65535; start at 65533 or below",
    );
  });

  it.each([
    [{ trackerPort: 23_102, startStreamingPort: 23_100 }, "--tracker-port and --start-streaming"],
    [{ trackerPort: 23_100, mediaServerPort: 23_100 }, "--tracker-port and --media-server-port"],
  ])("are for one each: %j", async (options, problem) => {
    expect(await problemOf(options)).toContain(problem);
  });

  it("may be the same for UDP and TCP", async () => {
    await checkPorts({ ...ANY, startPeerPort: 23_110, startStreamingPort: 23_110 });
  });

  it("have to be free: TCP", async () => {
    const server = createServer().listen(0, "127.0.0.1");
    await once(server, "listening");
    const { port } = server.address() as AddressInfo;
    expect(await problemOf({ startStreamingPort: port - 2 })).toBe(
      `TCP port ${port} is in use; stop what uses it or choose another with --start-streaming-port`,
    );
    server.close();
  });

  it("have to be free: UDP", async () => {
    const socket = createSocket("udp4").bind(0, "127.0.0.1");
    await once(socket, "listening");
    const { port } = socket.address();
    expect(await problemOf({ peerCount: 1, startPeerPort: port })).toContain(
      `UDP port ${port} is in use; stop what uses it or choose another with --start-peer-port`,
    );
    socket.close();
  });
});
