import { describe, expect, it } from "vitest";
import { NodePeerError } from "./node-peer-error.ts";
import { parseWatchUrl } from "./watch-url.ts";

const ID = "hiaesqjxxjnvpy6wk76svkjcqesekgi5";

describe("a watch URL", () => {
  it.each([`http://127.0.0.1:8080/watch/${ID}`, `http://127.0.0.1:8080/watch/${ID}/?a=b#c`])(
    "says which stream and where: %s",
    (text) => {
      expect(parseWatchUrl(text)).toEqual({ streamId: ID, serverUrl: "http://127.0.0.1:8080" });
    },
  );

  it.each([
    "",
    ID,
    "nonsense",
    `ftp://a/watch/${ID}`,
    "http://a/watch/",
    "http://a/watch/short",
    `http://a/${ID}`,
    `http://a/watch/${ID}/b`,
    `http://a/watch/${"x".repeat(100_000)}`,
  ])("is refused in one short line: %.50s", (text) => {
    expect(() => parseWatchUrl(text)).toThrow(NodePeerError);
    expect(() => parseWatchUrl(text)).toThrow(/^[^\n]{20,300}$/);
  });
});
