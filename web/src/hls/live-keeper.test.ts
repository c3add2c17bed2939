import { describe, expect, it } from "vitest";
import { jumpTarget, type LiveFacts } from "./live-keeper.ts";

const behind: LiveFacts = {
  latencySec: 4,
  targetLatencySec: 1.5,
  liveSyncPositionSec: 100,
  bufferedEndSec: 101,
  isBehindByWish: false,
};

describe("a player that fell behind", () => {
  it("goes on at its distance to live", () => expect(jumpTarget(behind)).toBe(100));

  it.each<[string, Partial<LiveFacts>]>([
    ["it is a second behind at most", { latencySec: 2.5 }],
    ["the media is not there yet", { bufferedEndSec: 100 }],
    ["its viewer went back", { isBehindByWish: true }],
    ["nothing is known of live", { liveSyncPositionSec: null }],
    ["there is no target", { targetLatencySec: null }],
  ])("stays when %s", (_, facts) => {
    expect(jumpTarget({ ...behind, ...facts })).toBeUndefined();
  });
});
