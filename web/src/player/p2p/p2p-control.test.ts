import { expect, it, vi } from "vitest";
import { type PlayerSettings, readSetting, SETTING_NAMES } from "../settings/player-settings.ts";
import { P2pControl } from "./p2p-control.ts";

function control(
  change: Partial<PlayerSettings> = {},
  mayShare = () => true,
  device = { isMetered: false, isBatteryLow: false },
) {
  const settings = Object.fromEntries(
    SETTING_NAMES.map((name) => [name, readSetting(name, null)]),
  ) as PlayerSettings;
  Object.assign(settings, change);
  const run = { uploadedBytes: 0, audience: undefined as number | undefined, isPaused: false };
  const p2p = new P2pControl({
    settings: () => settings,
    hasWebRtc: true,
    device: () => device,
    run: () => run,
    isHidden: () => false,
    mayShare,
  });
  return { p2p, settings, run };
}

it("asks the page once, and does without until somebody says yes", () => {
  const mayShare = vi.fn(() => false);
  const { p2p } = control({}, mayShare);
  expect(p2p.way.links).toBe("none");
  p2p.update();
  p2p.update();
  expect(mayShare).toHaveBeenCalledTimes(1);
  expect(p2p.decision).toEqual({ isOn: false, reason: "no-consent" });
  p2p.allow();
  p2p.update();
  expect(p2p.way).toEqual({ links: "all", uploadLimitBps: 10_000_000 });
  expect(mayShare).toHaveBeenCalledTimes(1);
});

it("does not ask for what is not going to happen", () => {
  const mayShare = vi.fn(() => true);
  const { p2p, run } = control({ "min-audience": 5 }, mayShare);
  p2p.update();
  expect(mayShare).not.toHaveBeenCalled();
  run.audience = 5;
  p2p.update();
  expect(mayShare).toHaveBeenCalledTimes(1);
});

it("ends when the budget is used up, and not a byte before", () => {
  const { p2p, run } = control({ "upload-budget": 2, "upload-limit": 0.5 });
  run.uploadedBytes = 1_999_999;
  p2p.update();
  expect(p2p.way).toEqual({ links: "all", uploadLimitBps: 500_000 });
  run.uploadedBytes = 2_000_000;
  p2p.update();
  expect(p2p.decision).toEqual({ isOn: false, reason: "budget-used-up" });
});

it("asks the device itself, which answers by getters of its class", () => {
  const { p2p } = control(
    {},
    () => true,
    new (class {
      get isMetered() {
        return true;
      }
      get isBatteryLow() {
        return false;
      }
    })(),
  );
  p2p.update();
  expect(p2p.decision).toEqual({ isOn: false, reason: "metered" });
});

it("changes its way with the mode", () => {
  const { p2p, settings } = control();
  p2p.update();
  settings.p2p = "relay-only";
  p2p.update();
  expect(p2p.way.links).toBe("relay-only");
});
