import { describe, expect, it } from "vitest";
import { BitrateMeter } from "./bitrate-meter.ts";

/** @param rateBps In chunks of 200 ms. */
function feed(meter: BitrateMeter, rateBps: number, spanMs: number): void {
  for (let atMs = 0; atMs < spanMs; atMs += 200) meter.note(rateBps / 8 / 5, 200);
}

describe("BitrateMeter", () => {
  it("has something to say after two seconds, and not before", () => {
    const meter = new BitrateMeter();
    feed(meter, 1_000_000, 1800);
    expect(meter.isWorthAnnouncing).toBe(false);
    feed(meter, 1_000_000, 200);
    expect(meter.isWorthAnnouncing).toBe(true);
    meter.announce();
    expect(meter.announcedBps).toBe(1_000_000);
    expect(meter.isWorthAnnouncing).toBe(false);
  });

  it("does not repeat itself for small changes, nor often", () => {
    const meter = new BitrateMeter();
    feed(meter, 1_000_000, 2000);
    meter.announce();
    feed(meter, 1_200_000, 40_000);
    expect(meter.isWorthAnnouncing).toBe(false);
    feed(meter, 2_000_000, 8000);
    expect(meter.isWorthAnnouncing).toBe(true);
    meter.announce();
    feed(meter, 500_000, 8000);
    expect(meter.isWorthAnnouncing).toBe(false);
    feed(meter, 500_000, 12_000);
    expect(meter.isWorthAnnouncing).toBe(true);
  });
});
