import { describe, expect, it } from "vitest";
import { type Member, NO_FIGURES } from "./member.ts";
import { summarize } from "./summary.ts";
import { summaryLines } from "./summary-text.ts";
import type { SwarmState } from "./swarm.ts";

function member(name: string, part: Partial<Member> = {}): Member {
  return {
    name,
    state: "stopped",
    figures: {
      fromPeers: 600,
      fromSeeder: 300,
      fromOrigin: 100,
      uploaded: 500,
      gaps: 0,
      leftOutAtStart: 1,
    },
    neighbors: 0,
    latency: { now: undefined, mean: 512.4, max: 900.6 },
    kills: 0,
    problem: undefined,
    ...part,
  };
}

function stateOf(members: Member[], part: Partial<SwarmState> = {}): SwarmState {
  return {
    watchUrl: "http://127.0.0.1:1/watch/a",
    elapsedMs: 12_345.6,
    members,
    source: { copy: 1000, seeder: 700, origin: 300 },
    end: "stopped",
    failure: undefined,
    isWhole: false,
    ...part,
  };
}

describe("the summary of a swarm", () => {
  it("adds up who got what from whom", () => {
    expect(summarize(stateOf([member("peer0"), member("peer1", { kills: 2 })]))).toEqual({
      watchUrl: "http://127.0.0.1:1/watch/a",
      durationMs: 12_346,
      end: "stopped",
      members: [
        {
          name: "peer0",
          state: "stopped",
          fromPeers: 600,
          fromSeeder: 300,
          fromOrigin: 100,
          uploaded: 500,
          gaps: 0,
          leftOutAtStart: 1,
          receivedBytes: 1000,
          latencyMs: { mean: 512, max: 901 },
          kills: 0,
        },
        expect.objectContaining({ name: "peer1", kills: 2 }),
      ],
      totals: {
        fromPeers: 1200,
        fromSeeder: 600,
        fromOrigin: 200,
        uploaded: 1000,
        gaps: 0,
        leftOutAtStart: 2,
        receivedBytes: 2000,
        kills: 2,
      },
      offload: 0.6,
      source: { copy: 1000, seeder: 700, origin: 300, copies: 1 },
      problems: [],
    });
  });

  it("of nothing has no shares", () => {
    const summary = summarize(stateOf([], { source: undefined }));
    expect(summary).toMatchObject({ offload: null, source: null, problems: [] });
  });

  it.each([
    [member("peer3", { problem: "peer3 ended with code 3" }), "peer3 ended with code 3"],
    [member("peer3", { figures: { ...NO_FIGURES, fromPeers: 9, gaps: 2 } }), "peer3 has gaps: 2"],
    [member("peer3", { figures: NO_FIGURES }), "peer3 received nothing"],
  ])("finds what went wrong", (one, problem) => {
    expect(summarize(stateOf([member("peer0"), one])).problems).toEqual([problem]);
  });

  it("misses bytes only of those who were there from the first one on", () => {
    const short = { figures: { ...NO_FIGURES, fromPeers: 999 } };
    const members = [
      member("peer0"),
      member("peer1", short),
      member("peer2", { ...short, kills: 1 }),
    ];
    expect(summarize(stateOf(members)).problems).toEqual([]);
    const whole = summarize(stateOf(members, { isWhole: true }));
    expect(whole.problems).toEqual(["peer1 lacks 1 of 1000 bytes"]);
  });

  it("names a failure of the whole first", () => {
    const failure = "tracker ended with code 1";
    const { problems } = summarize(
      stateOf([member("peer0", { figures: NO_FIGURES })], { failure }),
    );
    expect(problems[0]).toBe(failure);
  });

  it("for people is a table, totals and a few of the problems", () => {
    const broken = Array.from({ length: 13 }, (_, index) =>
      member(`peer${index}`, { problem: `peer${index} ended with SIGABRT` }),
    );
    const state = stateOf([member("peer99"), ...broken]);
    const lines = summaryLines(summarize(state), state, { logDir: "logs" });
    expect(lines[0]).toMatch(/gaps +left out +kills$/);
    expect(lines[1]).toMatch(
      /^peer99 +stopped +0\.0 MB +60 % +30 % +10 % .* 512 ms +901 ms +0 +1 +0$/,
    );
    expect(lines).toContainEqual(
      expect.stringMatching(/0 gaps; 14 chunks left out at the start; 0/),
    );
    expect(lines).toContain("14 members, 12 s; ended: stopped");
    expect(lines.filter((line) => line.startsWith("problem:"))).toHaveLength(11);
    expect(lines.at(-1)).toBe("problem: 3 more like these");
  });
});
