import { afterEach, describe, expect, it } from "vitest";
import { linkConformance } from "../conformance/index.ts";
import { openPair } from "../conformance/link-pair.ts";
import { freeUdpPort, UdpPortError } from "../udp/index.ts";
import { nodeLinks } from "./index.ts";

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
    await run({ dialer: links(), answerer: links(await anyPort()) });
  });

  it("carries twenty links at once over the port it was given", async () => {
    const port = await anyPort();
    const rig = { dialer: links(), answerer: links(port) };
    const pairs = await Promise.all(Array.from({ length: 20 }, () => openPair(rig)));
    for (const { dial } of pairs) dial.link.send(Uint8Array.of(1));
    for (const { answer } of pairs) {
      await answer.until("a message", () => answer.messages.length === 1);
    }
    await expect(freeUdpPort({ port, bindAddress })).rejects.toEqual(
      new UdpPortError("port-in-use"),
    );
  });

  it("carries links of several factories over one port", async () => {
    const port = await anyPort();
    const [first, second] = [links(port), links(port)];
    const pairs = [
      await openPair({ dialer: links(), answerer: first }),
      await openPair({ dialer: links(), answerer: second }),
    ];
    first.close();
    await pairs[0]?.dial.until("close", () => pairs[0]?.dial.closeReason === "closed-there");
    pairs[1]?.dial.link.send(Uint8Array.of(1));
    await pairs[1]?.answer.until("a message", () => pairs[1]?.answer.messages.length === 1);
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

it("says of an address that is none of this machine's that it is not to be had", async () => {
  await expect(freeUdpPort({ port: 0, bindAddress: "203.0.113.9" })).rejects.toEqual(
    new UdpPortError("address-unavailable"),
  );
});

function anyPort(): Promise<number> {
  return freeUdpPort({ port: 0, bindAddress });
}
