import type { Rendition } from "../../renditions/rendition-list.ts";
import type { PlayerSettings } from "../settings/player-settings.ts";
import { type ControlsTexts, fill } from "../texts/player-texts.ts";
import type { Choice, SettingsModel } from "./settings-panel.ts";

/** What the settings show follows from. */
export type SettingsFacts = {
  settings: PlayerSettings;
  renditions: readonly Rendition[];
  /** Id of the rendition that was asked for, or `auto`, and of the one on screen. */
  wish: string;
  current: string | null;
};

/** Latencies offered, in seconds; the page may have set another. */
const LATENCIES_SEC = [1, 2, 4, 8, 15];

export function settingsModel(facts: SettingsFacts, texts: ControlsTexts): SettingsModel {
  const { settings } = facts;
  return {
    choices: [quality(facts, texts), latency(settings["target-latency"], texts)],
    switches: [{ id: "share", label: "share", hint: "shareHint", isOn: settings.p2p !== "off" }],
  };
}

function quality({ renditions, wish, current }: SettingsFacts, texts: ControlsTexts): Choice {
  const labelOf = ({ kind, label }: Rendition) => (kind === "audio" ? texts.audioOnly : label);
  const options = renditions.map((rendition) => ({
    value: rendition.id,
    label: labelOf(rendition),
  }));
  const shown = renditions.find(({ id }) => id === current);
  const automatic =
    wish === "auto" && shown !== undefined
      ? `${texts.automatic} (${labelOf(shown)})`
      : texts.automatic;
  // Alone there is nothing to choose.
  const isChoice = renditions.length > 1;
  return {
    id: "quality",
    label: "quality",
    value: wish,
    options: isChoice ? [{ value: "auto", label: automatic }, ...options] : [],
  };
}

function latency(target: PlayerSettings["target-latency"], texts: ControlsTexts): Choice {
  const offered = new Set(target === "auto" ? LATENCIES_SEC : [...LATENCIES_SEC, target]);
  const options = [...offered]
    .sort((one, other) => one - other)
    .map((sec) => ({ value: String(sec), label: fill(texts.seconds, { seconds: sec }) }));
  return {
    id: "latency",
    label: "latency",
    value: String(target),
    options: [{ value: "auto", label: texts.automatic }, ...options],
  };
}
