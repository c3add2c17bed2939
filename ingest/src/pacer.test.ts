import { describe, expect, it } from "vitest";
import { Pacer } from "./pacer.ts";

const chunk = (mediaTimeMs: number, isDiscontinuity = false) => ({ mediaTimeMs, isDiscontinuity });

describe("pacing a file (no advance)", () => {
  it("lets the first chunk go and spaces the others by media time", () => {
    const pacer = new Pacer({ aheadMs: 0 });
    expect(pacer.waitMs(chunk(0), 50_000)).toBe(0);
    expect(pacer.waitMs(chunk(200), 50_000)).toBe(200);
    expect(pacer.waitMs(chunk(400), 50_200)).toBe(200);
  });

  it("makes up for late timers instead of adding them up", () => {
    const pacer = new Pacer({ aheadMs: 0 });
    pacer.waitMs(chunk(0), 0);
    expect(pacer.waitMs(chunk(200), 3)).toBe(197);
    expect(pacer.waitMs(chunk(400), 207)).toBe(193);
    expect(pacer.waitMs(chunk(600), 640)).toBe(0);
    expect(pacer.waitMs(chunk(800), 640)).toBe(160);
  });

  it("does not hold the second track back, nor take it for late", () => {
    const pacer = new Pacer({ aheadMs: 0, lateMs: 50 });
    pacer.waitMs(chunk(0), 0);
    expect(pacer.waitMs(chunk(200), 0)).toBe(200);
    expect(pacer.waitMs(chunk(100), 200)).toBe(0);
    expect(pacer.waitMs(chunk(200), 200)).toBe(0);
    expect(pacer.waitMs(chunk(400), 200)).toBe(200);
  });

  it("keeps the pace over a loop: no advance and no loss at the seam", () => {
    const pacer = new Pacer({ aheadMs: 0 });
    pacer.waitMs(chunk(0), 0);
    expect(pacer.waitMs(chunk(200), 0)).toBe(200);
    expect(pacer.waitMs(chunk(400, true), 200)).toBe(200);
    expect(pacer.waitMs(chunk(600), 400)).toBe(200);
  });
});

describe("pacing a live source", () => {
  it("lets media run ahead by aheadMs, and not a millisecond more", () => {
    const pacer = new Pacer({ aheadMs: 1000 });
    pacer.waitMs(chunk(0), 0);
    expect(pacer.waitMs(chunk(1000), 0)).toBe(0);
    expect(pacer.waitMs(chunk(1001), 0)).toBe(1);
  });

  it("catches up what is late by lateMs, and starts real time anew beyond that", () => {
    const tolerant = new Pacer({ aheadMs: 0, lateMs: 500 });
    tolerant.waitMs(chunk(0), 0);
    expect(tolerant.waitMs(chunk(200), 700)).toBe(0);
    expect(tolerant.waitMs(chunk(700), 700)).toBe(0);
    expect(tolerant.waitMs(chunk(701), 700)).toBe(1);

    const beyond = new Pacer({ aheadMs: 0, lateMs: 500 });
    beyond.waitMs(chunk(0), 0);
    expect(beyond.waitMs(chunk(200), 701)).toBe(0);
    expect(beyond.waitMs(chunk(700), 701)).toBe(500);
  });

  it("owes nothing after a stall: no burst however long it was", () => {
    const pacer = new Pacer({ aheadMs: 1000 });
    pacer.waitMs(chunk(0), 0);
    expect(pacer.waitMs(chunk(200), 60_000)).toBe(0);
    expect(pacer.waitMs(chunk(1200), 60_000)).toBe(0);
    expect(pacer.waitMs(chunk(1201), 60_000)).toBe(1);
  });

  it("owes nothing for the time between two encoders, be it short", () => {
    const pacer = new Pacer({ aheadMs: 0, lateMs: 500 });
    pacer.waitMs(chunk(0), 0);
    expect(pacer.waitMs(chunk(200, true), 300)).toBe(0);
    expect(pacer.waitMs(chunk(400), 300)).toBe(200);
  });
});

describe("clocks and time stamps that jump", () => {
  it("waits maxWaitMs at most, and takes more for a jump", () => {
    const waits = new Pacer({ aheadMs: 0, maxWaitMs: 10_000 });
    waits.waitMs(chunk(0), 0);
    expect(waits.waitMs(chunk(10_000), 0)).toBe(10_000);

    const jumps = new Pacer({ aheadMs: 0, maxWaitMs: 10_000 });
    jumps.waitMs(chunk(0), 0);
    expect(jumps.waitMs(chunk(10_001), 0)).toBe(0);
    expect(jumps.waitMs(chunk(10_201), 0)).toBe(200);
  });

  it("goes on when the clock is set back by an hour", () => {
    const pacer = new Pacer({ aheadMs: 0 });
    pacer.waitMs(chunk(0), 3_600_000);
    expect(pacer.waitMs(chunk(200), 0)).toBe(0);
    expect(pacer.waitMs(chunk(400), 0)).toBe(200);
  });
});
