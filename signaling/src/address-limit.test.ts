import type { IncomingMessage } from "node:http";
import { describe, expect, it } from "vitest";
import { AddressLimit, addressOf } from "./address-limit.ts";

function request(forwarded?: string): IncomingMessage {
  const headers = forwarded === undefined ? {} : { "x-forwarded-for": forwarded };
  return { headers, socket: { remoteAddress: "10.0.0.1" } } as unknown as IncomingMessage;
}

describe("AddressLimit", () => {
  it("is over with the socket after the last allowed one, of that address only", () => {
    const limit = new AddressLimit({ perAddress: 2, perLoopbackAddress: 3 });
    limit.opened("10.0.0.1");
    limit.opened("10.0.0.1");
    expect(limit.isOver("10.0.0.1")).toBe(false);
    limit.opened("10.0.0.1");
    expect(limit.isOver("10.0.0.1")).toBe(true);
    expect(limit.isOver("10.0.0.2")).toBe(false);
    limit.closed("10.0.0.1");
    expect(limit.isOver("10.0.0.1")).toBe(false);
  });

  it("admits a few above it, to be told that they are, and no more", () => {
    const limit = new AddressLimit({ perAddress: 2, perLoopbackAddress: 3 });
    for (let open = 0; open < 18; open++) {
      expect(limit.admits("10.0.0.1", 0)).toBe(true);
      limit.opened("10.0.0.1");
    }
    expect(limit.admits("10.0.0.1", 0)).toBe(false);
    expect(limit.admits("10.0.0.2", 0)).toBe(true);
  });

  it("admits 120 at once that come and go, then two a second, and those of this machine always", () => {
    const limit = new AddressLimit({ perAddress: 200, perLoopbackAddress: 200 });
    const admitted = (address: string, nowMs: number) => {
      let count = 0;
      for (let i = 0; i < 500; i++) if (limit.admits(address, nowMs)) count++;
      return count;
    };
    expect(admitted("10.0.0.1", 0)).toBe(120);
    expect(admitted("10.0.0.1", 3000)).toBe(6);
    expect(admitted("10.0.0.2", 3000)).toBe(120);
    expect(admitted("127.0.0.1", 3000)).toBe(500);
  });

  it.each(["127.0.0.1", "::1", "::ffff:127.0.0.1"])("has another bound for %s", (address) => {
    const limit = new AddressLimit({ perAddress: 0, perLoopbackAddress: 1 });
    limit.opened(address);
    expect(limit.isOver(address)).toBe(false);
    limit.opened(address);
    expect(limit.isOver(address)).toBe(true);
  });
});

describe("addressOf", () => {
  it("believes a forwarded address only behind a proxy, and only what the proxy wrote", () => {
    expect(addressOf(request("1.1.1.1"), false)).toBe("10.0.0.1");
    expect(addressOf(request("6.6.6.6, 1.1.1.1"), true)).toBe("1.1.1.1");
    expect(addressOf(request(), true)).toBe("10.0.0.1");
  });
});
