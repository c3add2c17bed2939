import type { PlayerEvents } from "../player/player-events.ts";
import type { PlayerStats } from "../player/player-stats.ts";

/** What a page may ask of the player in a frame, and what it gets for it. */
export type EmbedCommands = {
  play: { value: undefined; result: undefined };
  pause: { value: undefined; result: undefined };
  /** Without sound, or with it, where the browser allows that without a click. */
  setMuted: { value: boolean; result: undefined };
  jumpToLive: { value: undefined; result: undefined };
  toggleStats: { value: boolean | undefined; result: undefined };
  /** One of {@link SETTABLE}; null removes it. */
  setAttribute: { value: { name: string; text: string | null }; result: undefined };
  getStats: { value: undefined; result: PlayerStats };
};
export type EmbedCommandName = keyof EmbedCommands;

/** Attributes of the player a framing page may set: nothing that leads elsewhere. */
export const SETTABLE: readonly string[] = [
  "data-saver",
  "min-audience",
  "muted",
  "p2p",
  "rendition",
  "target-latency",
  "upload-limit",
];

/** Events of the player that are passed on. */
export const FORWARDED: readonly (keyof PlayerEvents)[] = [
  "live",
  "stall",
  "latencychange",
  "peerconnect",
  "peerdisconnect",
  "mesherror",
  "statechange",
];

/** From the page to the frame. `hello` comes first: it tells the frame whom to answer. */
export type ToEmbed =
  | { livemesh: 1; type: "hello" }
  | { livemesh: 1; type: "command"; id: number; name: EmbedCommandName; value?: unknown };

/** From the frame to the page. */
export type FromEmbed =
  | { livemesh: 1; type: "ready"; streamId: string; state: string }
  | { livemesh: 1; type: "event"; name: keyof PlayerEvents; detail: unknown }
  | { livemesh: 1; type: "result"; id: number; value?: unknown }
  | { livemesh: 1; type: "failure"; id: number; message: string };

const COMMANDS: readonly string[] = [
  "play",
  "pause",
  "setMuted",
  "jumpToLive",
  "toggleStats",
  "setAttribute",
  "getStats",
] satisfies EmbedCommandName[];

/** A message of ours; undefined for whatever else pages send each other. */
export function readToEmbed(message: unknown): ToEmbed | undefined {
  if (!isOurs(message)) return undefined;
  if (message.type === "hello") return { livemesh: 1, type: "hello" };
  const { type, id, name, value } = message;
  const isCommand = type === "command" && Number.isInteger(id) && COMMANDS.includes(String(name));
  if (!isCommand) return undefined;
  return { livemesh: 1, type, id: id as number, name: name as EmbedCommandName, value };
}

/** The same in the other direction. */
export function readFromEmbed(message: unknown): FromEmbed | undefined {
  if (!isOurs(message)) return undefined;
  const { type, id, name } = message;
  const isKnown =
    type === "ready" ||
    (type === "event" && (FORWARDED as readonly string[]).includes(String(name))) ||
    ((type === "result" || type === "failure") && Number.isInteger(id));
  return isKnown ? (message as FromEmbed) : undefined;
}

function isOurs(message: unknown): message is Record<string, unknown> {
  return typeof message === "object" && message !== null && Reflect.get(message, "livemesh") === 1;
}
