import { expect, it } from "vitest";
import { encodePeerMessage, type PeerMessage } from "#protocol";
import { TestPublisher } from "../testing/test-publisher.ts";
import { MessageCodec } from "./message-codec.ts";

it("encodes a message once, and a block once for all who get it", () => {
  const codec = new MessageCodec();
  const ping: PeerMessage = { type: "ping", token: 1 };
  expect(codec.encode(ping)).toBe(codec.encode(ping));
  const block = new TestPublisher().block();
  const first = codec.encode({ type: "block", block });
  expect(codec.encode({ type: "block", block })).toBe(first);
  expect(first).toEqual(encodePeerMessage({ type: "block", block }));
});

it("passes a block on as the very bytes it came in", () => {
  const codec = new MessageCodec();
  const bytes = encodePeerMessage({ type: "block", block: new TestPublisher().block() });
  const message = codec.decode(bytes);
  if (message === "unknown" || message === "bad") throw new Error(message);
  expect(codec.encode(message)).toBe(bytes);
});

it("tells messages of later versions from bytes that are none", () => {
  const codec = new MessageCodec();
  expect(codec.decode(Uint8Array.of(255, 1, 2))).toBe("unknown");
  expect(codec.decode(new Uint8Array(0))).toBe("bad");
  expect(codec.decode(Uint8Array.of(2, 0))).toBe("bad");
});
