import { expect, it } from "vitest";
import type { Rendition } from "../../renditions/rendition-list.ts";
import { type PlayerSettings, readSetting, SETTING_NAMES } from "../settings/player-settings.ts";
import { EN_CONTROLS } from "../texts/en-controls.ts";
import { type SettingsFacts, settingsModel } from "./settings-model.ts";

const settings = Object.fromEntries(
  SETTING_NAMES.map((name) => [name, readSetting(name, null)]),
) as PlayerSettings;
const rendition = (id: string, label: string, kind: Rendition["kind"] = "video"): Rendition => ({
  ...{ id, label, kind, width: null, height: null, bandwidth: 0 },
});
const renditions = [
  rendition("v0", "720p"),
  rendition("v1", "360p"),
  rendition("a0", "Audio only", "audio"),
];

function model(change: Partial<SettingsFacts>) {
  const facts = { settings, renditions: [], wish: "auto", current: null, ...change };
  const texts = { ...EN_CONTROLS, audioOnly: "Nur Ton" };
  const { choices, switches } = settingsModel(facts, texts);
  const labels = Object.fromEntries(
    choices.map(({ id, options }) => [id, options.map(({ label }) => label)]),
  );
  const values = Object.fromEntries(choices.map(({ id, value }) => [id, value]));
  return { labels, values, switches };
}

it("offers every rendition, and names the one the player chose by itself", () => {
  const auto = model({ renditions, current: "v1" });
  expect(auto.labels.quality).toEqual(["Automatic (360p)", "720p", "360p", "Nur Ton"]);
  const chosen = model({ renditions, current: "v1", wish: "v0" });
  expect(chosen.labels.quality?.[0]).toBe("Automatic");
  expect(chosen.values.quality).toBe("v0");
});

it("offers no choice where there is one rendition", () => {
  expect(model({ renditions: renditions.slice(0, 1) }).labels.quality).toEqual([]);
});

it("has the page's own latency in line with the others", () => {
  expect(model({}).labels.latency).toEqual(["Automatic", "1 s", "2 s", "4 s", "8 s", "15 s"]);
  const own = model({ settings: { ...settings, "target-latency": 3 } });
  expect(own.labels.latency?.slice(2, 5)).toEqual(["2 s", "3 s", "4 s"]);
  expect(own.values.latency).toBe("3");
});

it("has the switch for sharing on unless P2P is off", () => {
  expect(model({}).switches[0]?.isOn).toBe(true);
  expect(model({ settings: { ...settings, p2p: "off" } }).switches[0]?.isOn).toBe(false);
});
