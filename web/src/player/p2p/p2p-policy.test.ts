import { describe, expect, it } from "vitest";
import { decideP2p, type P2pFacts } from "./p2p-policy.ts";

const FREE: P2pFacts = {
  hasWebRtc: true,
  mode: "on",
  hasConsent: true,
  dataSaver: "auto",
  isMetered: false,
  isBatteryLow: false,
  uploadedBytes: 0,
  uploadBudgetBytes: Number.POSITIVE_INFINITY,
  minAudience: 0,
  audience: undefined,
  hiddenTab: "auto",
  isHidden: false,
  isPaused: false,
};

describe("what leaves this browser for other viewers", () => {
  it.each<[string, Partial<P2pFacts>, string]>([
    ["no WebRTC", { hasWebRtc: false }, "no-webrtc"],
    ["p2p=off", { mode: "off" }, "switched-off"],
    ["no consent", { hasConsent: false }, "no-consent"],
    ["a metered connection", { isMetered: true }, "metered"],
    ["data-saver=on", { dataSaver: "on" }, "metered"],
    ["a low battery", { isBatteryLow: true }, "battery-low"],
    ["a budget that is used up", { uploadedBytes: 5, uploadBudgetBytes: 5 }, "budget-used-up"],
    ["a budget of nothing", { uploadBudgetBytes: 0 }, "budget-used-up"],
    ["an unknown audience", { minAudience: 10 }, "small-audience"],
    ["an audience that is too small", { minAudience: 10, audience: 9 }, "small-audience"],
    ["a hidden tab that is paused", { isHidden: true, isPaused: true }, "hidden"],
    ["hidden-tab=off", { isHidden: true, hiddenTab: "off" }, "hidden"],
  ])("is nothing with %s", (_, change, reason) => {
    expect(decideP2p({ ...FREE, ...change })).toEqual({ isOn: false, reason });
  });

  it.each<[string, Partial<P2pFacts>]>([
    ["nothing against it", {}],
    ["a metered connection that is allowed", { isMetered: true, dataSaver: "off" }],
    ["a low battery that is allowed", { isBatteryLow: true, dataSaver: "off" }],
    ["a byte of the budget left", { uploadedBytes: 4, uploadBudgetBytes: 5 }],
    ["just enough of an audience", { minAudience: 10, audience: 10 }],
    ["a hidden tab that plays", { isHidden: true }],
    ["hidden-tab=on", { isHidden: true, isPaused: true, hiddenTab: "on" }],
  ])("is blocks with %s", (_, change) => {
    expect(decideP2p({ ...FREE, ...change })).toEqual({ isOn: true, isRelayOnly: false });
  });

  it("goes over relays alone where that is wanted", () => {
    expect(decideP2p({ ...FREE, mode: "relay-only" })).toEqual({ isOn: true, isRelayOnly: true });
  });
});
