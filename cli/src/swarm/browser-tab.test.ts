import { EventEmitter } from "node:events";
import type { Page } from "@playwright/test";
import { describe, expect, it } from "vitest";
import { BrowserTab } from "./browser-tab.ts";

const STATS = {
  startupMs: 300,
  latencyMs: 1000,
  stalls: { count: 1, totalMs: 90 },
  bytes: { fromPeers: 6, fromSeeder: 3, fromOrigin: 1, uploaded: 5, duplicate: 0, control: 7 },
  neighbors: 4,
};

/** As much of a page as a tab needs; `answer` is what the player in it says. */
class FakePage extends EventEmitter {
  answer: unknown = null;
  isOpening = true;

  async goto(): Promise<void> {
    if (!this.isOpening) throw new Error("net::ERR_CONNECTION_REFUSED\n  at http://127.0.0.1:1");
  }

  async evaluate(): Promise<unknown> {
    return this.answer;
  }

  async close(): Promise<void> {
    this.emit("close");
  }
}

function tabOn(page: FakePage): BrowserTab {
  return new BrowserTab("browser0", page as unknown as Page);
}

describe("a browser tab in a swarm", () => {
  it("is up when its picture is, and its stalls are its gaps", async () => {
    const page = new FakePage();
    const tab = tabOn(page);
    for (const answer of [null, "nonsense", { ...STATS, startupMs: null }]) {
      page.answer = answer;
      await tab.poll();
      expect(tab.member.state).toBe("starting");
    }
    page.answer = STATS;
    await tab.poll();
    expect(tab.member).toEqual({
      name: "browser0",
      state: "running",
      figures: {
        fromPeers: 6,
        fromSeeder: 3,
        fromOrigin: 1,
        uploaded: 5,
        gaps: 1,
        leftOutAtStart: 0,
      },
      neighbors: 4,
      latency: { now: 1000, mean: 1000, max: 1000 },
      kills: 0,
      problem: undefined,
    });
    await tab.stop();
    expect(tab.member).toMatchObject({ state: "stopped", problem: undefined });
  });

  it("tells when it crashed", () => {
    const page = new FakePage();
    const tab = tabOn(page);
    page.emit("crash");
    expect(tab.isRunning).toBe(false);
    expect(tab.member).toMatchObject({ state: "died", problem: "browser0 crashed" });
  });

  it("tells in one line why it could not open the page", async () => {
    const page = new FakePage();
    page.isOpening = false;
    const tab = tabOn(page);
    await tab.open("http://127.0.0.1:1/watch/a");
    expect(tab.member.problem).toBe(
      "browser0 cannot open http://127.0.0.1:1/watch/a: Error: net::ERR_CONNECTION_REFUSED",
    );
  });
});
