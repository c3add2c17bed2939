import { expect, it } from "vitest";
import { readSetting, SETTING_NAMES, SETTINGS } from "./player-settings.ts";

it.each(SETTING_NAMES)("%s has its default where the attribute is missing or empty", (name) => {
  expect(readSetting(name, null)).toBe(SETTINGS[name].fallback);
  expect(readSetting(name, " ")).toBe(SETTINGS[name].fallback);
});

it("reads words and numbers", () => {
  expect(readSetting("p2p", "relay-only")).toBe("relay-only");
  expect(readSetting("target-latency", "auto")).toBe("auto");
  expect(readSetting("target-latency", " 2.5 ")).toBe(2.5);
  expect(readSetting("upload-limit", "0.1")).toBe(0.1);
  expect(readSetting("upload-budget", "0")).toBe(0);
});

it.each([
  ["p2p", "yes", "p2p must be on, off or relay-only"],
  ["target-latency", "0.4", "target-latency must be auto or 0.5 to 30 (seconds)"],
  ["target-latency", "1s", "target-latency must be auto or 0.5 to 30 (seconds)"],
  ["upload-limit", "0", "upload-limit must be 0.1 to 1000 (Mbit/s)"],
  ["min-audience", "-1", "min-audience must be 0 to 1000000 (viewers)"],
  ["upload-budget", "NaN", "upload-budget must be 0 to 1000000 (MB)"],
] as const)("refuses %s=%s and says what is allowed", (name, text, words) => {
  expect(() => readSetting(name, text)).toThrow(RangeError);
  expect(() => readSetting(name, text)).toThrow(`${words}, got "${text}"`);
});
