import { describe, expect, it } from "vitest";
import { parseTrackerUrl, readTrackers, TRACKERS_MAX, withTracker } from "./trackers.ts";

describe("trackers a visitor adds", () => {
  it.each([
    ["live.example.org", "https://live.example.org"],
    [" https://live.example.org/watch/abc?x=1 ", "https://live.example.org"],
    ["http://10.0.0.7:8080", "http://10.0.0.7:8080"],
    ["localhost:8080", "http://localhost:8080"],
    ["127.0.0.1:9000", "http://127.0.0.1:9000"],
  ])("may be typed as %s", (typed, url) => expect(parseTrackerUrl(typed)).toBe(url));

  it.each(["", "  ", "javascript:alert(1)", "ftp://a.example", "https://a:b@c.example", "a b"])(
    "are refused when they are no server: %j",
    (typed) => expect(() => parseTrackerUrl(typed)).toThrow("no address of a server"),
  );

  it("are listed once, without this server, up to a limit", () => {
    const own = "https://me.example";
    expect(withTracker(["https://a.example"], "https://a.example", own)).toHaveLength(1);
    expect(withTracker([], own, own)).toEqual([]);
    const many = Array.from({ length: TRACKERS_MAX }, (_, i) => `https://t${i}.example`);
    expect(() => withTracker(many, "https://b.example", own)).toThrow("remove one first");
  });

  it("survive whatever stands in the browser's storage", () => {
    expect(readTrackers('["https://a.example", 7, "javascript:x"]')).toEqual(["https://a.example"]);
    for (const kept of [null, "", "{", "{}", "7"]) expect(readTrackers(kept)).toEqual([]);
  });
});
