import { createSocket } from "node:dgram";
import { afterEach, describe, expect, it } from "vitest";
import { linkConformance } from "../conformance/index.ts";
import { openPair } from "../conformance/link-pair.ts";
import { isUdpPortFree, nodeLinks } from "./index.ts";

const bindAddress = "127.0.0.1";
const open: { close(): void }[] = [];

function links(port?: number) {
  const factory = nodeLinks({ bindAddress, ...(port === undefined ? {} : { port }) });
  open.push(factory);
  return factory;
}

afterEach(() => {
  for (const factory of open.splice(0)) factory.close();
});

describe("node links", () => {
  it.each(linkConformance)("$name", async ({ run }) => {
    await run({ dialer: links(), answerer: links() });
  });
});

describe("node links on one UDP port", () => {
  it.each(linkConformance)("$name", async ({ run }) => {
    await run({ dialer: links(), answerer: links(await freeUdpPort()) });
  });

  it("carries twenty links at once over the port it was given", async () => {
    const port = await freeUdpPort();
    const rig = { dialer: links(), answerer: links(port) };
    const pairs = await Promise.all(Array.from({ length: 20 }, () => openPair(rig)));
    for (const { dial } of pairs) dial.link.send(Uint8Array.of(1));
    for (const { answer } of pairs) {
      await answer.until("a message", () => answer.messages.length === 1);
    }
    expect(await isUdpPortFree(port, bindAddress)).toBe(false);
  });
});

it("ends all its links when the factory is closed", async () => {
  const rig = { dialer: links(), answerer: links() };
  const pairs = [await openPair(rig), await openPair(rig)];
  rig.answerer.close();
  for (const { dial, answer } of pairs) {
    await dial.until("close", () => dial.closeReason === "closed-there");
    await answer.until("close", () => answer.closeReason === "closed-here");
  }
});

it("closes the link whose owner throws, says so, and keeps the process", async () => {
  const errors: unknown[] = [];
  const answerer = nodeLinks({ bindAddress, onError: (error) => errors.push(error) });
  open.push(answerer);
  const { dial, answer } = await openPair({ dialer: links(), answerer });
  answer.onEvent = ({ type }) => {
    if (type === "message") throw new Error("a bug in the owner");
  };
  dial.link.send(Uint8Array.of(1));
  await answer.until("close", () => answer.closeReason === "failed");
  expect(errors).toEqual([new Error("a bug in the owner")]);
});

it("tells whether a UDP port is free", async () => {
  const port = await freeUdpPort();
  expect(await isUdpPortFree(port, bindAddress)).toBe(true);
  const socket = createSocket("udp4");
  await new Promise<void>((resolve) => socket.bind(port, bindAddress, resolve));
  expect(await isUdpPortFree(port, bindAddress)).toBe(false);
  await new Promise<void>((resolve) => socket.close(resolve));
});

function freeUdpPort(): Promise<number> {
  return new Promise((resolve) => {
    const socket = createSocket("udp4");
    socket.bind(0, bindAddress, () => {
      const { port } = socket.address();
      socket.close(() => resolve(port));
    });
  });
}
