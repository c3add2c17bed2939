import { describe, expect, it } from "vitest";
import { isLoopback, localUrl, serverUrls } from "./addresses.ts";

describe("addresses", () => {
  it("are the host's own, or all of this machine's", () => {
    expect(serverUrls("127.0.0.1", 8080)).toEqual(["http://127.0.0.1:8080"]);
    expect(serverUrls("::1", 80)).toEqual(["http://[::1]:80"]);
    const all = serverUrls("0.0.0.0", 8080);
    expect(all[0]).toBe("http://127.0.0.1:8080");
    expect(all).not.toContain("http://0.0.0.0:8080");
  });

  it("lead from here to here", () => {
    expect(localUrl("0.0.0.0", 1)).toBe("http://127.0.0.1:1");
    expect(localUrl("192.0.2.1", 1)).toBe("http://192.0.2.1:1");
  });

  it.each([
    ["127.0.0.1", true],
    ["localhost", true],
    ["::1", true],
    ["0.0.0.0", false],
    ["192.0.2.1", false],
  ])("%s is only for this machine: %s", (host, expected) => {
    expect(isLoopback(host)).toBe(expected);
  });
});
