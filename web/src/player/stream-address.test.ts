import { describe, expect, it } from "vitest";
import { parseStreamAddress, watchUrl } from "./stream-address.ts";

const ID = "abcdefghijklmnopqrstuvwxyz234567";
const PAGE = "https://blog.example/posts/7?x=1";

describe("parseStreamAddress", () => {
  it.each([
    ["a watch URL of another server", `https://live.example:8443/watch/${ID}`],
    ["one with a slash, a query and a fragment", `https://live.example:8443/watch/${ID}/?a=1#t`],
  ])("takes %s", (_name, src) => {
    expect(parseStreamAddress(src, PAGE)).toEqual({
      streamId: ID,
      serverUrl: "https://live.example:8443",
    });
  });

  it.each([
    ["a stream id", ID],
    ["a relative watch URL", `/watch/${ID}`],
    ["white space around it", ` ${ID}\n`],
  ])("takes %s as the page's own server", (_name, src) => {
    expect(parseStreamAddress(src, PAGE)).toEqual({
      streamId: ID,
      serverUrl: "https://blog.example",
    });
  });

  it.each([
    "",
    "hello",
    ID.slice(1),
    `${ID.slice(1)}0`,
    `https://live.example/${ID}`,
    "https://live.example/watch/",
    `ftp://live.example/watch/${ID}`,
    `javascript:alert(1)//watch/${ID}`,
  ])("refuses %j and says what is allowed", (src) => {
    expect(() => parseStreamAddress(src, PAGE)).toThrow(/src must be a watch URL/);
  });

  it("is undone by watchUrl", () => {
    const src = `http://127.0.0.1:8080/watch/${ID}`;
    expect(watchUrl(parseStreamAddress(src, PAGE))).toBe(src);
  });
});
