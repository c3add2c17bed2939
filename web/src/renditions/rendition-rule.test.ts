import { describe, expect, it } from "vitest";
import {
  DEFAULT_RENDITION_OPTIONS,
  type RenditionDecision,
  RenditionRule,
  type RenditionSample,
} from "./rendition-rule.ts";

const LADDER = [
  { id: "high", bandwidth: 5_000_000 },
  { id: "middle", bandwidth: 2_500_000 },
  { id: "low", bandwidth: 700_000 },
];
const CALM = { forwardBufferMs: 700, bps: 2_500_000 };

/** A viewer who changes as soon as it is told to, looked at once a second. */
class Viewer {
  readonly rule = new RenditionRule();
  readonly log: string[] = [];
  nowMs = 0;
  current: string;
  next: string | undefined;
  /** How long a change takes, in ms. */
  changeMs = 1000;
  #received = 0;
  #frames = { total: 0, dropped: 0 };
  #changeAtMs = 0;

  constructor(current = "middle") {
    this.current = current;
  }

  /** One second of this. */
  second(state: Partial<typeof CALM & RenditionSample> & { droppedShare?: number } = {}) {
    const { bps, droppedShare = 0, ...sample } = { ...CALM, ...state };
    this.nowMs += 1000;
    this.#received += bps / 8;
    this.#frames.total += 25;
    this.#frames.dropped += 25 * droppedShare;
    if (this.next !== undefined && this.nowMs >= this.#changeAtMs) {
      this.current = this.next;
      this.next = undefined;
    }
    const decision = this.rule.decide(
      {
        nowMs: this.nowMs,
        receivedBytes: this.#received,
        totalFrames: this.#frames.total,
        droppedFrames: this.#frames.dropped,
        isPlaying: true,
        isHidden: false,
        ...sample,
      },
      LADDER,
      this.current,
      this.next,
    );
    this.#follow(decision);
    return decision;
  }

  seconds(count: number, state: Parameters<Viewer["second"]>[0] = {}): void {
    for (let i = 0; i < count; i++) this.second(state);
  }

  #follow(decision: RenditionDecision): void {
    if (decision.type === "stay") return;
    this.log.push(`${this.nowMs / 1000} ${decision.type === "change" ? decision.id : "abort"}`);
    this.next = decision.type === "change" ? decision.id : undefined;
    this.#changeAtMs = this.nowMs + this.changeMs;
  }
}

describe("RenditionRule", () => {
  it("goes down to what the line carried, once media has been short for a second", () => {
    const viewer = new Viewer("high");
    viewer.seconds(4, { bps: 5_000_000 });
    viewer.second({ bps: 3_500_000, forwardBufferMs: 150 });
    expect(viewer.log).toEqual([]);
    viewer.second({ bps: 3_500_000, forwardBufferMs: 100 });
    expect(viewer.log).toEqual(["6 middle"]);
  });

  it("skips what the line would not carry either", () => {
    const viewer = new Viewer("high");
    viewer.seconds(4, { bps: 1_000_000 });
    viewer.seconds(2, { bps: 1_000_000, forwardBufferMs: 0 });
    expect(viewer.log).toEqual(["6 low"]);
  });

  it("takes the least when the line carries none", () => {
    const viewer = new Viewer("high");
    viewer.seconds(4, { bps: 550_000 });
    viewer.seconds(2, { bps: 550_000, forwardBufferMs: 0 });
    expect(viewer.log).toEqual(["6 low"]);
  });

  it("stays through a moment of short media, and when nothing comes at all", () => {
    const viewer = new Viewer("high");
    viewer.seconds(4, { bps: 5_000_000 });
    viewer.second({ bps: 5_000_000, forwardBufferMs: 0 });
    viewer.seconds(3, { bps: 5_000_000 });
    // The encoder is away.
    viewer.seconds(20, { bps: 0, forwardBufferMs: 0 });
    expect(viewer.log).toEqual([]);
  });

  it("stays while paused, however little media there is", () => {
    const viewer = new Viewer("high");
    viewer.seconds(30, { isPlaying: false, forwardBufferMs: 0 });
    expect(viewer.log).toEqual([]);
  });

  it("tries the next better one after some seconds of calm, one at a time", () => {
    const viewer = new Viewer("low");
    viewer.seconds(20);
    expect(viewer.log).toEqual(["7 middle", "14 high"]);
  });

  it("gives a change up that makes media short, and waits longer each time before the next try", () => {
    const viewer = new Viewer("low");
    viewer.changeMs = 4000;
    const tried: number[] = [];
    while (viewer.nowMs < 200_000) {
      // Both at once are too much for the line.
      viewer.second(viewer.next === undefined ? {} : { forwardBufferMs: 50 });
      const last = viewer.log.at(-1);
      if (last === `${viewer.nowMs / 1000} abort`) tried.push(viewer.nowMs / 1000);
    }
    expect(viewer.current).toBe("low");
    const pauses = tried.slice(1).map((at, i) => at - (tried[i] ?? 0));
    expect(pauses.length).toBeGreaterThan(1);
    for (const [i, pause] of pauses.entries()) {
      expect(pause).toBeGreaterThanOrEqual((DEFAULT_RENDITION_OPTIONS.retryMs / 1000) * 2 ** i);
    }
  });

  it("forgets a failure once a rendition has lasted", () => {
    const viewer = new Viewer("high");
    viewer.seconds(4, { bps: 3_500_000 });
    viewer.seconds(2, { bps: 3_500_000, forwardBufferMs: 0 });
    expect(viewer.current === "middle" || viewer.next === "middle").toBe(true);
    viewer.seconds(60);
    expect(viewer.current).toBe("high");
    const failures = viewer.log.length;
    viewer.seconds(2, { bps: 3_500_000, forwardBufferMs: 0 });
    viewer.seconds(30);
    // As soon as after the first failure.
    expect(viewer.log.slice(failures).map((line) => line.split(" ")[1])).toEqual([
      "middle",
      "high",
    ]);
  });

  it("lets things settle after a change before the next one down", () => {
    const viewer = new Viewer("high");
    viewer.seconds(4, { bps: 3_500_000 });
    viewer.seconds(4, { bps: 3_500_000, forwardBufferMs: 0 });
    expect(viewer.log).toEqual(["6 middle"]);
    viewer.seconds(3, { bps: 1_500_000, forwardBufferMs: 0 });
    expect(viewer.log).toHaveLength(2);
    expect(viewer.log[1]).toMatch(/low$/);
  });

  it("goes one down where the machine drops pictures, but not in a hidden tab", () => {
    const viewer = new Viewer("high");
    viewer.seconds(10, { bps: 5_000_000, droppedShare: 0.5, isHidden: true });
    expect(viewer.log).toEqual([]);
    viewer.seconds(6, { bps: 5_000_000, droppedShare: 0.5 });
    expect(viewer.log[0]).toMatch(/middle$/);
    viewer.seconds(8, { droppedShare: 0.1 });
    expect(viewer.log).toHaveLength(1);
  });

  it("has nothing to choose from in a stream with one rendition", () => {
    const rule = new RenditionRule();
    const sample = { isPlaying: true, isHidden: false, droppedFrames: 0, totalFrames: 0 };
    for (let nowMs = 0; nowMs < 60_000; nowMs += 1000) {
      const now = { ...sample, nowMs, receivedBytes: nowMs * 10, forwardBufferMs: 0 };
      expect(rule.decide(now, [{ id: "v0", bandwidth: 0 }], "v0", undefined).type).toBe("stay");
    }
  });
});
