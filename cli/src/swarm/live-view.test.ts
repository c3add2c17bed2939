import { describe, expect, it } from "vitest";
import { LiveView } from "./live-view.ts";
import { type Member, NO_FIGURES } from "./member.ts";
import type { SwarmState } from "./swarm.ts";

function members(count: number): Member[] {
  return Array.from({ length: count }, (_, index) => ({
    name: `peer${index}`,
    state: "running",
    figures: { ...NO_FIGURES, fromPeers: 2_000_000, gaps: index === count - 1 ? 1 : 0 },
    neighbors: 4,
    latency: { now: 400, mean: 400, max: 400 },
    kills: 0,
    problem: undefined,
  }));
}

function stateOf(elapsedMs: number, count: number): SwarmState {
  const rest = { watchUrl: "", source: undefined, end: undefined, failure: undefined };
  return { elapsedMs, members: members(count), isWhole: false, ...rest };
}

function viewOf(isTTY: boolean) {
  const written: string[] = [];
  const write = (text: string) => written.push(text) > 0;
  return { view: new LiveView({ isTTY, rows: 10, columns: 60, write }), written };
}

describe("the view of a running swarm", () => {
  it("is a line every five seconds where nothing can be redrawn", () => {
    const { view, written } = viewOf(false);
    for (const elapsedMs of [1000, 2000, 5999, 6000, 7000]) view.tick(stateOf(elapsedMs, 2));
    view.clear();
    expect(written).toEqual([
      "1 s  2 of 2 running  4.0 MB received  100 % from peers  " +
        "latency 400 ms, at most 400 ms  gaps 1\n",
      expect.stringMatching(/^6 s {2}/),
    ]);
  });

  it("is a table that stays in its place and fits a terminal", () => {
    const { view, written } = viewOf(true);
    view.tick(stateOf(1000, 3));
    expect(written).toEqual([expect.stringMatching(/^1 s .*\n.*neighbors.*\npeer2 .*\npeer0 /)]);
    view.tick(stateOf(2000, 30));
    expect(written[1]).toBe("\x1b[5A\r\x1b[J");
    const lines = written[2]?.trimEnd().split("\n") ?? [];
    expect(lines).toHaveLength(9);
    for (const line of lines) expect(line.length).toBeLessThan(60);
    // Those with something wrong first: they must not be among those that do not fit.
    expect(lines[2]).toMatch(/^peer29 /);
    expect(lines.at(-1)).toBe("… and 24 more");
  });

  it("makes way for what there is to say", () => {
    const { view, written } = viewOf(true);
    view.tick(stateOf(1000, 1));
    view.say("peer0 killed");
    expect(written.slice(1)).toEqual(["\x1b[3A\r\x1b[J", "peer0 killed\n"]);
  });
});
