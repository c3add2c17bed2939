import { describe, expect, it } from "vitest";
import { costOf, messageAllowance } from "./message-allowance.ts";
import { EngineRig, sent } from "./testing/engine-rig.ts";
import { testBlocks, testPeerId } from "./testing/test-stream.ts";

const mallory = testPeerId("mallory");

describe("what a neighbor may say", () => {
  it("is a second's worth at once, and then no more than comes back", () => {
    const allowance = messageAllowance();
    const taken = (nowMs: number) => {
      let count = 0;
      while (allowance.take(1, nowMs)) count++;
      return count;
    };
    expect(taken(5000)).toBe(300);
    expect(taken(5100)).toBe(30);
    expect(taken(100_000)).toBe(300);
  });

  it("is less in long messages, and in questions with many answers", () => {
    expect(costOf({ type: "ping", token: 1 }, 5)).toBe(1);
    expect(costOf(undefined, 16 * 1024)).toBe(128);
    const [block] = testBlocks({ track: 0, sequence: 1, sourceTimeMs: 0, sizeBytes: 9000 });
    if (block === undefined) throw new Error("a block expected");
    expect(costOf({ type: "block", block }, 9000)).toBe(0.25);
    const indexes = Array.from({ length: 64 }, (_, index) => index);
    expect(costOf({ type: "request", track: 0, sequence: 1, indexes }, 135)).toBe(16);
  });
});

describe("a viewer", () => {
  const talk = (rig: EngineRig, messages: number) => {
    const pings = { type: "ping", token: 1 } as const;
    return Array.from({ length: messages }, () => rig.message(mallory, pings)).flat();
  };

  it("parts from a neighbor that asks without end, and leaves what follows unread", () => {
    const rig = new EngineRig();
    rig.connect(mallory);
    const actions = talk(rig, 5000);
    expect(actions).toContainEqual({ type: "disconnect", peer: mallory, reason: "bad-messages" });
    expect(sent(mallory, "pong", actions).length).toBeLessThan(400);
    expect(rig.engine.stats().neighbors).toEqual([]);
  });

  it("counts messages it does not know, too", () => {
    const rig = new EngineRig();
    rig.connect(mallory);
    for (let i = 0; i < 5000; i++) {
      rig.feed({ type: "unknown-message", from: mallory, sizeBytes: 10 });
    }
    expect(rig.engine.stats().neighbors).toEqual([]);
  });

  it("does not blame a neighbor for what piled up while it slept itself", () => {
    const rig = new EngineRig();
    rig.connect(mallory);
    rig.nowMs += 60_000;
    talk(rig, 5000);
    expect(rig.engine.stats().neighbors).toHaveLength(1);
  });
});
