import { describe, expect, it } from "vitest";
import { type Scenario, STEADY } from "./scenario.ts";
import { parseScenario } from "./scenario-file.ts";
import { lasting, resized, viewersOf, withResourceIndex } from "./scenario-variants.ts";

const parse = (json: unknown) => parseScenario(json, "test");

describe("a scenario file", () => {
  it("has the values of the steady one where it says nothing", () => {
    expect(parse({})).toEqual({ ...STEADY, name: "test" });
  });

  it("changes only what it states, in nested objects too", () => {
    const scenario = parse({ stream: { stripes: 4 }, options: { pushShare: 0.3 } });
    expect(scenario.stream).toEqual({ ...STEADY.stream, stripes: 4 });
    expect(scenario.options).toEqual({ ...STEADY.options, pushShare: 0.3 });
  });

  it.each<[unknown, string]>([
    [[], "a scenario must be an object, got []"],
    [{ peers: 0 }, "peers must be a whole number from 1 to 200000, got 0"],
    [{ pers: 3 }, "pers is unknown; there are name, about, peers"],
    [{ stream: { stripes: "8" } }, 'stream.stripes must be a whole number from 1 to 16, got "8"'],
    [{ uplinks: [{ share: 1 }] }, "uplinks[0].ofStreamRate is missing"],
    [{ incidents: [{ type: "war" }] }, "incidents[0].type must be one of vanish, crowd"],
    [{ incidents: [{ type: "vanish", atMs: 1 }] }, "incidents[0].share is missing"],
    [{ misbehaving: [{ share: 0.1, as: "eclipser" }] }, "misbehaving[0].as must be one of"],
    [{ options: { pushSpeed: 1 } }, "options.pushSpeed is unknown"],
    [{ expect: { offload: { least: 1 } } }, "expect.offload.least is unknown"],
    [{ uplinks: [{ share: 0.5, ofStreamRate: 1 }] }, "shares of uplinks must be 1 together"],
    [{ latencyMs: { min: 100 } }, "latencyMs.min must not be above latencyMs.max"],
    [{ durationMs: 10_000 }, "durationMs must be above measureFromMs + playoutMs + 1000 = 18000"],
  ])("is refused in one line: %j", (json, message) => {
    expect(() => parse(json)).toThrow(message);
    expect(() => parse(json)).toThrow(/^[^\n]+$/);
  });
});

describe("variants of a scenario", () => {
  const crowd: Scenario = {
    ...STEADY,
    peers: 20,
    incidents: [{ atMs: 0, type: "crowd", viewers: 180, overMs: 1000 }],
  };

  it("keep a crowd's share when the size changes", () => {
    const large = resized(crowd, 1000);
    expect(viewersOf(large)).toBe(1000);
    expect(large.peers).toBe(100);
  });

  it("measure the second half of a run that is shorter than the warm-up", () => {
    expect(lasting(STEADY, 10_000).measureFromMs).toBe(5000);
    expect(lasting(STEADY, 60_000).measureFromMs).toBe(STEADY.measureFromMs);
  });

  it("have uplinks of the stated resource index, the source's included", () => {
    const { uplinks } = withResourceIndex(STEADY, 1.05);
    const mean = uplinks.reduce((sum, { share, ofStreamRate }) => sum + share * ofStreamRate, 0);
    expect(mean + STEADY.seederUplinkOfStreamRate / STEADY.peers).toBeCloseTo(1.05, 6);
  });
});
