import { createSocket, type Socket } from "node:dgram";
import { networkInterfaces } from "node:os";
import { afterEach, describe, expect, it } from "vitest";
import { SourceReader } from "../testing/source-reader.ts";
import { createSource } from "./create-source.ts";
import { isMulticast } from "./multicast.ts";
import type { SourceOptions } from "./source-registry.ts";
import { rtpPacket } from "./testing/rtp-packet.ts";

const sockets: Socket[] = [];
const readers: SourceReader[] = [];
afterEach(async () => {
  for (const socket of sockets.splice(0)) socket.close();
  for (const reader of readers.splice(0)) await reader.abort();
});

async function listen(input: string, options: SourceOptions = {}) {
  const reader = new SourceReader(createSource(input, options));
  readers.push(reader);
  const { message } = await reader.expect("waiting");
  return { reader, message, port: Number(message.split(":").at(-1)) };
}

function sender(): Socket {
  const socket = createSocket("udp4");
  sockets.push(socket);
  return socket;
}

const [loopback] = Object.entries(networkInterfaces()).flatMap(([name, addresses = []]) =>
  addresses.some(({ address }) => address === "127.0.0.1") ? [name] : [],
);

describe("udp://", () => {
  it("takes what an encoder sends to the port", async () => {
    const { reader, message, port } = await listen("udp://127.0.0.1:0");
    expect(message).toMatch(/^waiting for an encoder on udp:\/\/127\.0\.0\.1:\d+$/);
    const encoder = sender();
    encoder.send("", port, "127.0.0.1");
    encoder.send("media", port, "127.0.0.1");
    expect((await reader.expect("start")).description).toMatch(/^encoder at 127\.0\.0\.1:\d+$/);
    expect((await reader.bytes(5)).toString()).toBe("media");
  });

  it.each(["lo", "127.0.0.1"])("joins a multicast group on the interface %s", async (name) => {
    const networkInterface = name === "lo" ? loopback : name;
    const { reader, port } = await listen("udp://239.255.77.7:0", { networkInterface });
    const encoder = sender();
    await new Promise<void>((resolve) => encoder.bind(0, "127.0.0.1", resolve));
    encoder.setMulticastInterface("127.0.0.1");
    encoder.send("group", port, "239.255.77.7");
    await reader.expect("start");
    expect((await reader.bytes(5)).toString()).toBe("group");
  });

  it("says which port is taken, and that an interface is not there", async () => {
    const { port } = await listen("udp://127.0.0.1:0");
    await expect(listen(`udp://127.0.0.1:${port}`)).rejects.toMatchObject({
      code: "port-in-use",
      message: `cannot listen on udp://127.0.0.1:${port}: port in use`,
    });
    await expect(listen("udp://239.255.77.7:0", { networkInterface: "none9" })).rejects.toThrow(
      /^no network interface "none9" with IPv4; there are .*lo/,
    );
    await expect(listen("udp://192.0.2.1:0")).rejects.toThrow(/not an address of this machine$/);
  });

  it("frees its port on abort, asked for more or not", async () => {
    const { reader, port } = await listen("udp://127.0.0.1:0");
    const next = reader.next();
    reader.abortOnly();
    expect(await next).toBeUndefined();
    expect((await listen(`udp://127.0.0.1:${port}`)).port).toBe(port);
  });
});

it("rtp:// puts packets in order, and goes on when one is missing for good", async () => {
  const { reader, port } = await listen("rtp://127.0.0.1:0");
  const encoder = sender();
  for (const sequence of [1, 3, 2, 5]) encoder.send(rtpPacket({ sequence }), port, "127.0.0.1");
  await reader.expect("start");
  expect([...(await reader.bytes(4))]).toEqual([1, 2, 3, 5]);
  expect((await reader.expect("warning")).message).toMatch(/: 1 datagrams were lost on the way$/);
});

it.each([
  ["224.0.0.1", true],
  ["239.255.255.255", true],
  ["240.0.0.1", false],
  ["192.0.2.1", false],
  ["ff02::1", true],
  ["fe80::1", false],
  ["encoder.example", false],
])("%s is a multicast group: %s", (host, expected) => {
  expect(isMulticast(host)).toBe(expected);
});
