import { describe, expect, it } from "vitest";
import { LatencyController } from "./latency-controller.ts";

const at = (nowMs: number, latencyMs: number, forwardBufferMs = 600) => ({
  nowMs,
  latencyMs,
  forwardBufferMs,
});
const rate = (value: number) => ({ type: "rate", rate: value });

describe("LatencyController", () => {
  it("plays at the normal rate near its target of one second", () => {
    const control = new LatencyController();
    expect(control.targetMs).toBe(1000);
    expect(control.decide(at(0, 1150))).toEqual(rate(1));
    expect(control.decide(at(250, 850))).toEqual(rate(1));
  });

  it("catches up by 5 % beyond 150 ms, and until 30 ms are left", () => {
    const control = new LatencyController();
    expect(control.decide(at(0, 1151))).toEqual(rate(1.05));
    expect(control.decide(at(250, 1031))).toEqual(rate(1.05));
    expect(control.decide(at(500, 1030))).toEqual(rate(1));
    expect(control.decide(at(750, 1150))).toEqual(rate(1));
  });

  it("falls back by 5 % beyond 150 ms, and until 30 ms are left", () => {
    const control = new LatencyController();
    expect(control.decide(at(0, 849))).toEqual(rate(0.95));
    expect(control.decide(at(250, 969))).toEqual(rate(0.95));
    expect(control.decide(at(500, 970))).toEqual(rate(1));
  });

  it("does not hurry towards the end of a short buffer", () => {
    const control = new LatencyController();
    expect(control.decide(at(0, 2000, 150))).toEqual(rate(1));
    expect(control.decide(at(250, 2000, 151))).toEqual(rate(1.05));
  });

  it("jumps only when catching up is hopeless and there is media to jump to", () => {
    const control = new LatencyController();
    expect(control.decide(at(0, 2500, 2000))).toEqual(rate(1.05));
    expect(control.decide(at(250, 2501, 1000))).toEqual(rate(1.05));
    expect(control.decide(at(500, 2501, 1001))).toEqual({ type: "jump" });
    expect(control.decide(at(750, 1000))).toEqual(rate(1));
  });

  it("keeps 250 ms more distance after each stall, up to four seconds", () => {
    const control = new LatencyController();
    control.stalled(0);
    expect(control.targetMs).toBe(1250);
    for (let stall = 0; stall < 20; stall++) control.stalled(0);
    expect(control.targetMs).toBe(4000);
  });

  it("comes nearer by what the buffer had to spare for four seconds, 200 ms at a time", () => {
    const control = new LatencyController();
    control.stalled(0);
    control.stalled(0);
    control.decide(at(0, 1500, 900));
    control.decide(at(2000, 1500, 700));
    control.decide(at(3999, 1500, 900));
    expect(control.targetMs).toBe(1500);
    control.decide(at(4000, 1500, 900));
    expect(control.targetMs).toBe(1300);
    control.decide(at(6000, 1300, 430));
    control.decide(at(8000, 1300, 500));
    expect(control.targetMs).toBe(1220);
  });

  it("comes no nearer than 950 ms, nor without anything to spare", () => {
    const control = new LatencyController();
    for (let nowMs = 0; nowMs <= 60_000; nowMs += 1000) control.decide(at(nowMs, 1000, 900));
    expect(control.targetMs).toBe(950);
    const tight = new LatencyController();
    for (let nowMs = 0; nowMs <= 60_000; nowMs += 1000) tight.decide(at(nowMs, 1000, 350));
    expect(tight.targetMs).toBe(1000);
  });

  it("is not calm with a short buffer or after a stall", () => {
    const control = new LatencyController();
    control.decide(at(0, 1000));
    control.decide(at(2000, 1000, 349));
    control.decide(at(5999, 1000));
    expect(control.targetMs).toBe(1000);
    control.stalled(5999);
    control.decide(at(9998, 1000));
    expect(control.targetMs).toBe(1250);
    control.decide(at(9999, 1000));
    expect(control.targetMs).toBeLessThan(1250);
  });
});
