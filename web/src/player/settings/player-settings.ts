/** Whether viewers' browsers talk to each other: freely, not at all, or over TURN servers alone. */
export type P2pMode = "on" | "off" | "relay-only";
/** `auto`: no P2P where the browser says that data or battery are scarce. `on`: as if it always
 * said so. `off`: it is not asked. */
export type DataSaver = "auto" | "on" | "off";
/** What P2P does in a tab nobody looks at: `auto` goes on while it plays and rests once it is paused. */
export type HiddenTab = "auto" | "on" | "off";

export type PlayerSettings = {
  /** Seconds behind live, or as close as goes well. */
  "target-latency": "auto" | number;
  p2p: P2pMode;
  /** Mbit/s. */
  "upload-limit": number;
  /** MB (10⁶ bytes) per visit of a stream. */
  "upload-budget": number;
  "data-saver": DataSaver;
  /** Viewers there have to be before anybody connects to anybody. */
  "min-audience": number;
  "hidden-tab": HiddenTab;
};

export type SettingName = keyof PlayerSettings;

type Setting<T> = { fallback: T; allowed: string; read(text: string): T | undefined };

/** What each attribute may say, and what goes without it. docs/player.md lists the same. */
export const SETTINGS: { readonly [N in SettingName]: Setting<PlayerSettings[N]> } = {
  "target-latency": {
    fallback: "auto",
    allowed: "auto or 0.5 to 30 (seconds)",
    read: (text) => (text === "auto" ? "auto" : numberIn(text, 0.5, 30)),
  },
  p2p: oneOf("on", "off", "relay-only"),
  "upload-limit": number({ fallback: 10, min: 0.1, max: 1000, unit: "Mbit/s" }),
  "upload-budget": number({ fallback: Number.POSITIVE_INFINITY, min: 0, max: 1e6, unit: "MB" }),
  "data-saver": oneOf("auto", "on", "off"),
  "min-audience": number({ fallback: 0, min: 0, max: 1e6, unit: "viewers" }),
  "hidden-tab": oneOf("auto", "on", "off"),
};

export const SETTING_NAMES = Object.keys(SETTINGS) as SettingName[];

/**
 * What an attribute means; its default where it is missing or empty.
 * @throws {RangeError} In one line: what was found, and what is allowed.
 */
export function readSetting<N extends SettingName>(
  name: N,
  text: string | null,
): PlayerSettings[N] {
  const setting: Setting<PlayerSettings[N]> = SETTINGS[name];
  if (text === null || text.trim() === "") return setting.fallback;
  const value = setting.read(text.trim());
  if (value !== undefined) return value;
  throw new RangeError(`${name} must be ${setting.allowed}, got "${text.slice(0, 40)}"`);
}

function oneOf<T extends string>(fallback: T, ...others: T[]): Setting<T> {
  const words = [fallback, ...others];
  return {
    fallback,
    allowed: `${words.slice(0, -1).join(", ")} or ${words.at(-1)}`,
    read: (text) => words.find((word) => word === text),
  };
}

type NumberRange = { fallback: number; min: number; max: number; unit: string };

function number({ fallback, min, max, unit }: NumberRange): Setting<number> {
  return {
    fallback,
    allowed: `${min} to ${max} (${unit})`,
    read: (text) => numberIn(text, min, max),
  };
}

function numberIn(text: string, min: number, max: number): number | undefined {
  const value = Number(text);
  return value >= min && value <= max ? value : undefined;
}
