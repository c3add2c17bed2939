import { createHash } from "node:crypto";
import { describe, expect, it } from "vitest";
import { fromHex, streamIdFromKeyHash, toHex } from "#protocol";
import { openPublish, PublishRefused } from "./open-publish.ts";
import { TestPublisher } from "./testing/test-publisher.ts";

const publisher = new TestPublisher();
const stranger = new TestPublisher();

describe("openPublish", () => {
  it("believes the holder of the key", () => {
    const message = publisher.publishMessage("socket-1", { title: "Mine" });
    expect(openPublish(message, "socket-1")).toMatchObject({
      streamId: publisher.streamId,
      title: "Mine",
    });
  });

  const good = publisher.publishMessage("socket-1");
  const badPoint = `04${"11".repeat(64)}`;
  const offCurve = {
    publicKey: badPoint,
    streamId: streamIdFromKeyHash(createHash("sha256").update(fromHex(badPoint)).digest()),
  };
  const lies: [string, typeof good, RegExp][] = [
    ["a proof made for another connection", publisher.publishMessage("socket-2"), /proof/],
    ["somebody else's proof", { ...good, proof: stranger.proof("socket-1") }, /proof/],
    [
      "a changed title under the old signature",
      {
        ...good,
        descriptor: { ...good.descriptor, body: good.descriptor.body.replace("Te", "Ta") },
      },
      /signature/,
    ],
    [
      "somebody else's stream id",
      stranger.publishMessage("socket-1", { streamId: publisher.streamId }),
      /key does not belong/,
    ],
    [
      "somebody else's key with the signature of another",
      stranger.publishMessage("socket-1", {
        streamId: publisher.streamId,
        publicKey: toHex(publisher.publicKey),
      }),
      /signature/,
    ],
    ["a key that is no point", publisher.publishMessage("socket-1", offCurve), /P-256/],
    [
      "text that is no descriptor",
      { ...good, descriptor: { ...good.descriptor, body: "{" } },
      /JSON/,
    ],
  ];

  it.each(lies)("refuses %s", (_what, message, reason) => {
    expect(() => openPublish(message, "socket-1")).toThrow(PublishRefused);
    expect(() => openPublish(message, "socket-1")).toThrow(reason);
  });
});
